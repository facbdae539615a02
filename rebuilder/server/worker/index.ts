import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ReproofError } from '../../../model/index.ts';
import type { RetryPolicy } from '../../store/results/types.ts';
import {
  blobQuery,
  claimRequest,
  giveBackRequest,
  heartbeatRequest,
  logQuery,
  resultRequest,
  TAKES_TESTIMONY,
  WORKER_LIMITS,
  type WorkerLimits,
} from '../../worker-protocol/index.ts';
import type { App, RouteGroup, ServerContext } from '../context.ts';
import { failure } from '../schemas/fields.ts';
import { type Caller, signerOf, type WorkerCaller, workerOf } from './authenticate.ts';
import { parse, readMessage, readPiece, readSignedBodies } from './bodies.ts';
import { openClaims } from './claims.ts';
import { jobOf, keepLease, leaseLost, type NamedLease } from './held-job.ts';
import { register } from './register.ts';
import { openRemoteLogs } from './remote-logs.ts';
import { takeResult } from './take-result.ts';
import { openUploads } from './uploads.ts';

export type WorkerRoutesOptions = {
  /** What a new worker has to know to be let in; undefined: only an administrator lets workers in. */
  readonly signupSecret?: string;
  readonly retry: RetryPolicy;
  readonly limits?: Partial<WorkerLimits>;
};

const jobParameters = z.object({
  job: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/)
    .transform(Number),
});
const blobParameters = jobParameters.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** Bodies are signed, and read as they are: docs/worker-protocol.md says what is in them. */
const described = (summary: string) => ({
  tags: ['worker protocol'],
  summary,
  response: { '2xx': z.unknown(), '4xx': failure },
});

/** The routes that workers on other machines speak to: docs/worker-protocol.md. */
export function workerRoutes(options: WorkerRoutesOptions): RouteGroup {
  return (app, context) =>
    void app.register(async (scope) => addRoutes(scope as unknown as App, context, options), { prefix: '/api/worker' });
}

function addRoutes(app: App, context: ServerContext, options: WorkerRoutesOptions): void {
  const limits = { ...WORKER_LIMITS, ...options.limits };
  const { leaseSeconds } = limits;
  const { store } = context;
  const claims = openClaims(context);
  const logs = openRemoteLogs(context.liveLogs, { silentSeconds: leaseSeconds * 2, now: context.now });
  const uploads = openUploads(context.blobs, limits);
  const callers = new WeakMap<FastifyRequest, Caller | WorkerCaller>();
  const callerOf = (request: FastifyRequest): WorkerCaller => {
    const caller = callers.get(request);
    if (caller === undefined || !('worker' in caller))
      throw new ReproofError('INTERNAL', 'answering a worker: nobody looked who it is');
    return caller;
  };
  const heldBy = (request: FastifyRequest, lease: number): NamedLease => ({
    workerId: callerOf(request).worker.id,
    jobId: parse(jobParameters, request.params, 'path').job,
    lease,
  });
  const over = async (held: NamedLease): Promise<void> => {
    uploads.end(held);
    await logs.end(held);
  };
  const mustHold = async (request: FastifyRequest, held: NamedLease): Promise<void> => {
    if ((await keepLease(callerOf(request), held, { context, leaseSeconds })) !== 'lost') return;
    await over(held);
    throw leaseLost(held.jobId);
  };

  readSignedBodies(app, context, limits);
  // Before a byte of the body is read: nobody sends us anything whom we do not know.
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    callers.set(request, await workerOf(signerOf(request, context), context));
  };

  app.post(
    '/register',
    {
      schema: described('Makes a key known that the worker proves to hold'),
      onRequest: async (request) => void callers.set(request, signerOf(request, context)),
    },
    async (request) => ({
      ...(await register(request, callers.get(request)!, { context, signupSecret: options.signupSecret })),
      leaseSeconds,
      takes: [TAKES_TESTIMONY],
    }),
  );

  app.post(
    '/claim',
    { schema: described('A job for the worker that asks, or null after the wait'), onRequest },
    async (request, reply) => {
      const caller = callerOf(request);
      const message = readMessage(request, caller.bodySha256, claimRequest);
      await logs.endSilent();
      await store.access.seen(caller.worker.id, 'waiting');
      const waitSeconds = Math.min(message.waitSeconds, limits.claimSeconds);
      const gone = goneSignal(reply);
      const job = await claims.claim(caller, { waitSeconds, leaseSeconds, signal: gone });
      // Whoever waited may have left while the job was taken for it.
      if (job !== undefined && gone.aborted) await store.jobs.giveBack(job.job.id, job.lease);
      return { job: job ?? null };
    },
  );

  app.post(
    '/jobs/:job/heartbeat',
    { schema: described('Keeps a lease, and says whether the build goes on'), onRequest },
    async (request) => {
      const caller = callerOf(request);
      const { lease, stage } = readMessage(request, caller.bodySha256, heartbeatRequest);
      const held = heldBy(request, lease);
      const stageOf = stage === undefined ? {} : { stage };
      const answer = await keepLease(caller, held, { context, leaseSeconds, ...stageOf });
      if (answer === 'lost') await over(held);
      else logs.alive(held);
      await store.access.seen(caller.worker.id, 'building');
      return { answer };
    },
  );

  app.post('/jobs/:job/log', { schema: described('A piece of the log as it grows'), onRequest }, async (request) => {
    const caller = callerOf(request);
    const { lease, offset } = parse(logQuery, request.query, 'query');
    const held = heldBy(request, lease);
    const bytes = await readPiece(request, caller.bodySha256, {
      bytes: limits.logPieceBytes,
      seconds: context.limits.bodySeconds,
    });
    await mustHold(request, held);
    return { length: await logs.append(held, offset, bytes) };
  });

  app.put(
    '/jobs/:job/blobs/:sha256',
    { schema: described('A file of the build, by its digest'), onRequest },
    async (request, reply) => {
      // What is refused is not read to its end: it may be long.
      reply.header('connection', 'close');
      const { sha256 } = parse(blobParameters, request.params, 'path');
      const held = heldBy(request, parse(blobQuery, request.query, 'query').lease);
      if (callerOf(request).bodySha256 !== sha256)
        throw new ReproofError(
          'REQUEST_INVALID',
          'uploading a blob: the digest that is signed is not the one in the path',
        );
      await mustHold(request, held);
      await uploads.take(request, held, sha256);
      reply.removeHeader('connection');
      return { sha256 };
    },
  );

  app.post(
    '/jobs/:job/result',
    { schema: described('What the build ended in; the same answer however often it is sent'), onRequest },
    async (request) => {
      const caller = callerOf(request);
      const { lease, result } = readMessage(request, caller.bodySha256, resultRequest);
      const held = heldBy(request, lease);
      const answer = await takeResult(caller, { ...held, result }, { context, retry: options.retry, limits });
      if (answer.kind !== 'missing') await over(held);
      return answer;
    },
  );

  app.post(
    '/jobs/:job/give-back',
    { schema: described('Puts the job back into the queue'), onRequest },
    async (request) => {
      const caller = callerOf(request);
      const { lease, notBefore } = readMessage(request, caller.bodySha256, giveBackRequest);
      const held = heldBy(request, lease);
      const mine = (await jobOf(caller, held.jobId, context)) !== undefined;
      const given = mine && (await store.jobs.giveBack(held.jobId, lease, notBefore));
      await over(held);
      return { answer: given ? 'given back' : 'lost' };
    },
  );
}

/** Aborts when the connection of an answer closes before the answer is there. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
