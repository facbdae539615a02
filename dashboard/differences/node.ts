import type { Difference } from '../../model/index.ts';
import { type Frame, link } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import { causeTitle } from '../parts/causes.ts';
import { bytes, count, counted } from '../parts/numbers.ts';
import { diffLines, sampleLines } from './diff-lines.ts';
import { isShown, type ListedNode, type ShownNode, sidesOf, type TreeOf, type View } from './values.ts';

/** What a node is drawn in. */
export type NodePlace = { readonly frame: Frame; readonly of: TreeOf; readonly view: View };

/** More values than these are only counted: they are in the node's JSON. */
const FIELDS = 300;
const NOTES = 100;

/** The address of a node. */
export function nodeLink(
  { frame, of, view }: NodePlace,
  node: number,
  query: { readonly from?: number; readonly piece?: number } = {},
): string {
  const at = ['rebuilds', String(of.rebuild), 'differences', of.tree, ...(node === 0 ? [] : [String(node)])];
  return link(frame, at, { view: view === 'split' ? 'split' : undefined, ...query });
}

/**
 * Everything of a node but its name: reasons, values, lines, and what is in it. `alone`: nothing stands below it that
 * would be out of reach if more of it came by itself.
 */
export function nodeBody(place: NodePlace, node: ShownNode, alone: boolean): readonly Child[] {
  const { body } = node;
  return [
    reasonList(place, body.reasons ?? []),
    body.notes.length > 0 &&
      el(
        'ul',
        { class: 'notes' },
        body.notes.slice(0, NOTES).map((note) => el('li', {}, note)),
        body.notes.length > NOTES && el('li', {}, `${count(body.notes.length - NOTES)} notes more`),
      ),
    fieldTable(place, body.fields ?? []),
    sampleLines(body.left?.text, body.right?.text, place.view),
    node.hasPicture && picture(place, node),
    node.diff !== undefined && diff(place, node, { piece: node.diff, alone }),
    inside(place, node, alone),
  ];
}

/** A node in the list of what is in another: open where it is shown. */
export function nodeDetails(place: NodePlace, node: ListedNode | ShownNode): Element {
  const shown = isShown(node);
  return el(
    'details',
    {
      class: 'node',
      id: `n${node.node}`,
      open: shown,
      'data-load': !shown && nodeLink(place, node.node),
    },
    el('summary', {}, nodeName(place, node), nodeFacts(place, node)),
    el(
      'div',
      { class: 'inside' },
      shown
        ? [aloneLink(place, node), nodeBody(place, node, false)]
        : el('p', {}, el('a', { href: nodeLink(place, node.node) }, `See what differs in it${inSum(node)}`)),
    ),
  );
}

/** The way to a node's own page: the address to share. */
export function aloneLink(place: NodePlace, { node, path }: ListedNode): Element {
  return el(
    'p',
    { class: 'alone' },
    el('a', { href: nodeLink(place, node) }, 'On a page of its own', el('span', { class: 'unseen' }, `: ${path}`)),
  );
}

