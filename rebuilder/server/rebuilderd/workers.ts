import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ReproofError } from '../../../model/index.ts';
import type { Worker } from '../../store/access/types.ts';
import type { LeasedJob } from '../../store/jobs/types.ts';
import type { ServerContext } from '../context.ts';

/** rebuilderd's own: workers ping each minute, and are given up after nine. */
export const LEASE_SECONDS = 540;

/** Workers that speak rebuilderd's protocol. Theirs is a key that is only shown, never proved: what they say stays theirs. */
export type Workers = {
  /** The registered worker of a request. Throws ACCESS_DENIED. */
  readonly of: (request: FastifyRequest) => Promise<Worker>;
  /** Hooks `onRequest`: whoever is nobody has no body read. `isWorker` wants a registered worker, `mayBecome` one or the secret. */
  readonly isWorker: (request: FastifyRequest) => Promise<void>;
  readonly mayBecome: (request: FastifyRequest) => Promise<void>;
  /** Registers the worker of a request that knows the secret. Throws ACCESS_DENIED; always, while there is no secret. */
  readonly register: (request: FastifyRequest, name: string) => Promise<Worker>;
  /** The next job for a worker. */
  readonly claim: (
    worker: Worker,
    can: { readonly backends: readonly string[]; readonly architectures: readonly string[] },
  ) => Promise<LeasedJob | undefined>;
  /** Keeps a worker's job. False: it is not, or no more, that worker's. */
  readonly ping: (worker: Worker, jobId: number) => Promise<boolean>;
};

export function rebuilderdWorkers({ store }: ServerContext, signupSecret: string | undefined): Workers {
  const { access, jobs } = store;
  const workerOf = async (request: FastifyRequest): Promise<Worker> => {
    const worker = await access.workerByKey(readKey(request));
    if (worker === undefined || worker.kind !== 'rebuilderd' || worker.revokedAt !== undefined) throw denied();
    return worker;
  };
  return {
    of: workerOf,
    isWorker: async (request) => void (await workerOf(request)),
    mayBecome: async (request) => {
      if (!isSecret(request.headers['x-signup-secret'], signupSecret)) await workerOf(request);
    },
    register: async (request, name) => {
      const key = readKey(request);
      if (!isSecret(request.headers['x-signup-secret'], signupSecret)) throw denied();
      const known = await access.workerByKey(key);
      // One that was revoked stays so, whatever secrets it knows.
      if (known !== undefined && (known.kind !== 'rebuilderd' || known.revokedAt !== undefined)) throw denied();
      return access.registerWorker({
        name,
        key,
        kind: 'rebuilderd',
        capabilities: known?.capabilities ?? { architectures: [] },
        address: request.ip,
      });
    },
    claim: async (worker, { backends, architectures }) => {
      const capabilities = { architectures, distributions: backends };
      const leased = await jobs.claim({ id: worker.id, capabilities }, LEASE_SECONDS);
      const status = leased === undefined ? '' : `working hard on ${leased.job.source} ${leased.job.version}`;
      await access.seen(worker.id, status);
      return leased;
    },
    ping: async (worker, jobId) => {
      const lease = await jobs.leaseOf(jobId, worker.id);
      // Its protocol knows no stop: a job that was dropped is told as gone, and its result still taken.
      return lease !== undefined && (await jobs.heartbeat(jobId, lease, { leaseSeconds: LEASE_SECONDS })) === 'kept';
    },
  };
}

function readKey(request: FastifyRequest): string {
  const key = request.headers['x-worker-key'];
  if (typeof key !== 'string' || Buffer.from(key, 'base64').length !== 32 || key.length > 44) throw denied();
  return key;
}

function isSecret(given: string | readonly string[] | undefined, secret: string | undefined): boolean {
  if (secret === undefined || secret === '' || typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

function denied(): ReproofError {
  return new ReproofError('ACCESS_DENIED', 'asking as a worker: there is no such worker, or it may not register');
}
