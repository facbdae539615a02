import type { Job, QueueCounts, QueueState } from '../../store/index.ts';
import { tableText } from '../table.ts';

const HEADS = ['JOB', 'PRIORITY', 'KIND', 'WHAT', 'SINCE', 'STATE'] as const;

/** The queue for people: its state and counts, then jobs in the order given, one line each. Everything is escaped. */
export function queueText(queue: {
  readonly total: number;
  readonly state: QueueState;
  readonly counts: QueueCounts;
  readonly jobs: readonly Job[];
}): string {
  const { running, available, pending } = queue.counts;
  const more = queue.total - queue.jobs.length;
  return [
    `${running} running, ${available} ready, ${pending} waiting for their time; ${stateWords(queue.state)}\n`,
    tableText(HEADS, queue.jobs.map(cellsOf)),
    more > 0 ? `… ${more} more\n` : '',
  ].join('');
}

/** Whether builds are begun, in words. */
export function stateWords({ paused, draining }: QueueState): string {
  if (draining) return 'draining: no builds are begun';
  return paused ? 'paused: no builds are begun' : 'builds are begun';
}

function cellsOf(job: Job): readonly string[] {
  const { source, version, distribution, release = '', architecture } = job;
  return [
    String(job.id),
    String(job.priority),
    job.kind,
    `${source} ${version} ${[distribution, release, architecture].filter((word) => word !== '').join(' ')}`,
    time(job.leasedAt ?? job.queuedAt),
    stateOf(job),
  ];
}

function stateOf(job: Job): string {
  if (job.cancelRequested) return 'stopping';
  if (job.state === 'leased') return job.stage === undefined ? 'running' : `running: ${job.stage}`;
  return job.notBefore === undefined ? 'ready' : `not before ${time(job.notBefore)}`;
}

function time(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, 'Z');
}
