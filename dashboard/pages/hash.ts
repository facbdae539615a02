import { type Frame, link } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { codeToCopy, digest } from '../parts/code.ts';
import { counted } from '../parts/numbers.ts';
import { alternateLinks, emptyState, note } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { timeElement } from '../parts/time.ts';
import { verdictBadge } from '../parts/verdict.ts';

/** A published file with these bytes. */
export type PublishedAs = {
  readonly fileName: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly sourceVersion: string;
  readonly distribution: string;
  readonly release?: string;
  readonly seen: boolean;
  readonly status?: 'GOOD' | 'BAD' | 'FAIL' | 'UNKWN';
  readonly verdict?: string;
  readonly reason?: string;
  readonly resultId?: number;
};

/** A rebuild that these bytes were compared in. `role`: what they are in it. */
export type ComparedIn = {
  readonly resultId: number;
  readonly fileName: string;
  readonly role: 'published' | 'rebuilt' | 'both';
  readonly builtAt?: string;
  readonly rebuilder: string;
};

export type HashFacts = {
  readonly sha256: string;
  readonly published: readonly PublishedAs[];
  readonly publishedTotal: number;
  readonly compared: readonly ComparedIn[];
  /** By how many rebuilders these published bytes came out. */
  readonly rebuilders: number;
};

const LEAD =
  'A SHA-256 names bytes: two files that have the same one are the same file. Here you see whether a distribution ' +
  'published these bytes, and whether they came out again when somebody else built them.';

/** Where a hash is asked for. `wrong`: what was given and is none. */
export function hashFormPage(frame: Frame, wrong?: string): Page {
  return {
    title: 'By hash',
    description: LEAD,
    section: 'hash',
    islands: ['hash'],
    unlisted: wrong !== undefined,
    main: [el('h1', {}, 'By hash'), el('p', { class: 'lead' }, LEAD), hashForm(frame, { wrong })],
  };
}

/** What is known of bytes. */
export function hashPage(frame: Frame, facts: HashFacts): Page {
  const { sha256, published, publishedTotal, compared } = facts;
  const alternates = [
    {
      href: link(frame, ['api', 'artifacts', `sha256:${sha256}`]),
      type: 'application/json',
      label: 'JSON of rebuilds',
    },
    { href: link(frame, ['api', 'targets'], { sha256 }), type: 'application/json', label: 'JSON of published files' },
  ] as const;
  return {
    title: `By hash ${sha256.slice(0, 12)}`,
    section: 'hash',
    islands: ['hash', 'copy'],
    unlisted: true,
    alternates,
    main: [
      el('h1', {}, 'By hash'),
      el('p', {}, digest(sha256)),
      answer(frame, facts),
      publishedTotal > 0 && publishedTable(frame, published, publishedTotal),
      compared.length > 0 && comparedTable(frame, compared),
      alternateLinks(alternates),
      el('h2', {}, 'Look up another'),
      hashForm(frame, {}),
    ],
  };
}

function answer(frame: Frame, { published, compared, rebuilders }: HashFacts): Element {
  const [first] = published;
  if (first === undefined)
    return compared.some(({ role }) => role !== 'published')
      ? emptyState(
          'A rebuild gave these bytes, and no list here has them as published.',
          'What is published under that name has other bytes: the rebuild says in what they differ.',
        )
      : emptyState(
          'Nothing here knows these bytes.',
          'That says nothing of them. They may be of a distribution, a release or a time that is not followed here.',
        );
  const where = first.release === undefined ? first.distribution : `${first.distribution} ${first.release}`;
  const said: Child =
    rebuilders > 0
      ? [el('strong', {}, `They came out again, byte for byte, by ${counted(rebuilders, 'rebuilder')}.`)]
      : [
          el('strong', {}, 'No rebuild that is known here gave these bytes.'),
          ' What is known of it: ',
          verdictBadge(frame, first),
        ];
  return el(
    'div',
    { class: rebuilders > 0 ? 'state answer good' : 'state answer' },
    el('p', { class: 'title' }, `${where} published these bytes as `, el('bdi', {}, first.fileName), '.'),
    el('p', {}, said),
  );
}

