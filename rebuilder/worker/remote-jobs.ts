import type { z } from 'zod';
import { isReproofError, type ReproofError } from '../../model/index.ts';
import type { LocalWorkerOptions } from '../queue/index.ts';
import type { JobStore, LeasedJob } from '../store/jobs/types.ts';
import type { ResultEntry, ResultStore } from '../store/results/types.ts';
import { claimResponse, giveBackResponse, heartbeatResponse } from '../worker-protocol/index.ts';
import type { Connection } from './connection.ts';
import { type DeliveryOptions, deliver } from './deliver.ts';
import type { Forgetter } from './forget.ts';
import { persist } from './persist.ts';
import { type RemoteLogs, remoteLogs } from './remote-logs.ts';
import { reportOf } from './report.ts';

export type RemoteJobsOptions = DeliveryOptions & {
  /** Told which builds run. */
  readonly forgetter: Pick<Forgetter, 'began' | 'ended'>;
  /** Aborted when no more jobs are wanted. */
  readonly noMore: AbortSignal;
  /** Aborted when nothing is to be waited for any more. */
  readonly over: AbortSignal;
  /** Told once the server does not let this worker work any more: ACCESS_REQUIRED or ACCESS_DENIED. */
  readonly onRefused: (error: ReproofError) => void;
};

/**
 * The queue of a server on another machine, with the calls that workers beside the queue make. What a retry policy and a
 * lease's length are is the server's to say.
 */
export type RemoteJobs = {
  readonly jobs: LocalWorkerOptions['jobs'];
  readonly results: LocalWorkerOptions['results'];
  readonly logs: RemoteLogs;
};

/** Longest wait for a job in one request. */
const CLAIM_SECONDS = 25;
/** A heartbeat that is late is worth less than the next. */
const HEARTBEAT_SECONDS = 20;
/** A job whose result the server refused is not to come back at once: the next result would be the same. */
const REFUSED_HOURS = 6;

/** Opens the way to the queue. */
export function openRemoteJobs(options: RemoteJobsOptions): RemoteJobs {
  const held = new Map<number, LeasedJob>();
  const noticing = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (isReproofError(error, 'ACCESS_DENIED', 'ACCESS_REQUIRED')) options.onRefused(error);
      throw error;
    });
  const logs = remoteLogs({ ...options, leaseOf: (jobId) => held.get(jobId)?.lease });
  const giveBack: JobStore['giveBack'] = async (jobId, lease, notBefore) => {
    const value = { lease, ...(notBefore === undefined ? {} : { notBefore }) };
    const { answer } = await post(options.connection, jobId, {
      verb: 'give-back',
      value,
      answer: giveBackResponse,
      signal: options.over,
    });
    return answer === 'given back';
  };
  return {
    jobs: {
      claim: () =>
        noticing(claim(options)).then((leased) => {
          if (leased === undefined) return undefined;
          held.set(leased.job.id, leased);
          options.forgetter.began(leased.job.id);
          return leased;
        }),
      heartbeat: async (jobId, lease, { stage }) => {
        const value = { lease, ...(stage === undefined ? {} : { stage }) };
        const order = { verb: 'heartbeat', value, answer: heartbeatResponse, signal: options.over } as const;
        return (await noticing(post(options.connection, jobId, { ...order, silentSeconds: HEARTBEAT_SECONDS }))).answer;
      },
      giveBack: (...job) => noticing(giveBack(...job)),
    },
    results: {
      record: ({ jobId, lease }, entry) => noticing(record({ jobId, lease }, entry, { ...options, giveBack })),
    },
    logs: {
      ...logs,
      // The last that is heard of a build, however it ended.
      end: (jobId) => {
        logs.end(jobId);
        held.delete(jobId);
        options.forgetter.ended(jobId);
      },
    },
  };
}

/** The next job, waited for at the server; undefined when there was none, and once none is wanted. */
async function claim({ connection, patience, onTrouble, noMore }: RemoteJobsOptions): Promise<LeasedJob | undefined> {
  const doing = 'asking for a job';
  try {
    const { job } = await persist({ doing, patience, signal: noMore, onFailure: onTrouble }, () =>
      connection.send({
        doing,
        method: 'POST',
        path: '/api/worker/claim',
        body: { kind: 'json', value: { waitSeconds: CLAIM_SECONDS } },
        answer: claimResponse,
        signal: noMore,
        silentSeconds: CLAIM_SECONDS + 30,
      }),
    );
    return job ?? undefined;
  } catch (error) {
    if (noMore.aborted && isReproofError(error, 'INTERRUPTED')) return undefined;
    throw error;
  }
}

/** Keeps a result on the disk, and gives it to the server; what `over` interrupts stays there for the next start. */
async function record(
  { jobId, lease }: { readonly jobId: number; readonly lease: number },
  entry: ResultEntry,
  options: RemoteJobsOptions & Pick<JobStore, 'giveBack'>,
): ReturnType<ResultStore['record']> {
  const letter = { jobId, request: { lease, result: reportOf(entry) } };
  await options.outbox.add(letter);
  const delivered = await deliver(letter, options, options.over);
  if (delivered.kind === 'acknowledged') return delivered.recorded;
  options.onTrouble(delivered.error);
  await options.giveBack(jobId, lease, new Date(Date.now() + REFUSED_HOURS * 3_600_000).toISOString());
  return { kind: 'lease lost' };
}

function post<T>(
  connection: Connection,
  jobId: number,
  order: Pick<Parameters<Connection['send']>[0], 'signal' | 'silentSeconds'> & {
    readonly verb: string;
    readonly value: unknown;
    readonly answer: z.ZodType<T>;
  },
): Promise<T> {
  const { verb, value, ...rest } = order;
  return connection.send<T>({
    ...rest,
    doing: `telling the server of job ${jobId} (${verb})`,
    method: 'POST',
    path: `/api/worker/jobs/${jobId}/${verb}`,
    body: { kind: 'json', value },
  });
}
