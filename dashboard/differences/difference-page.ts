import { link } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { count } from '../parts/numbers.ts';
import { diffLines } from './diff-lines.ts';
import { aloneLink, insideList, morePiece, type NodePlace, nodeBody, nodeFacts, nodeLink } from './node.ts';
import { type ListedNode, type ShownNode, sidesOf } from './values.ts';

export type DifferenceValues = {
  readonly node: ShownNode;
  /** From the top down to its parent. */
  readonly above: readonly ListedNode[];
  readonly before?: number;
  readonly after?: number;
};

/** One node of a tree of differences, with as much of what is in it as fits. */
export function differencePage(place: NodePlace, { node, above, before, after }: DifferenceValues): Page {
  const { frame, of } = place;
  const [was, is] = sidesOf(of);
  const json = link(frame, ['api', 'rebuilds', String(of.rebuild), 'differences', of.tree, String(node.node)]);
  const at = link(frame, ['rebuilds', String(of.rebuild)]);
  return {
    title: `${node.node === 0 ? 'Difference' : node.path} in ${of.fileName}`,
    description: `What differs in ${of.fileName} of ${of.source} ${of.version} (${of.architecture}).`,
    section: 'packages',
    alternates: [{ href: json, type: 'application/json', label: 'JSON' }],
    islands: ['more', 'tree'],
    main: [
      el(
        'ol',
        { class: 'trail', 'aria-label': 'Where this is' },
        el('li', {}, el('a', { href: at }, `${of.source} ${of.version}, ${of.architecture}: rebuild ${of.rebuild}`)),
        el('li', {}, el('a', { href: `${at}/differences` }, 'Differences')),
        above.map((node) => el('li', {}, el('a', { href: nodeLink(place, node.node) }, el('bdi', {}, node.path)))),
      ),
      el('h1', {}, el('bdi', {}, node.path)),
      el('p', { class: 'lead' }, nodeFacts(place, node)),
      el(
        'p',
        { class: 'legend' },
        el('del', {}, `- ${was}`),
        ' ',
        el('ins', {}, `+ ${is}`),
        ' This explains a difference. Whether files are equal was decided by their bytes alone.',
      ),
      viewSwitch(place, node),
      el('article', { class: 'tree', 'aria-label': 'What differs', 'data-tree': true }, nodeBody(place, node, true)),
      steps(place, node, { before, after }),
      el('p', { class: 'alternates' }, 'This node as ', el('a', { href: json, type: 'application/json' }, 'JSON')),
    ],
  };
}

/** A further piece of a node's lines alone: what the island `more` puts in place of the link, and a page without it. */
export function piecePart(place: NodePlace, node: ShownNode): Element {
  const { diff } = node;
  return el(
    'div',
    { 'data-part': true },
    diff !== undefined && [
      diffLines(diff, place.view),
      morePiece(place, node.node, { ...diff, auto: node.children === 0 }),
    ],
  );
}

/** Further children of a node alone. */
export function childrenPart(place: NodePlace, node: ShownNode): Element {
  return el('div', { 'data-part': true }, insideList(place, node, true));
}

/** A node's inside alone: what the island `tree` puts into one that is opened. */
export function nodePart(place: NodePlace, node: ShownNode): Element {
  return el('div', { 'data-part': true }, aloneLink(place, node), nodeBody(place, node, false));
}

function viewSwitch(place: NodePlace, node: ShownNode): Element {
  const one = (view: NodePlace['view'], label: string): Element =>
    el('a', { href: nodeLink({ ...place, view }, node.node), 'aria-current': place.view === view && 'true' }, label);
  return el(
    'nav',
    { class: 'views', 'aria-label': 'How lines stand' },
    one('unified', 'Below each other'),
    one('split', 'Side by side'),
    el(
      'span',
      { class: 'keys', hidden: true, 'data-keys': true },
      el('kbd', {}, 'j'),
      ' and ',
      el('kbd', {}, 'k'),
      ' go through the tree',
    ),
  );
}

function steps(
  place: NodePlace,
  node: ShownNode,
  { before, after }: { readonly before: number | undefined; readonly after: number | undefined },
): Child {
  if (before === undefined && after === undefined) return undefined;
  return el(
    'nav',
    { class: 'pages', 'aria-label': 'Nodes of this tree' },
    el('p', {}, `Node ${count(node.node)}, in reading order`),
    before !== undefined && el('a', { href: nodeLink(place, before), rel: 'prev' }, 'The one before'),
    after !== undefined && el('a', { href: nodeLink(place, after), rel: 'next' }, 'The next one'),
  );
}
