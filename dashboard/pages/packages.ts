import { explained, type Frame, link, type Query, queryText } from '../frame.ts';
import { type Element, el } from '../h.ts';
import type { Alternate, Page } from '../layout.ts';
import { CAUSES, causeList, causeTitle, REASONS } from '../parts/causes.ts';
import { choice, textField, tick } from '../parts/form.ts';
import { counted } from '../parts/numbers.ts';
import { pagesOfList } from '../parts/pages-of-list.ts';
import { alternateLinks, emptyState } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { timeElement } from '../parts/time.ts';
import { type Judged, verdictBadge } from '../parts/verdict.ts';

/** What a list of packages is asked for, as its address has it. `release`: `-` for those of no release. */
export type PackagesQuery = {
  readonly name?: string | undefined;
  readonly maintainer?: string | undefined;
  readonly verdict?: string | undefined;
  readonly cause?: string | undefined;
  readonly reason?: string | undefined;
  readonly distribution?: string | undefined;
  readonly release?: string | undefined;
  readonly architecture?: string | undefined;
  readonly blocks?: string | undefined;
  readonly order?: string | undefined;
};

export type PackageRow = Judged & {
  readonly distribution: string;
  readonly release?: string;
  readonly name: string;
  readonly version: string;
  readonly maintainer?: string;
  readonly resultId?: number;
  readonly builtAt?: string | undefined;
  readonly causes: readonly string[];
};

export type PackagesValues = {
  readonly query: PackagesQuery;
  readonly total: number;
  readonly rows: readonly PackageRow[];
  readonly next?: string | undefined;
  /** Whether it is a later part of the list. */
  readonly later: boolean;
  readonly distributions: readonly string[];
  readonly releases: readonly string[];
  readonly architectures: readonly string[];
  /** The same list in the API: its query. */
  readonly api: Query;
};

/** Choices of a verdict, as the address has them. */
export const VERDICT_CHOICES = [
  ['reproducible', 'reproducible'],
  ['not-reproduced', 'not reproduced: differs or failed to build'],
  ['unreproducible', 'unreproducible'],
  ['failed-to-build', 'failed to build'],
  ['inconclusive', 'inconclusive'],
  ['none', 'not tried'],
] as const;

/** Source packages: looked for and listed. */
export function packagesPage(frame: Frame, values: PackagesValues): Page {
  const alternates = alternatesOf(frame, values);
  return {
    title: values.query.name === undefined ? 'Packages' : `Packages beginning with ${values.query.name}`,
    section: 'packages',
    alternates,
    islands: ['filter'],
    unlisted: Object.values(values.query).some((value) => value !== undefined) || values.later,
    main: [
      el('h1', {}, 'Packages'),
      filterForm(frame, values),
      letters(frame, values),
      el(
        'div',
        { id: 'results' },
        el('p', { class: 'found', role: 'status' }, found(values)),
        values.rows.length === 0 ? nothing(frame) : list(frame, values),
        pagesOfList({
          path: link(frame, ['packages']),
          query: values.query,
          total: values.total,
          shown: values.rows.length,
          next: values.next,
          later: values.later,
        }),
        alternateLinks(alternates),
      ),
    ],
  };
}

function found({ total, query }: PackagesValues): string {
  const asked = Object.values(query).some((value) => value !== undefined && value !== '');
  return `${counted(total, 'source package')}${asked ? ' found' : ''}`;
}

function alternatesOf(frame: Frame, { api, query }: PackagesValues): readonly Alternate[] {
  const { name, distribution, release, architecture } = query;
  const feed = { distribution, release, architecture };
  const isWhole = name === undefined || name === '';
  return [
    { href: link(frame, ['api', 'sources'], api), type: 'application/json', label: 'JSON' },
    { href: link(frame, ['api', 'sources.csv'], api), type: 'text/csv', label: 'CSV' },
    {
      href: link(frame, ['api', 'feeds', query.blocks === undefined ? 'verdicts.atom' : 'regressions.atom'], feed),
      type: 'application/atom+xml',
      label: isWhole ? 'Atom feed of verdicts' : 'Atom feed of verdicts in these places',
    },
  ];
}

