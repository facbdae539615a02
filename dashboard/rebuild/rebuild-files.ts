import { type Frame, link } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import { digest } from '../parts/code.ts';
import { bytes } from '../parts/numbers.ts';
import { emptyState } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { sign } from '../parts/verdict.ts';
import type { RebuildValues, ShownFile } from './values.ts';

const WORDS = {
  identical: ['good', 'identical'],
  differs: ['bad', 'differs'],
  missing: ['bad', 'did not come out'],
  extra: ['none', 'not judged'],
  unknown: ['open', 'not known'],
} as const;

/** Every file: what was published, what came out, and what became of it. */
export function files(frame: Frame, { files: all, trees, result }: RebuildValues): readonly Child[] {
  const head = el('h2', { id: 'files' }, 'Files');
  if (all.length === 0) return [head, emptyState('No file was compared', 'The attempt ended before there was one.')];
  const treeOf = (fileName: string): string | undefined => trees.find((tree) => tree.fileName === fileName)?.tree;
  return [
    head,
    table({
      caption: 'Each file by its SHA-256, as published and as rebuilt',
      rows: all,
      columns: [
        { label: 'File', heads: true, cell: ({ fileName }) => el('bdi', {}, fileName) },
        { label: 'Verdict', cell: (file) => verdict(frame, file, { tree: treeOf(file.fileName), rebuild: result.id }) },
        {
          label: 'Published',
          cell: ({ published, fileName }) => side(frame, published, { fileName, label: 'published' }),
        },
        { label: 'Rebuilt', cell: ({ rebuilt, fileName }) => side(frame, rebuilt, { fileName, label: 'rebuilt' }) },
      ],
    }),
  ];
}

function verdict(
  frame: Frame,
  { verdict, checkedHere }: ShownFile,
  { tree, rebuild }: { readonly tree: string | undefined; readonly rebuild: number },
): Element {
  const [look, word] = WORDS[verdict];
  const seen = checkedHere ? 'seen by this server itself' : 'as the worker says; this server did not see it';
  return el(
    'div',
    {},
    el('span', { class: 'file-verdict' }, sign(look), ' ', word),
    tree !== undefined && [
      el('br'),
      el('a', { href: link(frame, ['rebuilds', String(rebuild), 'differences', tree]) }, 'what differs'),
    ],
    verdict === 'identical' && el('p', { class: 'note' }, seen),
  );
}

function side(
  frame: Frame,
  file: ShownFile['published'],
  { fileName, label }: { readonly fileName: string; readonly label: string },
): Element | undefined {
  if (file === undefined) return undefined;
  return el(
    'span',
    { class: 'copy-digest', 'data-copy': true },
    el('a', { href: link(frame, ['hash', file.sha256]) }, digest(file.sha256)),
    ` ${bytes(file.size)} `,
    el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        hidden: true,
        'aria-label': `Copy the SHA-256 of ${fileName} as ${label}`,
      },
      'Copy',
    ),
  );
}
