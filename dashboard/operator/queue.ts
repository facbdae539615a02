import { type Frame, link } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { facts } from '../parts/code.ts';
import { count } from '../parts/numbers.ts';
import { pagesOfList } from '../parts/pages-of-list.ts';
import { type Column, table } from '../parts/table.ts';
import { timeElement } from '../parts/time.ts';
import { choice, type OperatorFrame, operatorLink, operatorPage, textField } from './frame.ts';

/** A job as the API tells it. */
export type JobRow = {
  readonly id: number;
  readonly kind: string;
  readonly priority: number;
  readonly queuedAt: string;
  readonly notBefore?: string;
  readonly state: 'queued' | 'leased';
  readonly leasedAt?: string;
  readonly cancelRequested: boolean;
  readonly stage?: string;
  readonly requestedBy?: string;
  readonly source: string;
  readonly version: string;
  readonly distribution: string;
  readonly release?: string;
  readonly architecture: string;
};

export type Chosen = {
  readonly distribution?: string | undefined;
  readonly release?: string | undefined;
  readonly architecture?: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly state?: string | undefined;
  readonly id?: number | undefined;
};

export type QueueFacts = {
  readonly total: number;
  readonly records: readonly JobRow[];
  readonly next?: string;
  readonly later: boolean;
  readonly chosen: Chosen;
  readonly state: { readonly paused: boolean; readonly draining: boolean };
  readonly counts: { readonly running: number; readonly available: number; readonly pending: number };
};

const KINDS = [
  ['', 'any'],
  ['manual', 'asked for by hand'],
  ['new', 'new'],
  ['retry', 'tried again'],
  ['reverify', 'looked at again'],
] as const;
const STATES = [
  ['', 'any'],
  ['queued', 'waiting'],
  ['leased', 'running'],
] as const;
const RESULTS = [
  ['', 'anything'],
  ['FAIL', 'could not be tried'],
  ['BAD', 'unreproducible, or failed to build'],
  ['UNKWN', 'inconclusive'],
  ['GOOD', 'reproducible'],
  ['none', 'nothing yet'],
] as const;

/** The queue, and what can be done with it. */
export function operatorQueuePage(frame: OperatorFrame, queue: QueueFacts): Page {
  const { chosen, total } = queue;
  return operatorPage(
    frame,
    { title: 'Queue', part: 'queue' },
    stateCard(frame, queue),
    el('h2', {}, 'Jobs'),
    filterForm(frame, chosen),
    table({
      caption: captionOf(chosen, total),
      columns: columnsOf(frame),
      rows: queue.records,
      empty: 'No job is like that.',
    }),
    pagesOfList({
      path: operatorLink(frame, ['queue']),
      query: chosen,
      total,
      shown: queue.records.length,
      next: queue.next,
      later: queue.later,
    }),
    total > 0 &&
      el(
        'p',
        { class: 'actions' },
        `All ${count(total)} of this list: `,
        el(
          'a',
          { class: 'button quiet', href: confirmLink(frame, { ...chosen, action: 'priority' }) },
          'Change priority…',
        ),
        ' ',
        el('a', { class: 'button quiet', href: confirmLink(frame, { ...chosen, action: 'cancel' }) }, 'Cancel…'),
      ),
    el('h2', {}, 'Ask for builds'),
    askForm(frame),
  );
}

function stateCard(frame: OperatorFrame, { state, counts }: QueueFacts): Element {
  const stopped = state.paused || state.draining;
  const words = state.draining
    ? 'draining: no job is given out'
    : state.paused
      ? 'paused: no job is given out'
      : 'jobs are given out';
  const act = (action: string, label: string) =>
    el('a', { class: 'button quiet', href: confirmLink(frame, { action }) }, label);
  return el(
    'section',
    { class: 'card', 'aria-label': 'State of the queue' },
    facts([
      ['State', el('strong', {}, words)],
      ['Running', count(counts.running)],
      ['Ready', count(counts.available)],
      ['Waiting for their time', count(counts.pending)],
    ]),
    el(
      'p',
      { class: 'actions' },
      stopped ? act('resume', 'Resume…') : [act('pause', 'Pause…'), ' ', act('drain', 'Drain…')],
    ),
  );
}

