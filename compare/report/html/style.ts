/** The page's own style. Colours are pairs for light and dark; what is removed or added is never told by colour alone. */
export const STYLE = `:root{color-scheme:light dark;
--paper:light-dark(#fbfaf7,#15161a);--sheet:light-dark(#fff,#1c1e23);--ink:light-dark(#1d1c1a,#e6e4df);--soft:light-dark(#67635c,#a19d94);--line:light-dark(#e2ded6,#32353c);
--old:light-dark(#fdeeec,#3a1f1f);--old-mark:light-dark(#f6c7c1,#6e2f2c);--old-ink:light-dark(#8f2219,#f3a69d);
--new:light-dark(#eaf6ed,#17301f);--new-mark:light-dark(#b9e3c4,#28583a);--new-ink:light-dark(#17603a,#93d6ab);
--tag:light-dark(#eceaf8,#2c2b45);--tag-ink:light-dark(#423a8c,#c3bdf5);--warn:light-dark(#fbefd5,#3d3117);--warn-ink:light-dark(#7a5200,#ecc878);--focus:light-dark(#3b5bdb,#91a7ff);
--mono:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace}
*{box-sizing:border-box}
html{scroll-padding-top:4rem}
body{margin:0;padding:clamp(.75rem,2.5vw,2.5rem);background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;overflow-wrap:anywhere}
header,main,nav,.end{max-width:100rem;margin-inline:auto}
h1{margin:0 0 .75rem;font-size:clamp(1.6rem,4vw,2.25rem);line-height:1.1;letter-spacing:-.02em}
h1::before{content:'≠ ';color:var(--old-ink)}h1.same::before{content:'= ';color:var(--new-ink)}
h2{margin:0;font-size:.75rem;font-weight:600;text-transform:uppercase;letter-spacing:.08em;color:var(--soft)}
p{margin:0}
.inputs{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:.75rem}
.inputs section{padding:.75rem 1rem;background:var(--sheet);border:1px solid var(--line);border-left:4px solid var(--old-ink);border-radius:.375rem}
.inputs .right{border-left-color:var(--new-ink)}
.inputs .name{font:600 .95rem/1.4 var(--mono)}
.facts{color:var(--soft);font-size:.875rem}
.digest{font:.75rem/1.5 var(--mono);color:var(--soft)}
header>.facts{margin-top:1rem}
ul{margin:.5rem 0;padding:0;list-style:none}
.reasons{display:flex;flex-wrap:wrap;gap:.35rem .9rem;margin:.25rem 0 0}
.tag{display:inline-block;padding:0 .45em;border-radius:.25rem;background:var(--tag);color:var(--tag-ink);font-size:.8125rem;line-height:1.5;text-decoration:none;white-space:nowrap}
a.tag:hover{text-decoration:underline}
.tag.cut{background:var(--warn);color:var(--warn-ink)}
nav{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1rem;margin-top:1rem;padding:.5rem 0;background:var(--paper);border-bottom:1px solid var(--line);font-size:.875rem}
fieldset{display:flex;gap:.25rem .75rem;margin:0;padding:0;border:0}
legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
label{display:inline-flex;align-items:center;gap:.35rem;min-height:2rem}
input{accent-color:var(--focus);margin:0}
.buttons{display:flex;flex-wrap:wrap;gap:.35rem;margin-left:auto}.buttons[hidden]{display:none}
button{min-height:2rem;padding:0 .65rem;border:1px solid var(--line);border-radius:.375rem;background:var(--sheet);color:inherit;font:inherit;cursor:pointer}
button:hover{border-color:var(--soft)}
:focus-visible{outline:2px solid var(--focus);outline-offset:1px;border-radius:.25rem}
main{margin-top:1rem}
.node{margin:.25rem 0}
summary{position:relative;padding:.25rem 2rem .25rem 1.35rem;border-radius:.375rem;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
summary::before{content:'';position:absolute;left:.35rem;top:.72rem;border:.3rem solid transparent;border-left:.4rem solid var(--soft)}
[open]>summary::before{transform:rotate(90deg);left:.25rem;top:.75rem}
summary:hover{background:light-dark(#f1eee8,#22252b)}
summary .name{font:600 .9rem/1.5 var(--mono);margin-right:.35rem}
.kind{color:var(--soft);font-size:.8125rem}
.tags:empty{display:none}.tags{margin-left:.35rem;display:inline-flex;flex-wrap:wrap;gap:.25rem;vertical-align:baseline}
summary .facts{display:block}
.at{position:absolute;right:.5rem;top:.25rem;color:var(--soft);text-decoration:none;opacity:.45}
.at:hover,.at:focus{opacity:1}
.body{margin-left:.6rem;padding:.1rem 0 .25rem .75rem;border-left:1px solid var(--line)}
.why,.notes{font-size:.875rem}
.why li,.notes li{margin:.2rem 0}
.notes li{padding-left:1.1em;text-indent:-1.1em;color:var(--soft)}.notes li::before{content:'※ '}
del,ins{text-decoration:none;font-family:var(--mono);font-size:.8125rem;padding:0 .25em;border-radius:.2em}
summary del,summary ins{font-size:inherit}
del{background:var(--old);color:var(--old-ink)}ins{background:var(--new);color:var(--new-ink)}
.to{color:var(--soft)}
table{width:100%;margin:.5rem 0;border-collapse:collapse;font-size:.8125rem;background:var(--sheet);border:1px solid var(--line)}
th,td{padding:.25rem .6rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-weight:600}
tbody th{width:22%;font-weight:600}
td{width:39%;font-family:var(--mono)}
td.left{background:var(--old)}td.right{background:var(--new)}td i{color:var(--soft);font-family:system-ui,sans-serif}
figure{margin:.5rem 0}img{max-width:100%;image-rendering:pixelated;border:1px solid var(--line)}figcaption{font-size:.8125rem;color:var(--soft)}
.diff{margin:.5rem 0;overflow-x:auto;background:var(--sheet);border:1px solid var(--line);border-radius:.375rem;font:.8125rem/1.4 var(--mono);tab-size:4}
.diff>div{content-visibility:auto;contain-intrinsic-size:auto 20rem}
.diff p{position:relative;padding:0 .5rem 0 5.5rem;white-space:pre-wrap;min-height:1.4em}
body:has(#wrap:not(:checked)) .diff p{white-space:pre;overflow-wrap:normal}
body:has(#wrap:not(:checked)) .diff>div{min-width:max-content}
.diff p::before{content:attr(data-a);position:absolute;left:0;width:3.6rem;text-align:right;color:var(--soft);font-size:.6875rem;line-height:1.65;white-space:nowrap;overflow:hidden}
.n p::before{content:attr(data-b)}
.o p::after,.n p::after{position:absolute;left:4.2rem;top:0;color:var(--old-ink);content:'−'}
.n p::after{content:'+';color:var(--new-ink)}
.o p{background:var(--old)}.n p{background:var(--new)}
.o b{background:var(--old-mark)}.n b{background:var(--new-mark)}.diff b{font-weight:inherit;border-radius:.15em}
.diff .h{padding:.15rem .5rem .15rem 5.5rem;background:light-dark(#f3f1ec,#23262c);color:var(--soft)}
.later{padding:.35rem .75rem;color:var(--soft);font-size:.8125rem}
.end{padding:1rem 0;color:var(--warn-ink)}
@media(min-width:48rem){body:has(#split:checked) .c{display:grid;grid-template-columns:1fr 1fr}
body:has(#split:checked) .o{border-right:1px solid var(--line);min-width:0}body:has(#split:checked) .n{min-width:0}
body:has(#split:checked) .diff p{padding-left:4.75rem}body:has(#split:checked) .diff p::before{width:3rem}body:has(#split:checked) .diff p::after{left:3.5rem}}
@media(max-width:48rem){html{scroll-padding-top:7rem}fieldset{display:none}.diff p,.diff .h{padding-left:3.4rem}.diff p::before{width:2.1rem}.o p::after,.n p::after{left:2.5rem}
.body{margin-left:.15rem;padding-left:.3rem}table,tbody,tr,th,td{display:block;width:100%!important}thead{display:none}td.left::before{content:'− ';color:var(--old-ink)}td.right::before{content:'+ ';color:var(--new-ink)}tbody tr{border-top:1px solid var(--line)}tbody th,td{border-top:0}.buttons{margin-left:0}}
@media print{nav,.at{display:none}body{padding:0}}
`;