function publishedTable(frame: Frame, published: readonly PublishedAs[], total: number): Element {
  const more = total - published.length;
  return table<PublishedAs>({
    caption: more > 0 ? `Published as, and ${counted(more, 'other name')}` : 'Published as',
    rows: published,
    columns: [
      { label: 'File', heads: true, cell: ({ fileName }) => fileName },
      {
        label: 'Source',
        cell: ({ source, sourceVersion, distribution, release = '-' }) =>
          el('a', { href: link(frame, ['packages', distribution, release, source]) }, `${source} ${sourceVersion}`),
      },
      {
        label: 'In',
        cell: ({ distribution, release, architecture, seen }) =>
          `${[distribution, release, architecture].filter((word) => word !== undefined).join(' ')}${seen ? '' : ', not any more'}`,
      },
      {
        label: 'Verdict',
        cell: (one) => [
          verdictBadge(frame, one),
          one.resultId !== undefined && [
            ' ',
            el('a', { href: link(frame, ['rebuilds', String(one.resultId)]) }, `rebuild ${one.resultId}`),
          ],
        ],
      },
    ],
  });
}

const ROLES: Readonly<Record<ComparedIn['role'], string>> = {
  both: 'published, and rebuilt byte for byte',
  published: 'published; the rebuild gave other bytes, or none',
  rebuilt: 'rebuilt; other bytes are published',
};

function comparedTable(frame: Frame, compared: readonly ComparedIn[]): Element {
  return table<ComparedIn>({
    caption: 'Rebuilds that these bytes were compared in, newest first',
    rows: compared,
    columns: [
      {
        label: 'Rebuild',
        heads: true,
        cell: ({ resultId }) => el('a', { href: link(frame, ['rebuilds', String(resultId)]) }, String(resultId)),
      },
      { label: 'File', cell: ({ fileName }) => fileName },
      { label: 'These bytes were', cell: ({ role }) => ROLES[role] },
      { label: 'By', cell: ({ rebuilder }) => rebuilder },
      { label: 'Built', cell: ({ builtAt }) => builtAt !== undefined && timeElement(frame, builtAt) },
    ],
  });
}

function hashForm(frame: Frame, { wrong }: { readonly wrong?: string | undefined }): readonly Element[] {
  return [
    el(
      'div',
      { class: 'drop', hidden: true, 'data-hash': link(frame, ['hash']) },
      el('label', { for: 'hash-file' }, 'Drop a file anywhere on this page, paste one, or choose one'),
      el('input', { id: 'hash-file', type: 'file' }),
      el('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'How much of the file was read' }),
      el('output', { 'aria-live': 'polite' }),
      note('The file is read here in your browser and is not sent anywhere: only its SHA-256 is asked for.'),
    ),
    el(
      'form',
      { class: 'ask', action: link(frame, ['hash']), method: 'get' },
      el('label', { for: 'sha256' }, 'A SHA-256, or a line that sha256sum printed'),
      el('input', {
        id: 'sha256',
        name: 'sha256',
        required: true,
        maxlength: 500,
        autocomplete: 'off',
        spellcheck: 'false',
        autocapitalize: 'off',
        value: wrong ?? '',
        'aria-invalid': wrong !== undefined && 'true',
        'aria-describedby': wrong !== undefined && 'sha256-wrong',
      }),
      wrong !== undefined &&
        el('p', { id: 'sha256-wrong', class: 'wrong', role: 'alert' }, 'That holds no 64 hexadecimal digits.'),
      el('button', {}, 'Look it up'),
    ),
    el(
      'details',
      {},
      el('summary', {}, 'How to get it'),
      codeToCopy('Command that prints a SHA-256', 'sha256sum FILE'),
    ),
  ];
}