function captionOf(chosen: Chosen, total: number): string {
  const words = Object.entries(chosen).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  const which = words.length === 0 ? 'The whole queue' : `Jobs of ${words.join(', ')}`;
  return `${which}, in the order they are begun: ${count(total)}`;
}

function columnsOf(frame: OperatorFrame): readonly Column<JobRow>[] {
  return [
    {
      label: 'Source',
      heads: true,
      cell: ({ source, version, distribution, release = '-' }) => [
        el('a', { href: link(frame, ['packages', distribution, release, source]) }, source),
        ` ${version}`,
      ],
    },
    { label: 'Job', numeric: true, cell: ({ id }) => String(id) },
    {
      label: 'For',
      cell: ({ distribution, release, architecture }) =>
        [distribution, release, architecture].filter((word) => word !== undefined).join(' '),
    },
    {
      label: 'Why',
      cell: ({ kind, requestedBy }) => `${kindWords(kind)}${requestedBy === undefined ? '' : `, by ${requestedBy}`}`,
    },
    { label: 'Priority', numeric: true, cell: ({ priority }) => String(priority) },
    { label: 'State', cell: (job) => stateOf(frame, job) },
    {
      label: 'Change',
      cell: ({ id }) => [
        el(
          'a',
          { href: confirmLink(frame, { action: 'priority', id }), 'aria-label': `Change the priority of job ${id}` },
          'Priority…',
        ),
        ' ',
        el('a', { href: confirmLink(frame, { action: 'cancel', id }), 'aria-label': `Cancel job ${id}` }, 'Cancel…'),
      ],
    },
  ];
}

/** A job's state in words. */
export function stateOf(frame: Frame, job: JobRow): Child {
  if (job.cancelRequested) return 'told to stop';
  if (job.state === 'leased')
    return [
      `running${job.stage === undefined ? '' : `, ${job.stage}`}, since `,
      timeElement(frame, job.leasedAt ?? job.queuedAt),
    ];
  return job.notBefore !== undefined && job.notBefore > frame.now.toISOString()
    ? ['waits for its time, ', timeElement(frame, job.notBefore)]
    : ['waiting, since ', timeElement(frame, job.queuedAt)];
}

function kindWords(kind: string): string {
  return KINDS.find(([value]) => value === kind)?.[1] ?? kind;
}

function filterForm(frame: OperatorFrame, chosen: Chosen): Element {
  return el(
    'form',
    { class: 'inputs', action: operatorLink(frame, ['queue']), method: 'get', 'aria-label': 'Filter' },
    textField('jobs-name', 'Package', chosen.name),
    textField('jobs-version', 'Version', chosen.version),
    textField('jobs-distribution', 'Distribution', chosen.distribution),
    textField('jobs-release', 'Release', chosen.release),
    textField('jobs-architecture', 'Architecture', chosen.architecture),
    choice('jobs-kind', 'Why', KINDS, chosen.kind),
    choice('jobs-state', 'State', STATES, chosen.state),
    el('div', { class: 'input' }, el('button', {}, 'Filter')),
  );
}

function askForm(frame: OperatorFrame): Element {
  return el(
    'form',
    {
      class: 'inputs',
      action: operatorLink(frame, ['queue', 'confirm']),
      method: 'get',
      'aria-label': 'Ask for builds',
    },
    el('input', { type: 'hidden', name: 'action', value: 'ask' }),
    textField('ask-name', 'Package', undefined),
    textField('ask-version', 'Version', undefined),
    textField('ask-distribution', 'Distribution', undefined),
    textField('ask-release', 'Release', undefined),
    textField('ask-architecture', 'Architecture', undefined),
    choice('ask-status', 'Whose result is', RESULTS),
    el('div', { class: 'input' }, el('button', {}, 'Ask…')),
  );
}

function confirmLink(frame: OperatorFrame, query: Readonly<Record<string, string | number | undefined>>): string {
  return operatorLink(frame, ['queue', 'confirm'], query);
}
