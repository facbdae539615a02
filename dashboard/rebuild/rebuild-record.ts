import type { BuildOutcome, RebuildAttempt, RebuildRecord, Verification } from '../../model/index.ts';
import { type Frame, link } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import { digest, facts } from '../parts/code.ts';
import { bytes, count, counted, duration } from '../parts/numbers.ts';
import { note } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { exact, timeElement } from '../parts/time.ts';
import type { Drift } from './values.ts';

const STAGES: Readonly<Record<string, string>> = {
  source: 'what was published is looked up and verified',
  lock: 'every package of the environment is pinned',
  plan: 'all that goes into the build is written down',
  environment: 'a root file system is made of the lock',
  build: 'the package is built, without any network',
  compare: 'files are compared, and differences explained',
  control: 'it is built once more, with everything varied',
  verdict: 'the word is found',
  record: 'all of it is written down',
};

/** When each stage ran, and how long. */
export function stages(frame: Frame, { stages: all }: RebuildRecord): readonly Child[] {
  if (all.length === 0) return [];
  const sum = all.reduce((seconds, { wallSeconds }) => seconds + wallSeconds, 0);
  return [
    el('h2', { id: 'stages' }, 'Stages'),
    table({
      caption: `${counted(all.length, 'stage')}, ${duration(sum)} in all`,
      rows: all,
      columns: [
        { label: 'Stage', heads: true, cell: ({ stage }) => stage },
        { label: 'What it does', cell: ({ stage }) => STAGES[stage] },
        {
          label: 'Begun',
          cell: ({ startedAt }) =>
            el('span', {}, timeElement(frame, startedAt), ' ', el('span', { class: 'note' }, exact(startedAt))),
        },
        {
          label: 'Took',
          numeric: true,
          cell: ({ wallSeconds, resumed }) =>
            el('span', {}, duration(wallSeconds), resumed && el('span', { class: 'note' }, ' earlier')),
        },
      ],
    }),
  ];
}

/** The builds: how each ended, what the control varied, and its log. */
export function attempts(frame: Frame, { attempts: all }: RebuildRecord, rebuild: number): readonly Child[] {
  if (all.length === 0) return [];
  return [
    el('h2', { id: 'builds' }, 'Builds'),
    all.map((attempt) =>
      el(
        'div',
        { class: 'card build-card' },
        el('h3', {}, attempt.kind === 'control' ? 'Control' : 'As planned'),
        el(
          'p',
          {},
          `${outcomeWords(attempt.outcome)}. ${duration(attempt.wallSeconds)}, ${counted(attempt.artifacts.length, 'file')}.`,
        ),
        attempt.outcome.kind === 'failed' && list(attempt.outcome.notes),
        attempt.varied.length > 0 && [
          el('p', {}, 'Varied, since a build must not depend on it:'),
          list(attempt.varied),
        ],
        logLink(frame, attempt, rebuild),
      ),
    ),
  ];
}

function logLink(frame: Frame, { kind, log }: RebuildAttempt, rebuild: number): Element {
  const href = link(frame, ['rebuilds', String(rebuild), 'log'], { build: kind === 'control' ? 'control' : undefined });
  return el('p', {}, el('a', { href }, `Log, ${bytes(log.bytes)}`), log.truncated && ' (cut at the limit)');
}

function list(texts: readonly string[]): Child {
  return (
    texts.length > 0 &&
    el(
      'ul',
      {},
      texts.map((text) => el('li', {}, text)),
    )
  );
}

/** How a build ended, in words. */
export function outcomeWords(outcome: BuildOutcome): string {
  switch (outcome.kind) {
    case 'built':
      return 'Built';
    case 'failed':
      return `Failed: the ${outcome.phase} phase ended with status ${outcome.exitStatus}`;
    case 'exceeded':
      return `Stopped by the limit of ${limitWords(outcome)}`;
    case 'infrastructure':
      return `Not carried out: ${outcome.message} (${outcome.code})`;
    default:
      return String((outcome satisfies never as { kind: unknown }).kind);
  }
}

function limitWords({ limit, value }: Extract<BuildOutcome, { kind: 'exceeded' }>): string {
  if (limit === 'wall-time') return `time, ${duration(value)}`;
  if (limit === 'processes') return counted(value, 'process', 'processes');
  return `${limit}, ${bytes(value)}`;
}

/** What was asked for. */
export function asked({ request, only }: RebuildRecord): readonly Child[] {
  const what =
    request.kind === 'name'
      ? `${request.name}${request.version === undefined ? '' : ` ${request.version}`}`
      : `the .${request.kind} ${request.location}`;
  const where = [
    request.suite !== undefined && ` in ${request.suite}`,
    request.architecture !== undefined && ` for ${request.architecture}`,
  ];
  return [
    el('h2', { id: 'asked' }, 'What was asked'),
    el('p', {}, what, where, '.'),
    only.length > 0 && el('p', {}, 'Judged were only: ', only.join(', '), '.'),
  ];
}

