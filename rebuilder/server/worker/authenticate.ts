import type { FastifyRequest } from 'fastify';
import { ReproofError, type Sha256 } from '../../../model/index.ts';
import { CLOCK_SECONDS, type Signed, verifyRequest } from '../../signed-request/index.ts';
import type { Worker } from '../../store/access/types.ts';
import type { ServerContext } from '../context.ts';

/** Who made a request, and the digest of the body it was signed with. */
export type Caller = { readonly keyId: string; readonly bodySha256: Sha256; readonly nonce: string };
export type WorkerCaller = Caller & { readonly worker: Worker };

/** A signature from a clock that is fast is good for twice as long; a second for what is cut off. */
const NONCE_SECONDS = 2 * CLOCK_SECONDS + 1;

/** Who signed a request. Throws ACCESS_REQUIRED for one that is not signed, REQUEST_INVALID, ACCESS_DENIED. */
export function signerOf(request: FastifyRequest, context: ServerContext): Caller {
  const doing = "reading a worker's request";
  if (request.headers['content-encoding'] !== undefined)
    throw new ReproofError('REQUEST_INVALID', `${doing}: its body has a content-encoding, and has to have none`);
  const signed = verify(request, context);
  switch (signed.kind) {
    case 'signed':
      return { keyId: signed.keyId, bodySha256: signed.bodySha256, nonce: signed.nonce };
    case 'unsigned':
      throw new ReproofError('ACCESS_REQUIRED', `${doing}: ${signed.why}`);
    case 'malformed':
      throw new ReproofError('REQUEST_INVALID', `${doing}: ${signed.why}`);
    case 'stale':
    case 'false':
      throw new ReproofError('ACCESS_DENIED', `${doing}: ${signed.why}`);
    default:
      return signed satisfies never;
  }
}

function verify(request: FastifyRequest, context: ServerContext): ReturnType<typeof verifyRequest> {
  const { method, url = '/' } = request.raw;
  const now = context.now().getTime() / 1000;
  const received = { method: method ?? '', headers: request.headers };
  const [first, ...others] = targetsOf(url, context).map((target) => verifyRequest({ ...received, target }, now));
  return others.find((other): other is Signed => other.kind === 'signed') ?? first!;
}

/** The target as it came, and as the worker wrote it where a proxy before us takes a part of the path away. */
function targetsOf(url: string, { publicUrl, basePath }: ServerContext): readonly string[] {
  if (publicUrl === undefined) return [url];
  const asked = `${new URL(publicUrl).pathname.replace(/\/+$/, '')}${url.slice(basePath.length)}`;
  return asked === url ? [url] : [url, asked];
}

/** The worker whose key signed a request, which is taken once. Throws ACCESS_DENIED. */
export async function workerOf(caller: Caller, context: ServerContext): Promise<WorkerCaller> {
  const worker = await knownWorker(caller.keyId, context);
  if (worker === undefined)
    throw new ReproofError('ACCESS_DENIED', "reading a worker's request: this server does not know its key");
  await takeNonce(worker, caller.nonce, context);
  return { ...caller, worker };
}

/** The worker of a key, or none. Throws ACCESS_DENIED for one that was revoked, and for a key of another kind of worker. */
export async function knownWorker(keyId: string, { store }: ServerContext): Promise<Worker | undefined> {
  const worker = await store.access.workerByKey(keyId);
  if (worker?.revokedAt !== undefined)
    throw new ReproofError('ACCESS_DENIED', "reading a worker's request: this worker was revoked");
  if (worker !== undefined && worker.kind !== 'reproof')
    throw new ReproofError('ACCESS_DENIED', "reading a worker's request: its key is that of another kind of worker");
  return worker;
}

/** Takes a signed request once. Throws ACCESS_DENIED the second time. */
export async function takeNonce(worker: Worker, nonce: string, { store }: ServerContext): Promise<void> {
  if (await store.access.takeNonce(worker.id, nonce, NONCE_SECONDS)) return;
  throw new ReproofError('ACCESS_DENIED', "reading a worker's request: it was here before, and counts once");
}
