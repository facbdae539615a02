import { type Frame, link } from '../frame.ts';
import { type Element, el } from '../h.ts';
import type { Alternate, Page } from '../layout.ts';
import { CAUSES, type CauseName, reasonSentence } from '../parts/causes.ts';
import { facts } from '../parts/code.ts';
import { counted } from '../parts/numbers.ts';
import { alternateLinks, emptyState } from '../parts/states.ts';
import { type Column, table } from '../parts/table.ts';
import { timeElement } from '../parts/time.ts';
import { type Judged, sign, verdictBadge, wordOf } from '../parts/verdict.ts';
import { badgeSection, repeatSection } from './package-take-away.ts';

/** A version on one architecture, and what it came to. */
export type PackageBuild = Judged & {
  readonly version: string;
  readonly architecture: string;
  /** Whether it is listed now. */
  readonly seen: boolean;
  readonly resultId?: number;
};

export type PackageAttempt = Judged & {
  readonly id: number;
  readonly version: string;
  readonly architecture: string;
  readonly builtAt: string;
  readonly detail?: string;
};

export type PackageValues = {
  readonly distribution: string;
  readonly release?: string;
  readonly name: string;
  readonly component?: string;
  readonly maintainer?: string;
  /** Newest version first. */
  readonly builds: readonly PackageBuild[];
  /** Versions that are there and not among those. */
  readonly olderVersions: number;
  /** What was recorded of it, newest first; and how much there is of it. */
  readonly attempts: readonly PackageAttempt[];
  readonly attemptsTotal: number;
  /** By result, of the builds that are listed now. */
  readonly causes: ReadonlyMap<number, readonly string[]>;
  /** What results of those builds say in a sentence of their own. */
  readonly details: ReadonlyMap<number, string>;
  /** Other releases of the distribution that have it. */
  readonly alsoIn: readonly string[];
};

/** A source package in a release: what became of each version, why, and how to see it oneself. */
export function packagePage(frame: Frame, values: PackageValues): Page {
  const { distribution, release, name } = values;
  const place = release === undefined ? distribution : `${distribution} ${release}`;
  const now = values.builds.filter(({ seen }) => seen);
  const alternates = alternatesOf(frame, values);
  return {
    title: `${name} in ${place}`,
    section: 'packages',
    description: `Whether ${name} in ${place} is reproducible, version by version, and why not.`,
    alternates,
    islands: ['copy'],
    main: [
      el(
        'ol',
        { class: 'trail' },
        el('li', {}, el('a', { href: link(frame, ['packages']) }, 'Packages')),
        el('li', {}, el('a', { href: link(frame, ['packages'], { distribution, release: release ?? '-' }) }, place)),
      ),
      el('h1', {}, name),
      about(frame, values),
      el('h2', { id: 'now' }, 'Now'),
      now.length === 0
        ? emptyState('No version is listed now.', 'What is below was listed before.')
        : now.map((build) => current(frame, build, values)),
      el('h2', { id: 'versions' }, 'Versions'),
      versions(frame, values),
      el('h2', { id: 'history' }, 'History'),
      history(frame, values),
      alternateLinks(alternates),
      repeatSection(values, now[0] ?? values.builds[0]),
      badgeSection(frame, values),
    ],
  };
}

function alternatesOf(frame: Frame, { distribution, name }: PackageValues): readonly Alternate[] {
  const history = ['api', 'packages', distribution, name];
  return [
    { href: link(frame, [...history, 'history']), type: 'application/json', label: 'JSON' },
    { href: link(frame, [...history, 'history.csv']), type: 'text/csv', label: 'CSV' },
    {
      href: link(frame, ['api', 'feeds', 'verdicts.atom'], { distribution, name }),
      type: 'application/atom+xml',
      label: 'Atom feed',
    },
  ];
}

function about(frame: Frame, { distribution, name, component, maintainer, alsoIn }: PackageValues): Element {
  return facts([
    ...(maintainer === undefined
      ? []
      : ([['Maintainer', el('a', { href: link(frame, ['packages'], { maintainer }) }, maintainer)]] as const)),
    ...(component === undefined ? [] : ([['Component', component]] as const)),
    ...(alsoIn.length === 0
      ? []
      : ([
          [
            'Also in',
            alsoIn.map((release, at) => [
              at > 0 && ', ',
              el(
                'a',
                { href: link(frame, ['packages', distribution, release, name]) },
                release === '-' ? distribution : release,
              ),
            ]),
          ],
        ] as const)),
  ]);
}

