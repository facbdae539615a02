import { type Frame, link } from '../frame.ts';
import { el } from '../h.ts';
import type { Page } from '../layout.ts';
import { bytes } from '../parts/numbers.ts';
import { emptyState } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import type { TreeOf } from './values.ts';

/** A tree of a rebuild, as its list shows it. */
export type ListedTree = Pick<TreeOf, 'tree' | 'fileName' | 'between'> & {
  readonly form: 'tree' | 'text';
  readonly published?: { readonly size: number } | undefined;
  readonly rebuilt?: { readonly size: number } | undefined;
};

/** All that differs of a rebuild, by file. */
export function differenceListPage(
  frame: Frame,
  of: Omit<TreeOf, 'tree' | 'fileName' | 'between'>,
  trees: readonly ListedTree[],
): Page {
  const at = ['rebuilds', String(of.rebuild)];
  const json = link(frame, ['api', ...at, 'differences']);
  return {
    title: `Differences of ${of.source} ${of.version}`,
    section: 'packages',
    alternates: [{ href: json, type: 'application/json', label: 'JSON' }],
    main: [
      el(
        'ol',
        { class: 'trail', 'aria-label': 'Where this is' },
        el(
          'li',
          {},
          el('a', { href: link(frame, at) }, `${of.source} ${of.version}, ${of.architecture}: rebuild ${of.rebuild}`),
        ),
      ),
      el('h1', {}, 'Differences'),
      trees.length === 0
        ? emptyState(
            'No difference is kept of this rebuild',
            'Its files came out as published, or nothing could be compared.',
          )
        : table({
            caption: 'Files that differ',
            rows: trees,
            columns: [
              {
                label: 'File',
                heads: true,
                cell: (tree) =>
                  el('a', { href: link(frame, [...at, 'differences', tree.tree]) }, el('bdi', {}, tree.fileName)),
              },
              { label: 'Between', cell: ({ between }) => between },
              { label: 'Told as', cell: ({ form }) => (form === 'tree' ? 'tree' : 'text of a foreign worker') },
              { label: 'Published', numeric: true, cell: ({ published }) => published && bytes(published.size) },
              { label: 'Rebuilt', numeric: true, cell: ({ rebuilt }) => rebuilt && bytes(rebuilt.size) },
            ],
          }),
    ],
  };
}