/** What was verified before anything was built, and by which keys. */
export function verified(_frame: Frame, { verified: all }: RebuildRecord): readonly Child[] {
  return [
    el('h2', { id: 'verified' }, 'What was verified'),
    all.length === 0
      ? note('Nothing was: the attempt ended before, or whoever made it does not say.')
      : el(
          'ul',
          { class: 'verified' },
          all.map((one) => el('li', {}, verificationWords(one))),
        ),
  ];
}

function verificationWords(one: Verification): Child {
  switch (one.kind) {
    case 'release':
      return [
        el('strong', {}, `Release file of ${one.archive} ${one.suite}`),
        `, dated ${one.date}`,
        one.expired && el('strong', {}, ', past its date, which was allowed'),
        '. Signed by ',
        one.signedBy.map((key, at) => [at > 0 && ', ', digest(key)]),
        `, of ${one.keyring}. SHA-256 `,
        digest(one.sha256),
      ];
    case 'index':
      return [
        el('strong', {}, `Index ${one.path}`),
        ` of ${one.archive} ${one.suite}, as the Release file names it: SHA-256 `,
        digest(one.sha256),
      ];
    case 'signature':
      return [
        el('strong', {}, `Signature of ${one.name}`),
        one.result === 'good' ? ': good' : ': not checked',
        one.signedBy.length > 0 && [', by ', one.signedBy.map((key, at) => [at > 0 && ', ', digest(key)])],
        one.why !== '' && `: ${one.why}`,
      ];
    default:
      return String((one as { kind: unknown }).kind);
  }
}

const LISTED_CHANGES = 200;

/** What the build could see, pinned; and how that differs from what the publisher wrote down. */
export function environment(frame: Frame, record: RebuildRecord, drift: Drift | undefined): readonly Child[] {
  const { environment: made, engine, basis, planDigest } = record;
  const rows: (readonly [string, Child])[] = [];
  if (basis !== undefined)
    rows.push([
      'Basis',
      basis === 'recorded' ? 'the packages that a .buildinfo names' : 'build dependencies as the suite has them now',
    ]);
  if (planDigest !== undefined) rows.push(['Plan, SHA-256', digest(planDigest)]);
  if (made !== undefined)
    rows.push(
      ['Lock, SHA-256', digest(made.lockDigest)],
      ['Root file system, SHA-256', digest(made.rootfsDigest)],
      ['Packages', `${count(made.packages)}${made.reused ? ', made before' : ''}`],
    );
  if (engine !== undefined) rows.push(['Container engine', `${engine.name} ${engine.version}`]);
  if (rows.length === 0) return [];
  return [el('h2', { id: 'environment' }, 'Environment'), facts(rows), ...driftParts(frame, drift, basis)];
}

function driftParts(frame: Frame, drift: Drift | undefined, basis: RebuildRecord['basis']): readonly Child[] {
  const head = el('h3', { id: 'drift' }, 'Against the .buildinfo');
  if (drift === undefined)
    return [
      head,
      note(
        basis === 'recorded'
          ? 'The lock was made of the packages that the .buildinfo names. The two are not both kept here to be held against each other.'
          : 'No .buildinfo was to be had: what the publisher built with is not known. ',
        basis !== 'recorded' && el('a', { href: `${link(frame, ['reading'])}#recorded` }, 'What that means'),
      ),
    ];
  const { changes, same, by } = drift;
  return [
    head,
    by === 'worker' && note('As the worker says that built it, on another machine: nobody here saw its environment.'),
    el(
      'p',
      {},
      changes.length === 0
        ? `Every package that the .buildinfo names was there in that version (${count(same)}).`
        : `${counted(same, 'package')} in the version that the .buildinfo names, and these otherwise:`,
    ),
    changes.length > 0 &&
      table({
        caption: 'Packages that differ',
        rows: changes.slice(0, LISTED_CHANGES),
        columns: [
          { label: 'Package', heads: true, cell: ({ name }) => name },
          { label: '.buildinfo', cell: ({ theirs }) => theirs ?? el('i', {}, 'not named') },
          { label: by === 'worker' ? 'There' : 'Here', cell: ({ ours }) => ours ?? el('i', {}, 'not there') },
        ],
      }),
    changes.length > LISTED_CHANGES &&
      note(`${count(changes.length - LISTED_CHANGES)} more are in the lock and the .buildinfo.`),
  ];
}