function filterForm(frame: Frame, { query, distributions, releases, architectures }: PackagesValues): Element {
  const same = (value: string) => [value, value] as const;
  return el(
    'form',
    { class: 'filter', method: 'get', action: link(frame, ['packages']), 'data-filter': 'results' },
    textField({ name: 'name', label: 'Name begins with', value: query.name, type: 'search' }),
    textField({ name: 'maintainer', label: 'Maintainer', value: query.maintainer, hint: 'Part of a name or address' }),
    choice({ name: 'verdict', label: 'Verdict', value: query.verdict, any: 'any', options: VERDICT_CHOICES }),
    choice({
      name: 'cause',
      label: 'Cause',
      value: query.cause,
      any: 'any',
      options: Object.keys(CAUSES).map((cause) => [cause, causeTitle(cause)] as const),
    }),
    choice({
      name: 'reason',
      label: 'Reason of the verdict',
      value: query.reason,
      any: 'any',
      options: Object.keys(REASONS).map(same),
    }),
    distributions.length > 1 &&
      choice({
        name: 'distribution',
        label: 'Distribution',
        value: query.distribution,
        any: 'any',
        options: distributions.map(same),
      }),
    choice({ name: 'release', label: 'Release', value: query.release, any: 'any', options: releases.map(same) }),
    choice({
      name: 'architecture',
      label: 'Architecture',
      value: query.architecture,
      any: 'any',
      options: architectures.map(same),
    }),
    choice({
      name: 'order',
      label: 'Order',
      value: query.order,
      any: 'by name',
      options: [['newest', 'listed last first']],
    }),
    tick({ name: 'blocks', label: 'Blocks migration', checked: query.blocks === 'yes' }),
    el(
      'p',
      { class: 'hint wide' },
      'Blocks migration: it does not reproduce now, and an older version of it did. ',
      el('a', { href: explained(frame, 'blocks-migration') }, 'What that means'),
    ),
    el(
      'div',
      { class: 'buttons' },
      el('button', {}, 'Show'),
      el('a', { class: 'button quiet', href: link(frame, ['packages']) }, 'Clear'),
    ),
  );
}

/** Names by their first character, for who does not know what to look for. */
function letters(frame: Frame, { query }: PackagesValues): Element {
  return el(
    'nav',
    { class: 'letters', 'aria-label': 'Packages by first character' },
    el(
      'ul',
      { class: 'inline' },
      [...'0123456789abcdefghijklmnopqrstuvwxyz'].map((name) =>
        el(
          'li',
          {},
          el(
            'a',
            { href: link(frame, ['packages'], { ...query, name }), 'aria-current': query.name === name && 'true' },
            name,
          ),
        ),
      ),
    ),
  );
}

function nothing(frame: Frame): Element {
  return emptyState(
    'No package is like that.',
    'Names are looked for by how they begin. ',
    el('a', { href: link(frame, ['packages']) }, 'Show all packages'),
  );
}

function list(frame: Frame, { rows }: PackagesValues): Element {
  return table<PackageRow>({
    caption: 'Source packages that are listed now, each with the worst of what its binaries came to',
    rows,
    columns: [
      {
        label: 'Package',
        heads: true,
        cell: ({ distribution, release, name }) =>
          el('a', { href: link(frame, ['packages', distribution, release ?? '-', name]) }, name),
      },
      { label: 'Version', cell: ({ version }) => version },
      { label: 'Release', cell: ({ distribution, release }) => release ?? distribution },
      { label: 'Verdict', cell: (row) => verdictBadge(frame, row) },
      { label: 'Causes', cell: ({ causes }) => causes.length > 0 && causeList(frame, causes) },
      {
        label: 'Maintainer',
        cell: ({ maintainer }) =>
          maintainer !== undefined &&
          el('a', { href: `${link(frame, ['packages'])}${queryText({ maintainer })}` }, maintainer),
      },
      {
        label: 'Rebuilt',
        cell: ({ resultId, builtAt }) =>
          resultId !== undefined &&
          builtAt !== undefined && [
            el('a', { href: link(frame, ['rebuilds', String(resultId)]) }, timeElement(frame, builtAt)),
            ' ',
            el('a', { class: 'small', href: link(frame, ['rebuilds', String(resultId), 'log']) }, 'log'),
          ],
      },
    ],
  });
}