function inSum({ nodes, lines }: ListedNode): string {
  const parts = [nodes > 1 && counted(nodes - 1, 'part'), lines > 0 && counted(lines, 'line')].filter(
    (part) => part !== false,
  );
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

function nodeName({ of }: NodePlace, node: ListedNode | ShownNode): Child {
  const { left, right } = isShown(node) ? node.body : {};
  if (left?.name === undefined || right?.name === undefined || left.name === right.name)
    return el('bdi', { class: 'path' }, node.path);
  const [was, is] = sidesOf(of);
  return [
    el('bdi', { class: 'path' }, el('span', { class: 'unseen' }, `${was}: `), el('del', {}, left.name)),
    ' → ',
    el('bdi', { class: 'path' }, el('span', { class: 'unseen' }, `${is}: `), el('ins', {}, right.name)),
  ];
}

/** What stands beside a node's name. */
export function nodeFacts({ of }: NodePlace, node: ListedNode): Element {
  const [was, is] = sidesOf(of);
  const only = node.only === undefined ? undefined : `only in the ${node.only === 'left' ? was : is} file`;
  const detail = node.only !== undefined && node.detail === 'only on one side' ? undefined : node.detail;
  const facts = [node.kind, only, detail, sizes(node)].filter((fact) => fact !== undefined && fact !== '');
  return el(
    'span',
    { class: 'facts-line' },
    ' ',
    node.reasons.map((reason) => el('span', { class: 'tag' }, reason)),
    node.truncated && el('span', { class: 'tag cut' }, 'not to the end'),
    ' ',
    facts.join(' · '),
  );
}

function sizes({ left, right }: ListedNode): string | undefined {
  if (left !== undefined && right !== undefined) {
    if (left === right) return undefined;
    return bytes(left) === bytes(right)
      ? `${counted(left, 'byte')} → ${counted(right, 'byte')}`
      : `${bytes(left)} → ${bytes(right)}`;
  }
  const size = left ?? right;
  return size === undefined ? undefined : bytes(size);
}

function reasonList({ frame, of }: NodePlace, reasons: NonNullable<Difference['reasons']>): Child {
  if (reasons.length === 0) return undefined;
  const [was, is] = sidesOf(of);
  return el(
    'ul',
    { class: 'reasons' },
    reasons.map(({ kind, evidence, left, right }) =>
      el(
        'li',
        {},
        el('a', { class: 'tag', href: `${link(frame, ['reading'])}#cause-${kind}`, title: causeTitle(kind) }, kind),
        ' ',
        evidence,
        (left !== undefined || right !== undefined) && [' ', value(was, 'del', left), ' → ', value(is, 'ins', right)],
      ),
    ),
  );
}

function value(side: string, tag: 'del' | 'ins', text: string | undefined): Child {
  return [el('span', { class: 'unseen' }, `${side}: `), text === undefined ? el('i', {}, 'none') : el(tag, {}, text)];
}

function fieldTable({ of }: NodePlace, fields: NonNullable<Difference['fields']>): Child {
  if (fields.length === 0) return undefined;
  const [was, is] = sidesOf(of);
  const cell = (label: string, text: string | undefined, side: string): Element =>
    el('td', { class: side, 'data-label': label }, text === undefined ? el('i', {}, 'none') : text);
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Values that differ' },
    el(
      'table',
      { class: 'fields' },
      el('caption', { class: 'unseen' }, 'Values that differ'),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          ['field', was, is].map((label) => el('th', { scope: 'col' }, label)),
        ),
      ),
      el(
        'tbody',
        {},
        fields
          .slice(0, FIELDS)
          .map(({ name, left, right }) =>
            el('tr', {}, el('th', { scope: 'row' }, name), cell(was, left, 'o'), cell(is, right, 'n')),
          ),
      ),
    ),
    fields.length > FIELDS &&
      el('p', { class: 'note' }, `${count(fields.length - FIELDS)} values more are in its JSON.`),
  );
}

function picture({ frame, of }: NodePlace, { node, path }: ShownNode): Element {
  const src = link(frame, ['api', 'rebuilds', String(of.rebuild), 'differences', of.tree, String(node), 'picture']);
  return el(
    'figure',
    { class: 'picture' },
    el('img', { src, alt: `where the two pictures differ: ${path}`, loading: 'lazy' }),
  );
}

function diff(
  place: NodePlace,
  node: ShownNode,
  { piece, alone }: { readonly piece: NonNullable<ShownNode['diff']>; readonly alone: boolean },
): Element {
  return el(
    'div',
    { class: 'diff', role: 'group', 'aria-label': `Lines of ${node.path}`, tabindex: 0 },
    diffLines(piece, place.view),
    morePiece(place, node.node, { ...piece, auto: alone && node.children === 0 }),
  );
}

/** The way to the next piece: a link, which the island `more` follows when it is scrolled to. */
export function morePiece(
  place: NodePlace,
  node: number,
  { piece, pieces, next, auto }: NonNullable<ShownNode['diff']> & { readonly auto: boolean },
): Child {
  if (next === undefined) return undefined;
  return el(
    'p',
    { class: 'more' },
    el(
      'a',
      { href: nodeLink(place, node, { piece: next }), rel: 'next', 'data-more': auto ? 'auto' : 'click' },
      'More lines',
    ),
    ` piece ${count(piece + 1)} of ${count(pieces)}`,
  );
}

function inside(place: NodePlace, node: ShownNode, alone: boolean): Child {
  if (node.children === 0) return undefined;
  return el('div', { class: 'children' }, insideList(place, node, alone));
}

/** What is in a node, and the way to more of it. */
export function insideList(place: NodePlace, node: ShownNode, alone: boolean): readonly Child[] {
  const next = node.insideFrom + node.inside.length;
  return [
    node.inside.map((child) => nodeDetails(place, child)),
    next < node.children &&
      el(
        'p',
        { class: 'more' },
        el(
          'a',
          { href: nodeLink(place, node.node, { from: next }), rel: 'next', 'data-more': alone ? 'auto' : 'click' },
          'More parts',
        ),
        ` ${count(next)} of ${count(node.children)} are above`,
      ),
  ];
}
