import { z } from 'zod';
import { confirmPage, link, operatorQueuePage, queryText } from '../../../dashboard/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { STATUSES } from '../../store/index.ts';
import { JOB_KINDS, type JobStore } from '../../store/jobs/types.ts';
import type { App } from '../context.ts';
import { given, originOf, readPart } from '../paging.ts';
import { changeQueue, jobFilter, setQueue } from '../queue-changes.ts';
import { beforeChange, keepUndo, UNDO_JOBS, undoChange } from '../queue-undo.ts';
import { askBody, jobSelection } from '../schemas/queue.ts';
import type { Session } from '../sessions.ts';
import { actorOf, type OperatorSite } from './signed-in.ts';

const JOBS = 50;
const SHOWN = 10;
const word = z.string().max(200).optional();
const whole = z.coerce.number().int();

/** Forms send empty fields: they say nothing. */
const said = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.preprocess(
    (value) => Object.fromEntries(Object.entries(value ?? {}).filter(([, text]) => text !== '')),
    z.strictObject(shape),
  );

const selection = {
  distribution: word,
  release: word,
  architecture: word,
  name: word,
  version: word,
  kind: z.enum(JOB_KINDS).optional(),
  state: z.enum(['queued', 'leased']).optional(),
  id: whole.min(1).max(2_147_483_647).optional(),
};
const listQuery = said({ ...selection, cursor: z.string().max(300).optional() });
const change = {
  ...selection,
  action: z.enum(['cancel', 'priority', 'ask', 'pause', 'drain', 'resume']),
  status: z.enum([...STATUSES, 'none']).optional(),
  priority: whole.min(-2_147_483_647).max(2_147_483_647).optional(),
};
const confirmQuery = said(change);
const changeForm = said({ ...change, csrf: z.string().max(100) });
const undoForm = z.strictObject({ csrf: z.string().max(100), undo: z.string().max(100) });

type Change = z.output<typeof confirmQuery>;

/** The queue, and changing it: each change is shown before it is made, and can be taken back where that is possible. */
export function registerQueuePages(app: App, site: OperatorSite): void {
  const { store } = site;
  const queue = link(site, ['operator', 'queue']);

  app.get('/operator/queue', { schema: { hide: true, querystring: listQuery } }, async (request, reply) => {
    const session = await site.enter(request, reply, 'operator');
    if (session === undefined) return reply;
    const facts = await queueFacts(store.jobs, request.query);
    return site.show(request, reply, operatorQueuePage(site.shown(request, session), facts));
  });

  app.get('/operator/queue/confirm', { schema: { hide: true, querystring: confirmQuery } }, async (request, reply) => {
    const session = await site.enter(request, reply, 'operator');
    if (session === undefined) return reply;
    const { action, ...rest } = request.query;
    const filter = jobFilter(selectionOf(request.query));
    const jobs =
      action === 'cancel' || action === 'priority'
        ? await store.jobs.jobs(filter, { sort: 'priority', limit: SHOWN })
        : { total: 0, records: [] };
    const facts = { action, fields: given(rest), ...jobs, undoable: jobs.total <= UNDO_JOBS };
    return site.show(request, reply, confirmPage(site.shown(request, session), facts));
  });

  app.post('/operator/queue/change', { schema: { hide: true, body: changeForm } }, async (request, reply) => {
    const session = await site.change(request, 'operator');
    session.notes.notice = await make(site, session, request.body);
    const back = ['cancel', 'priority'].includes(request.body.action) ? backTo(request.body) : {};
    return reply.redirect(`${queue}${queryText(back)}`, 303);
  });

  app.post('/operator/queue/undo', { schema: { hide: true, body: undoForm } }, async (request, reply) => {
    const session = await site.change(request, 'operator');
    const { undos } = session.notes;
    const undo = undos.get(request.body.undo);
    if (undo === undefined)
      throw new ReproofError('RESOURCE_UNKNOWN', 'taking a change back: it was taken back, or was too long ago');
    undos.delete(request.body.undo);
    const affected = await undoChange(store, actorOf(session), undo);
    session.notes.notice = {
      text: undo.kind === 'state' ? 'The queue is as it was before.' : `Taken back: ${jobs(affected)}.`,
    };
    return reply.redirect(queue, 303);
  });
}

/** All that the page of the queue shows. */
export async function queueFacts(
  jobs: Pick<JobStore, 'jobs' | 'state' | 'counts'>,
  { cursor, ...chosen }: z.output<typeof listQuery>,
): Promise<Parameters<typeof operatorQueuePage>[1]> {
  const filter = jobFilter(chosen);
  const [part, state, counts] = await Promise.all([
    readPart({ cursor, limit: JOBS, sort: 'priority' as const }, { name: 'queue', filter }, (page) =>
      jobs.jobs(filter, page),
    ),
    jobs.state(),
    jobs.counts({}),
  ]);
  return { ...part, state, counts, chosen, later: cursor !== undefined };
}

async function make({ store }: OperatorSite, session: Session, wanted: Change) {
  const actor = actorOf(session);
  const { undos } = session.notes;
  switch (wanted.action) {
    case 'cancel':
    case 'priority': {
      const chosen = jobSelection.parse(selectionOf(wanted));
      const undo = await beforeChange(store, jobFilter(chosen), wanted.action);
      const affected = await changeQueue(
        store,
        actor,
        wanted.action === 'cancel'
          ? { kind: 'cancel', jobs: chosen }
          : { kind: 'priority', jobs: chosen, priority: wanted.priority ?? 0 },
      );
      const text = wanted.action === 'cancel' ? 'Cancelled' : `Priority ${wanted.priority ?? 0}`;
      return { text: `${text}: ${jobs(affected)}.`, ...(undo === undefined ? {} : { undo: keepUndo(undos, undo) }) };
    }
    case 'ask': {
      const { name, version, status, priority } = wanted;
      const asked = askBody.parse({ ...originOf(wanted), ...given({ name, version, status, priority }) });
      return { text: `Queued: ${jobs(await changeQueue(store, actor, { kind: 'ask', asked }))}.` };
    }
    case 'pause':
    case 'drain':
    case 'resume': {
      const state = await store.jobs.state();
      await setQueue(store, actor, wanted.action);
      const text = {
        pause: 'The queue is paused.',
        drain: 'The queue is draining.',
        resume: 'Jobs are given out again.',
      };
      return { text: text[wanted.action], undo: keepUndo(undos, { kind: 'state', state }) };
    }
    default:
      return wanted.action satisfies never;
  }
}

/** Which jobs a change names; all of them where it names none, which the page before said. */
function selectionOf(wanted: Change): z.output<typeof jobSelection> {
  const { distribution, release, architecture, name, version, kind, state, id } = wanted;
  const chosen = given({ distribution, release, architecture, name, version, kind, state, id });
  return Object.keys(chosen).length === 0 ? { all: true } : chosen;
}

/** The list as it was, but for one job alone: that one is gone from it. */
function backTo({ id, distribution, release, architecture, name, version, kind, state }: Change) {
  return id === undefined ? { distribution, release, architecture, name, version, kind, state } : {};
}

function jobs(count: number): string {
  return count === 1 ? '1 job' : `${count} jobs`;
}
