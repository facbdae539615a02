import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import PQueue from 'p-queue';
import { ReproofError } from '../../model/index.ts';
import { ByteLists } from './byte-lists.ts';
import type { App, ServerLimits } from './context.ts';
import { readZstd } from './read-zstd.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Limits of this route's JSON body, where they are not the server's. */
    readonly body?: Partial<Pick<ServerLimits, 'bodyBytes' | 'unpackedBytes' | 'bodySeconds' | 'jsonDepth'>> & {
      /** Whether lists of numbers from 0 to 255 are given as Uint8Array, which is all of them that is ever held. */
      readonly byteLists?: boolean;
    };
  }
}

const LARGE_BYTES = 16 * 1024 ** 2;

type BodyLimits = Pick<ServerLimits, 'bodyBytes' | 'unpackedBytes' | 'bodySeconds' | 'jsonDepth'>;

/** Makes the app read JSON bodies (and no other kind), packed or not, within limits. Routes may add parsers of their own. */
export function readJsonBodies(app: App, limits: ServerLimits): void {
  const turns = new PQueue({ concurrency: 1 });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) => {
    const own = { ...limits, ...request.routeOptions.config.body };
    const lists = own.byteLists === true ? new ByteLists() : undefined;
    const bytes = openBody(request, payload, own);
    return readBody(lists?.takeFrom(bytes) ?? bytes, {
      turns,
      heldBeside: () => lists?.held ?? 0,
      use: (body) => parseJson(body, own.jsonDepth, lists?.restore),
    });
  });
}

/**
 * The bytes of a body, unpacked as its content-encoding says (identity, gzip, zstd) while they come: memory stays
 * within the limits whatever a sender says of it. For uploads that are handed on as they come.
 * Throws REQUEST_TOO_LARGE, REQUEST_INVALID.
 */
export async function* openBody(
  request: FastifyRequest,
  payload: Readable,
  limits: Omit<BodyLimits, 'jsonDepth'>,
): AsyncGenerator<Uint8Array> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
  const packed = limited(withDeadline(payload, limits.bodySeconds), limits.bodyBytes);
  yield* limited(unpacked(request.headers['content-encoding'], packed), limits.unpackedBytes);
}

/** Bodies past LARGE_BYTES wait for each other: what many of them and their values take at once is no more than one does. */
async function readBody<T>(
  bytes: AsyncIterable<Uint8Array>,
  {
    turns,
    heldBeside,
    use,
  }: { readonly turns: PQueue; readonly heldBeside: () => number; readonly use: (body: Buffer) => T },
): Promise<T> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const rest = bytes[Symbol.asyncIterator]();
  try {
    while (length + heldBeside() <= LARGE_BYTES) {
      const next = await rest.next();
      if (next.done === true) return use(Buffer.concat(chunks));
      chunks.push(next.value);
      length += next.value.length;
    }
    return await turns.add(async () => {
      for await (const chunk of { [Symbol.asyncIterator]: () => rest }) chunks.push(chunk);
      return use(Buffer.concat(chunks.splice(0)));
    });
  } finally {
    await rest.return?.();
  }
}

function unpacked(encoding: string | undefined, packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  switch ((encoding ?? 'identity').trim().toLowerCase()) {
    case 'identity':
    case '':
      return packed;
    case 'zstd':
      return readZstd(packed);
    case 'gzip':
    case 'x-gzip':
      return readGzip(packed);
    default:
      throw new ReproofError('REQUEST_INVALID', 'reading the body: its content-encoding is not zstd, gzip or identity');
  }
}

async function* readGzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const feeding = (async () => {
    for await (const chunk of packed)
      if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once('drain', resolve).once('close', resolve));
    gunzip.end();
  })();
  feeding.catch((error: Error) => gunzip.destroy(error));
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof ReproofError) throw cause;
    throw new ReproofError('REQUEST_INVALID', 'unpacking gzip: it is damaged, or ends early', { cause });
  } finally {
    gunzip.destroy();
  }
}

async function* limited(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** A sender that takes too long is told so; the request is not destroyed, so that it can be. */
async function* withDeadline(payload: Readable, seconds: number): AsyncGenerator<Uint8Array> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const timer = setTimeout(
    () => late.reject(new ReproofError('REQUEST_INVALID', `reading the body: it took longer than ${seconds} s`)),
    seconds * 1000,
  );
  const chunks = payload.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), late.promise]);
      if (next.done === true) return;
      yield next.value as Buffer;
    }
  } catch (cause) {
    if (cause instanceof ReproofError) throw cause;
    throw new ReproofError('REQUEST_INVALID', 'reading the body: it broke off', { cause });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(maxBytes: number): ReproofError {
  return new ReproofError('REQUEST_TOO_LARGE', `reading the body: it has more than ${maxBytes} bytes`, {
    context: { maxBytes },
  });
}

function parseJson(bytes: Buffer, maxDepth: number, restore?: ByteLists['restore']): unknown {
  if (bytes.length === 0) return undefined;
  checkDepth(bytes, maxDepth);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), restore);
  } catch (cause) {
    throw new ReproofError('REQUEST_INVALID', 'reading the body: it is no JSON in UTF-8', { cause });
  }
}

/** Before anything is made of it: what walks deep values may recurse. */
function checkDepth(bytes: Buffer, maxDepth: number): void {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth)
        throw new ReproofError('REQUEST_INVALID', `reading the body: its JSON is nested deeper than ${maxDepth}`);
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
}
