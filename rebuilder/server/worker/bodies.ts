import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ReproofError, type Sha256, sha256Of } from '../../../model/index.ts';
import type { WorkerLimits } from '../../worker-protocol/index.ts';
import { openBody } from '../body.ts';
import type { App, ServerContext } from '../context.ts';

/** Makes messages come as bytes, for their digest is signed, and uploads as streams. */
export function readSignedBodies(app: App, context: ServerContext, limits: WorkerLimits): void {
  app.removeAllContentTypeParsers();
  const message = {
    bodyBytes: limits.messageBytes,
    unpackedBytes: limits.messageBytes,
    bodySeconds: context.limits.bodySeconds,
  };
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) =>
    Buffer.concat(await Array.fromAsync(openBody(request, payload, message))),
  );
  app.addContentTypeParser('application/octet-stream', async (_request: FastifyRequest, payload: Readable) => payload);
}

/** A message, once its bytes are the ones that were signed. Throws ACCESS_DENIED, REQUEST_INVALID naming the field. */
export function readMessage<T>(request: FastifyRequest, bodySha256: Sha256, schema: z.ZodType<T>): T {
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes)) throw invalid('its body has to be application/json');
  checkDigest(bytes, bodySha256);
  return parse(schema, parseJson(bytes), 'body');
}

/** The bytes of a small upload, once they are the ones that were signed. Throws ACCESS_DENIED, REQUEST_TOO_LARGE. */
export async function readPiece(
  request: FastifyRequest,
  bodySha256: Sha256,
  limits: { readonly bytes: number; readonly seconds: number },
): Promise<Buffer> {
  const chunks = openBody(request, uploadOf(request), {
    bodyBytes: limits.bytes,
    unpackedBytes: limits.bytes,
    bodySeconds: limits.seconds,
  });
  const bytes = Buffer.concat(await Array.fromAsync(chunks));
  checkDigest(bytes, bodySha256);
  return bytes;
}

/** The stream of an upload. Throws REQUEST_INVALID where the body is of another kind. */
export function uploadOf(request: FastifyRequest): Readable {
  const { body } = request;
  // fastify asks no parser about a body of no bytes.
  if (body === undefined || body === null) return Readable.from([]);
  if (body instanceof Readable) return body;
  throw invalid('its body has to be application/octet-stream');
}

/** A value of a path or query. Throws REQUEST_INVALID naming the field. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${[place, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'it is not as described'}`);
}

function checkDigest(bytes: Uint8Array, bodySha256: Sha256): void {
  if (sha256Of(bytes) === bodySha256) return;
  throw new ReproofError('ACCESS_DENIED', "reading a worker's request: its body is not the one that was signed");
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ReproofError('REQUEST_INVALID', "reading a worker's request: its body is no JSON in UTF-8", { cause });
  }
}

function invalid(why: string): ReproofError {
  return new ReproofError('REQUEST_INVALID', `reading a worker's request: ${why}`);
}
