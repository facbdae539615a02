import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Difference, ReasonKind } from '../../../model/index.ts';
import type { ComparedInput, Comparison } from '../../comparison.ts';
import { addressOf, childAddresses, html } from './markup.ts';
import { nodeHtml, type Stretch } from './nodes.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export type HtmlOptions = {
  /** Bytes after which what is loaded on demand is left out, and said to be. */
  readonly maxBytes?: number;
};

/** Characters of the page that are there at once, and of each stretch that is loaded when it is shown. */
const PAGE_ROOM = 600_000;
const STRETCH_ROOM = 150_000;
/** Trees as small as this are open all the way down. */
const OPEN_NODES = 60;

type Later = { readonly number: number; readonly render: (stretch: Stretch) => string };

/**
 * A comparison as one page of HTML that asks for nothing from outside and runs no script but its own. What is large
 * follows the page as inert, compressed text and is drawn when it is opened or scrolled to.
 */
export function* htmlReport(comparison: Comparison, options: HtmlOptions = {}): Generator<string> {
  const { maxBytes = Number.POSITIVE_INFINITY } = options;
  const { difference, counts } = comparison;
  let bytes = 0;
  let left = 0;
  const count = (text: string): string => {
    bytes += Buffer.byteLength(text);
    return text;
  };
  const open: Later[] = [];
  let number = 0;
  const stretch = (room: number, openDepth: number): Stretch => ({
    room,
    openDepth,
    later: (render) => {
      open.push({ number, render });
      return number++;
    },
  });
  yield count(headHtml(comparison));
  if (difference !== undefined) {
    const openDepth = counts.nodes <= OPEN_NODES ? Number.POSITIVE_INFINITY : 1;
    const place = { address: addressOf(difference.path), depth: 0 };
    yield count(`<main>${nodeHtml(difference, place, stretch(PAGE_ROOM, openDepth))}</main>\n`);
  }
  yield count('<div id="store" hidden>\n');
  // A queue read by its place: what it holds is let go of once it is drawn.
  for (let next = 0; next < open.length; next++) {
    const { number, render } = open[next] as Later;
    delete open[next];
    if (bytes > maxBytes) {
      left++;
      continue;
    }
    const packed = gzipSync(render(stretch(STRETCH_ROOM, -1)), { level: 6 }).toString('base64');
    yield count(`<script type="application/x-later" id="later-${number}">${packed}</script>\n`);
  }
  yield '</div>\n';
  if (open.length > 0)
    yield '<noscript><p class="end">What is large is drawn by a script of this page, which is not run here.</p></noscript>\n';
  if (left > 0)
    yield `<p class="end">Left out: ${left} parts, for the limit of ${maxBytes} bytes of this report was reached.</p>\n`;
  yield `<script>${SCRIPT}</script>\n</body>\n</html>\n`;
}

function headHtml(comparison: Comparison): string {
  const { identical, left, right, notes, truncated } = comparison;
  const word = identical ? 'Identical' : 'Different';
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const said = [...notes, ...left.notes.map((note) => `left: ${note}`), ...right.notes.map((note) => `right: ${note}`)];
  if (truncated) said.push(`${comparison.counts.truncated} nodes were not explained to the end: each is marked so`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${word}: ${html(left.name)} and ${html(right.name)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1 class="${identical ? 'same' : 'other'}">${word}</h1>
<div class="inputs">${inputHtml('left', left)}${inputHtml('right', right)}</div>
${said.length === 0 ? '' : `<ul class="notes">${said.map((note) => `<li>${html(note)}</li>`).join('')}</ul>\n`}${reasonsHtml(comparison)}
</header>
${identical ? '' : TOOLS}
`;
}

const TOOLS = `<nav aria-label="View">
<fieldset><legend>Lines</legend><label><input type="radio" name="lines" id="unified" checked>below each other</label><label><input type="radio" name="lines" id="split">side by side</label></fieldset>
<label><input type="checkbox" id="wrap" checked>wrap</label>
<span class="buttons" hidden><button type="button" id="open-all">Open all</button><button type="button" id="close-all">Close all</button><button type="button" id="back" title="key: p">Previous</button><button type="button" id="on" title="key: n">Next</button></span>
</nav>`;

function inputHtml(side: string, { name, size, sha256, kind }: ComparedInput): string {
  const facts = [kind === 'bytes' ? undefined : kind, size === undefined ? undefined : `${size} bytes`];
  const told = facts.filter((fact) => fact !== undefined).join(', ');
  return `<section class="${side}"><h2>${side}</h2><p class="name">${html(name)}</p><p class="facts">${html(told)}</p>${sha256 === undefined ? '' : `<p class="digest">SHA-256 ${html(sha256)}</p>`}</section>`;
}

/** How often each reason was found, each a link to where it is first. */
function reasonsHtml({ difference, counts }: Comparison): string {
  if (difference === undefined) return '';
  const first = firstWitnesses(difference);
  const most = Object.entries(counts.reasons).sort(([, few], [, many]) => many - few);
  const items = most.map(
    ([kind, count]) =>
      `<li><a class="tag" href="#${html(first.get(kind as ReasonKind) ?? '')}">${html(kind)}</a> ${count}</li>`,
  );
  const places = `<p class="facts">${counts.nodes} ${counts.nodes === 1 ? 'node' : 'nodes'}</p>`;
  return items.length === 0 ? places : `${places}<ul class="reasons">${items.join('')}</ul>`;
}

function firstWitnesses(tree: Difference): ReadonlyMap<ReasonKind, string> {
  const first = new Map<ReasonKind, string>();
  const open = [{ node: tree, address: addressOf(tree.path) }];
  for (let placed = open.pop(); placed !== undefined; placed = open.pop()) {
    const { node, address } = placed;
    for (const { kind } of node.reasons ?? []) if (!first.has(kind)) first.set(kind, address);
    const addresses = childAddresses(
      address,
      node.children.map((child) => child.path),
    );
    for (let index = node.children.length - 1; index >= 0; index--)
      open.push({ node: node.children[index] as Difference, address: addresses[index] as string });
  }
  return first;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
