import { once } from 'node:events';
import type { z } from 'zod';
import { isReproofError, type ReproofError } from '../../model/index.ts';
import { type Executor, startLocalWorker, type WorkerEvent } from '../queue/index.ts';
import type { Capabilities } from '../store/jobs/types.ts';
import { registerResponse, signupProof, TAKES_TESTIMONY } from '../worker-protocol/index.ts';
import { type DeliveryOptions, deliver } from './deliver.ts';
import { type ForgetterOptions, openForgetter } from './forget.ts';
import { PATIENCE, type Patience, persist } from './persist.ts';
import { openRemoteJobs } from './remote-jobs.ts';

/** What a worker on another machine tells whoever watches it. Texts of jobs are a server's: hostile. */
export type RemoteWorkerEvent =
  | WorkerEvent
  | { readonly kind: 'registered'; readonly name: string; readonly id: number }
  /** Results that earlier runs kept reached the server. */
  | { readonly kind: 'kept results sent'; readonly count: number };

export type RemoteWorkerOptions = Pick<DeliveryOptions, 'connection' | 'blobs' | 'outbox'> &
  Pick<ForgetterOptions, 'beforeForgetting'> & {
    readonly executor: Executor;
    readonly name: string;
    readonly keyId: string;
    readonly capabilities: Capabilities;
    readonly signupSecret?: string;
    /** Builds at a time. */
    readonly builds: number;
    readonly patience?: Patience;
    /** How long builds may take to stop and be handed back, and results to get to the server. 30 when not given. */
    readonly stopSeconds?: number;
    readonly onEvent: (event: RemoteWorkerEvent) => void;
    readonly now: () => Date;
  };

/** Heartbeats in the life of a lease: two may be lost. */
const BEATS = 4;
/** The server is what waits for a job. */
const POLL_SECONDS = 1;
const PAUSE_SECONDS = 30;
const STOP_SECONDS = 30;

/**
 * Works for a server until the signal aborts: builds that run are stopped then and handed back, results that are done are
 * given to the server or stay on the disk for the next start. Throws ACCESS_REQUIRED and ACCESS_DENIED when the server
 * does not let it work, INTERRUPTED when the signal comes before it was registered.
 */
export async function runWorker(options: RemoteWorkerOptions, signal: AbortSignal): Promise<void> {
  const [refused, over] = [new AbortController(), new AbortController()];
  const noMore = AbortSignal.any([signal, refused.signal]);
  const forgetter = openForgetter(options);
  const patience = options.patience ?? PATIENCE;
  const onTrouble = (error: ReproofError): void =>
    options.onEvent({ kind: 'trouble', doing: 'speaking to the server', error });
  const { id, leaseSeconds, takes = [] } = await register(options, { patience, onTrouble }, noMore);
  const delivery: DeliveryOptions = {
    ...options,
    forget: forgetter.forget,
    takesTestimony: takes.includes(TAKES_TESTIMONY),
    patience,
    onTrouble,
  };
  options.onEvent({ kind: 'registered', name: options.name, id });
  const onRefused = (error: ReproofError): void => refused.abort(error);
  const remote = openRemoteJobs({ ...delivery, forgetter, noMore, over: over.signal, onRefused });
  const kept = sendKept(options, delivery, noMore).catch((error: unknown) => refused.abort(error));
  const worker = startLocalWorker({
    ...remote,
    executor: options.executor,
    worker: { id, capabilities: options.capabilities },
    builds: options.builds,
    // The server decides on retries.
    retry: { baseHours: 0, limits: {} },
    leaseSeconds,
    heartbeatSeconds: leaseSeconds / BEATS,
    pollSeconds: POLL_SECONDS,
    pauseSeconds: PAUSE_SECONDS,
    onEvent: options.onEvent,
    now: options.now,
  });
  if (!noMore.aborted) await once(noMore, 'abort');
  const { stopSeconds = STOP_SECONDS } = options;
  // What is under way to the server ends first, so that what it belongs to can.
  const timer = setTimeout(() => over.abort(), stopSeconds * 800);
  await worker.stop({ graceSeconds: 0, stopSeconds });
  clearTimeout(timer);
  over.abort();
  await kept;
  await forgetter.forgetRest();
  if (refused.signal.aborted) throw refused.signal.reason;
}

async function register(
  { connection, name, capabilities, keyId, signupSecret }: RemoteWorkerOptions,
  { patience, onTrouble }: Pick<DeliveryOptions, 'patience' | 'onTrouble'>,
  signal: AbortSignal,
): Promise<z.infer<typeof registerResponse>> {
  const doing = 'registering this worker';
  const proof = signupSecret === undefined ? {} : { proof: signupProof(signupSecret, keyId) };
  return persist({ doing, patience, signal, onFailure: onTrouble }, () =>
    connection.send({
      doing,
      method: 'POST',
      path: '/api/worker/register',
      body: { kind: 'json', value: { name, capabilities, ...proof } },
      answer: registerResponse,
      signal,
    }),
  );
}

/** Gives the server what earlier runs kept. What a stop interrupts stays for the next start. */
async function sendKept(options: RemoteWorkerOptions, delivery: DeliveryOptions, signal: AbortSignal): Promise<void> {
  const damaged = (file: string): void =>
    options.onEvent({ kind: 'trouble', doing: 'reading kept results', error: new Error(`${file} is damaged`) });
  const letters = await options.outbox.letters(damaged);
  try {
    for (const letter of letters) {
      const delivered = await deliver(letter, delivery, signal);
      if (delivered.kind === 'refused') delivery.onTrouble(delivered.error);
    }
  } catch (error) {
    if (signal.aborted && isReproofError(error, 'INTERRUPTED')) return;
    throw error;
  }
  if (letters.length > 0) options.onEvent({ kind: 'kept results sent', count: letters.length });
}
