import type { z } from 'zod';
import type { ServiceStore } from '../store/index.ts';
import { type JobFilter, type JobStore, PRIORITY } from '../store/jobs/types.ts';
import { given, originOf } from './paging.ts';
import type { askBody, jobSelection } from './schemas/queue.ts';

/** What of the queue is to be changed, as the API's bodies say it. */
export type QueueChange =
  | { readonly kind: 'ask' | 'retry'; readonly asked: z.output<typeof askBody> }
  | { readonly kind: 'cancel'; readonly jobs: z.output<typeof jobSelection> }
  | { readonly kind: 'priority'; readonly jobs: z.output<typeof jobSelection>; readonly priority: number };

const STATES = {
  pause: { paused: true },
  drain: { draining: true },
  resume: { paused: false, draining: false },
} as const;
export type QueueVerb = keyof typeof STATES;

/** Changes jobs, and notes in the audit log who did. How many jobs it was. */
export async function changeQueue(store: ServiceStore, actor: string, change: QueueChange): Promise<number> {
  const request = 'asked' in change ? change.asked : change.kind === 'cancel' ? change.jobs : requestOf(change);
  return store.noted(
    ({ jobs }) => changed(jobs, actor, change),
    (affected) => ({ actor, action: `queue.${change.kind}`, subject: 'queue', detail: { request, affected } }),
  );
}

/** Gives out jobs or none, and notes who said so. */
export async function setQueue(store: ServiceStore, actor: string, verb: QueueVerb): Promise<void> {
  await store.noted(
    ({ jobs }) => jobs.setState(STATES[verb]),
    () => ({ actor, action: `queue.${verb}`, subject: 'queue', detail: {} }),
  );
}

/** The jobs that a selection names. */
export function jobFilter(selection: z.output<typeof jobSelection>): JobFilter {
  const { id, name, version, kind, state } = selection;
  return { ...originOf(selection), ...given({ id, name, version, kind, state }) };
}

async function changed(jobs: JobStore, actor: string, change: QueueChange): Promise<number> {
  switch (change.kind) {
    case 'cancel':
      return jobs.cancel(jobFilter(change.jobs));
    case 'priority':
      return jobs.setPriority(jobFilter(change.jobs), change.priority);
    case 'ask':
    case 'retry': {
      const { priority = PRIORITY[change.kind === 'ask' ? 'manual' : 'retry'], ...selection } = change.asked;
      const { name, version, buildInputId } = selection;
      const status = selection.status ?? (change.kind === 'retry' ? ('FAIL' as const) : undefined);
      return jobs.ask(
        { ...originOf(selection), ...given({ name, version, buildInputId, status }) },
        { kind: 'manual', priority, requestedBy: actor },
      );
    }
    default:
      return change satisfies never;
  }
}

function requestOf({ jobs, priority }: Extract<QueueChange, { kind: 'priority' }>): object {
  return { jobs, priority };
}