/** A build that is listed now, with why it is as it is. */
function current(frame: Frame, build: PackageBuild, { causes, details }: PackageValues): Element {
  const { version, architecture, resultId } = build;
  const sentence = reasonSentence(build);
  const detail = resultId === undefined ? undefined : details.get(resultId);
  const why = resultId === undefined ? [] : (causes.get(resultId) ?? []);
  return el(
    'div',
    { class: 'card build' },
    el(
      'p',
      { class: 'head' },
      el('strong', {}, `${version} ${architecture}`),
      ' ',
      verdictBadge(frame, build),
      resultId !== undefined && el('a', { href: link(frame, ['rebuilds', String(resultId)]) }, 'The rebuild'),
    ),
    sentence !== undefined && el('p', {}, sentence),
    build.status === undefined && el('p', {}, 'Nobody tried to rebuild it here yet.'),
    detail !== undefined && el('p', { class: 'note' }, detail),
    why.length > 0 &&
      el(
        'dl',
        { class: 'why' },
        why.filter(isCause).map((cause) => causeOf(frame, cause)),
      ),
  );
}

function isCause(cause: string): cause is CauseName {
  return Object.hasOwn(CAUSES, cause);
}

function causeOf(frame: Frame, cause: CauseName): Element {
  const [title, words] = CAUSES[cause];
  return el(
    'div',
    {},
    el('dt', {}, el('a', { href: `${link(frame, ['reading'])}#cause-${cause}` }, title)),
    el('dd', {}, words),
  );
}

type VersionRow = { readonly version: string; readonly seen: boolean; readonly builds: readonly PackageBuild[] };

function versions(frame: Frame, { builds, olderVersions }: PackageValues): Element {
  const rows: readonly VersionRow[] = [...Map.groupBy(builds, ({ version }) => version)].map(([version, all]) => ({
    version,
    seen: all.some(({ seen }) => seen),
    builds: all,
  }));
  const architectures = [...new Set(builds.map(({ architecture }) => architecture))].sort();
  const columns: readonly Column<VersionRow>[] = [
    { label: 'Version', heads: true, cell: ({ version }) => version },
    { label: 'Listed', cell: ({ seen }) => (seen ? 'now' : 'before') },
    ...architectures.map((label) => ({
      label,
      cell: (row: VersionRow) =>
        row.builds.filter(({ architecture }) => architecture === label).map((build) => versionCell(frame, build)),
    })),
  ];
  const more = olderVersions > 0 ? ` ${counted(olderVersions, 'older version')} not shown.` : '';
  return table({ caption: `Every version and architecture with its verdict.${more}`, rows, columns });
}

function versionCell(frame: Frame, build: PackageBuild): Element {
  return el(
    'div',
    { class: 'cell' },
    verdictBadge(frame, build),
    build.resultId !== undefined &&
      el(
        'a',
        { class: 'small', href: link(frame, ['rebuilds', String(build.resultId)]) },
        'rebuild',
        el('span', { class: 'unseen' }, ` of ${build.version} ${build.architecture}`),
      ),
  );
}

function history(frame: Frame, { attempts, attemptsTotal }: PackageValues): Element {
  if (attempts.length === 0) return emptyState('Nothing is recorded of it yet.');
  const left = attemptsTotal - attempts.length;
  return el(
    'div',
    {},
    el(
      'p',
      { class: 'note' },
      `${counted(attemptsTotal, 'attempt')}, newest last.${left > 0 ? ` The newest ${attempts.length} are shown.` : ''}`,
    ),
    el(
      'ol',
      { class: 'strip' },
      attempts.toReversed().map((attempt) => stripCell(frame, attempt)),
    ),
    el(
      'details',
      {},
      el('summary', {}, 'The same as a table'),
      table({
        caption: 'Attempts, newest first',
        rows: attempts,
        columns: [
          {
            label: 'Version',
            heads: true,
            cell: ({ id, version }) => el('a', { href: link(frame, ['rebuilds', String(id)]) }, version),
          },
          { label: 'Architecture', cell: ({ architecture }) => architecture },
          { label: 'Verdict', cell: (attempt) => verdictBadge(frame, attempt) },
          { label: 'When', cell: ({ builtAt }) => timeElement(frame, builtAt) },
        ],
      }),
    ),
  );
}

function stripCell(frame: Frame, attempt: PackageAttempt): Element {
  const { look, word } = wordOf(attempt);
  const title = `${attempt.version} ${attempt.architecture}: ${word}, ${attempt.builtAt.slice(0, 10)}`;
  return el(
    'li',
    { class: look },
    el(
      'a',
      { href: link(frame, ['rebuilds', String(attempt.id)]), title },
      sign(look),
      el('span', { class: 'unseen' }, title),
    ),
  );
}
