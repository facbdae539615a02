import { type Frame, link } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { reasonSentence } from '../parts/causes.ts';
import { facts } from '../parts/code.ts';
import { bytes, count, duration } from '../parts/numbers.ts';
import { timeElement } from '../parts/time.ts';
import { verdictBadge, wordOf } from '../parts/verdict.ts';
import { evidence, repeat } from './rebuild-evidence.ts';
import { files } from './rebuild-files.ts';
import { asked, attempts, environment, stages, verified } from './rebuild-record.ts';
import type { RebuildValues, ShownResult } from './values.ts';

/** One attempt to rebuild a package: what it came to and why, and all that stands behind that. */
export function rebuildPage(frame: Frame, values: RebuildValues): Page {
  const { result, record } = values;
  const { id, source, version, architecture, distribution, release } = result;
  const place = release === undefined ? distribution : `${distribution} ${release}`;
  const api = link(frame, ['api', 'rebuilds', String(id)]);
  const { word } = wordOf(result);
  return {
    title: `${source} ${version} on ${architecture}: ${word}`,
    section: 'packages',
    description: `A rebuild of ${source} ${version} (${place}, ${architecture}): ${word}.`,
    alternates: [{ href: api, type: 'application/json', label: 'JSON' }],
    islands: ['copy'],
    main: [
      el(
        'ol',
        { class: 'trail', 'aria-label': 'Where this is' },
        el('li', {}, el('a', { href: link(frame, ['packages']) }, 'Packages')),
        el(
          'li',
          {},
          el('a', { href: link(frame, ['packages', distribution, release ?? '-', source]) }, `${source} in ${place}`),
        ),
      ),
      el('h1', {}, el('bdi', {}, `${source} ${version}`), ` on ${architecture}`),
      el('p', { class: 'verdict-line' }, verdictBadge(frame, result)),
      ...why(values),
      whose(result),
      about(frame, values),
      el('nav', { class: 'views', 'aria-label': 'Of this rebuild' }, ways(frame, values)),
      ...files(frame, values),
      ...(record === undefined
        ? []
        : [
            ...stages(frame, record),
            ...attempts(frame, record, id),
            ...asked(record),
            ...verified(frame, record),
            ...environment(frame, record, values.drift),
            ...notes(record.notes),
          ]),
      ...evidence(frame, values),
      ...repeat(values),
    ],
  };
}

function why({ result, trees }: RebuildValues): readonly Child[] {
  const sentence = reasonSentence(result);
  return [
    sentence !== undefined && el('p', { class: 'lead' }, sentence),
    result.detail !== undefined && el('p', {}, result.detail),
    !result.decides &&
      el('p', { class: 'note' }, 'This attempt decides nothing: it never hides a verdict from before.'),
    result.change === 'regression' &&
      el('p', {}, el('strong', {}, 'A regression: '), 'the last judged attempt before it came out better.'),
    result.change === 'fixed' && el('p', {}, 'The last judged attempt before it came out worse: this is mended.'),
    result.verdict === 'inconclusive' &&
      trees.length > 0 &&
      el('p', { class: 'note' }, 'The differences say what another environment changed.'),
  ];
}

const ORIGINS = {
  rebuilderd: [
    'Said by a worker of rebuilderd. ',
    'It built and compared on its own; this server kept what it said, and did not see the files.',
  ],
  imported: [
    'Imported from another rebuilder. ',
    'This is its history, kept as it was told; nothing of it was done or checked here.',
  ],
} as const;

/** Whose word this is, where it is not this server's. */
function whose({ origin }: ShownResult): Child {
  if (origin === 'ours') return undefined;
  const [head, text] = ORIGINS[origin];
  return el('div', { class: 'state stale', role: 'note' }, el('p', {}, el('strong', {}, head), text));
}

function about(frame: Frame, { result, record }: RebuildValues): Element {
  const { startedAt, builtAt, wallSeconds, memoryBytes, diskBytes, exitStatus, workerId, rebuildId } = result;
  const took = wallSeconds ?? (Date.parse(builtAt) - Date.parse(startedAt)) / 1000;
  const rows: (readonly [string, Child])[] = [
    ['Ended', timeElement(frame, builtAt)],
    ['Took', Number.isFinite(took) && took >= 0 ? duration(took) : '?'],
  ];
  if (record?.basis !== undefined)
    rows.push([
      'Environment',
      el(
        'a',
        { href: `${link(frame, ['reading'])}#recorded` },
        record.basis === 'recorded' ? 'as recorded' : 'inferred',
      ),
    ]);
  if (record?.tests !== undefined) rows.push(["Package's tests", record.tests]);
  if (exitStatus !== undefined && exitStatus !== 0) rows.push(['Exit status', String(exitStatus)]);
  if (memoryBytes !== undefined) rows.push(['Memory', bytes(memoryBytes)]);
  if (diskBytes !== undefined) rows.push(['Disk', bytes(diskBytes)]);
  if (workerId !== undefined) rows.push(['Worker', `number ${workerId}`]);
  if (rebuildId !== undefined) rows.push(['Id', el('code', {}, rebuildId)]);
  return facts(rows);
}

function ways(frame: Frame, { result, trees }: RebuildValues): readonly Child[] {
  const at = ['rebuilds', String(result.id)];
  return [
    result.log !== undefined && el('a', { href: link(frame, [...at, 'log']) }, `Log, ${bytes(result.log.bytes)}`),
    trees.length > 0 &&
      el(
        'a',
        {
          href:
            trees.length === 1 && trees[0] !== undefined
              ? link(frame, [...at, 'differences', trees[0].tree])
              : link(frame, [...at, 'differences']),
        },
        trees.length === 1 ? 'What differs' : `What differs, in ${count(trees.length)} comparisons`,
      ),
  ];
}

function notes(texts: readonly string[]): readonly Child[] {
  if (texts.length === 0) return [];
  return [
    el('h2', {}, 'Notes'),
    el(
      'ul',
      {},
      texts.map((text) => el('li', {}, text)),
    ),
  ];
}
