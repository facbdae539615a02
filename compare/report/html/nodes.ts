import type { Difference, FieldChange, Picture } from '../../../model/index.ts';
import { detailText, sampleLines, sizesText } from '../node-facts.ts';
import { changeHtml, diffPieces, pieceHtml } from './diff-lines.ts';
import { childAddresses, html } from './markup.ts';

/** What is written so far of one stretch of HTML, and what was put off: each is one more stretch, under its number. */
export type Stretch = {
  /** Characters that may still be written here; what comes after is put off. */
  room: number;
  /** Nodes down to this depth are open. */
  readonly openDepth: number;
  /** Puts a stretch off and gives its number. */
  readonly later: (render: (stretch: Stretch) => string) => number;
};

type Place = { readonly address: string; readonly depth: number };

/** As many children are put off together. */
const GROUP = 200;

/** A node with everything in it, as far as there is room. */
export function nodeHtml(node: Difference, place: Place, stretch: Stretch): string {
  const open = place.depth <= stretch.openDepth ? ' open' : '';
  const head = headHtml(node, place);
  stretch.room -= head.length;
  const body = bodyHtml(node, place, stretch);
  return `<details class="node" id="${html(place.address)}"${open}>${head}<div class="body">${body}</div></details>`;
}

function headHtml(node: Difference, { address }: Place): string {
  const { left, right } = node;
  const renamed = left?.name !== undefined && right?.name !== undefined && left.name !== right.name;
  const name = renamed
    ? `<del>${html(left.name)}</del> <span class="to">→</span> <ins>${html(right.name)}</ins>`
    : html(node.path);
  const facts = [detailText(node), sizesText(node)].filter((fact) => fact !== undefined && fact !== '');
  const kinds = [...new Set((node.reasons ?? []).map((reason) => reason.kind))];
  const tags = kinds.map((kind) => `<span class="tag">${html(kind)}</span>`).join('');
  const cut = node.truncated ? '<span class="tag cut">not to the end</span>' : '';
  return (
    `<summary><span class="name">${name}</span> <span class="kind">${html(node.kind)}</span>` +
    `<span class="tags">${tags}${cut}</span>` +
    `<a class="at" href="#${html(address)}" aria-label="address of ${html(node.path)}">#</a>` +
    `${facts.length === 0 ? '' : `<span class="facts">${html(facts.join(' · ').replace(' -> ', ' → '))}</span>`}</summary>`
  );
}

function bodyHtml(node: Difference, place: Place, stretch: Stretch): string {
  let shown = '';
  const add = (text: string): void => {
    shown += text;
    stretch.room -= text.length;
  };
  if (node.reasons !== undefined && node.reasons.length > 0)
    add(`<ul class="why">${node.reasons.map(reasonHtml).join('')}</ul>`);
  if (node.notes.length > 0)
    add(`<ul class="notes">${node.notes.map((note) => `<li>${html(note)}</li>`).join('')}</ul>`);
  if (node.fields !== undefined && node.fields.length > 0) add(fieldsHtml(node.fields));
  const samples = [sampleLines(node.left), sampleLines(node.right)] as const;
  if (samples[0].length + samples[1].length > 0)
    add(`<div class="diff">${changeHtml(...samples, { oldFrom: 0, nowFrom: 0 })}</div>`);
  if (node.picture !== undefined) add(pictureHtml(node.picture));
  if (node.diff !== undefined && node.diff !== '') add(diffHtml(node.diff, stretch));
  return shown + childrenHtml(node, place, stretch);
}

function reasonHtml({ kind, evidence, left, right }: NonNullable<Difference['reasons']>[number]): string {
  const sides =
    left === undefined && right === undefined
      ? ''
      : `<span class="sides"><del>${html(left ?? '(none)')}</del> <span class="to">→</span> <ins>${html(right ?? '(none)')}</ins></span>`;
  return `<li><span class="tag">${html(kind)}</span> ${html(evidence)} ${sides}</li>`;
}

function fieldsHtml(fields: readonly FieldChange[]): string {
  const cell = (side: 'left' | 'right', value: string | undefined): string =>
    `<td class="${side}">${value === undefined ? '<i>none</i>' : html(value)}</td>`;
  const rows = fields.map(
    ({ name, left, right }) =>
      `<tr><th scope="row">${html(name)}</th>${cell('left', left)}${cell('right', right)}</tr>`,
  );
  return `<table class="fields"><thead><tr><th>field</th><th>left</th><th>right</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** Pictures are pixels that we made; anything that is not plainly one is left out. */
function pictureHtml({ mediaType, base64, alt }: Picture): string {
  if (mediaType !== 'image/png' || !/^[A-Za-z0-9+/]+=*$/.test(base64)) return '';
  return `<figure><img alt="${html(alt)}" src="data:image/png;base64,${base64}"><figcaption>${html(alt)}</figcaption></figure>`;
}

function diffHtml(diff: string, stretch: Stretch): string {
  const pieces = diffPieces(diff).map((piece) => {
    const render = (): string => pieceHtml(diff, piece);
    if (stretch.room <= 0) return laterHtml(stretch.later(render), `${piece.lines} lines`, piece.lines);
    const shown = render();
    stretch.room -= shown.length;
    return `<div>${shown}</div>`;
  });
  return `<div class="diff">${pieces.join('')}</div>`;
}

function childrenHtml(node: Difference, { address, depth }: Place, stretch: Stretch): string {
  const { children } = node;
  if (children.length === 0) return '';
  const addresses = childAddresses(
    address,
    children.map((child) => child.path),
  );
  const groups: string[] = [];
  // An only child is opened with its parent.
  const below = children.length === 1 ? depth : depth + 1;
  for (let from = 0; from < children.length; from += GROUP) {
    const group = children.slice(from, from + GROUP);
    const render = (within: Stretch): string =>
      group
        .map((child, index) => nodeHtml(child, { address: addresses[from + index] as string, depth: below }, within))
        .join('');
    groups.push(
      stretch.room > 0
        ? render(stretch)
        : laterHtml(stretch.later(render), `${group.length} inside`, group.length, addresses.slice(from, from + GROUP)),
    );
  }
  return `<div class="children">${groups.join('')}</div>`;
}

/** `inside`: the addresses of nodes that are put off, told as marks, so that each can be found without drawing all. */
function laterHtml(number: number, what: string, lines: number, inside?: readonly string[]): string {
  const marks = inside === undefined ? '' : ` data-inside="${inside.map(markOf).join(' ')}"`;
  return `<div class="later" data-later="${number}" data-lines="${lines}"${marks}>${what}: loaded when shown</div>`;
}

/** FNV-1a of its UTF-16 code units, 32 bits, in base 36. The page's script does the same; a wrong match costs a drawing. */
function markOf(address: string): string {
  let mark = 0x811c9dc5;
  for (let index = 0; index < address.length; index++)
    mark = Math.imul(mark ^ address.charCodeAt(index), 0x01000193) >>> 0;
  return mark.toString(36);
}
