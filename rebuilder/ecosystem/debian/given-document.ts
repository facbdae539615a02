import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ErrorCode, type FileDigest, isReproofError, ReproofError } from '../../../model/index.ts';
import type { CachedFile } from '../../fetch/types.ts';
import type { LocateContext } from '../types.ts';
import { isFileName } from './fields.ts';

/** A .dsc or .buildinfo as the user gave it. `name` is its base name. */
export type GivenDocument = {
  readonly name: string;
  readonly text: string;
  /** A file that lies beside it: brought into the cache from a local folder, or its address. */
  beside(file: FileDigest): Promise<{ readonly cached?: CachedFile; readonly urls: readonly string[] }>;
  /** Where a document of this base name would lie beside it: a path or an address. */
  location(name: string): string;
};

/** How to read a given document: the code of errors about it, and its largest size in bytes. */
export type GivenKind = { readonly code: ErrorCode; readonly maxBytes: number };

/**
 * Reads a document from a local path or an http(s) URL. Throws `code` when it is not there, not a file, too large or not
 * UTF-8, and as Fetcher.fetchDocument.
 */
export async function readGiven(location: string, kind: GivenKind, context: LocateContext): Promise<GivenDocument> {
  return /^https?:\/\//.test(location) ? readRemote(location, kind, context) : readLocal(location, kind, context);
}

/** The same for a document that need not be there: undefined when it is not, or its server does not give it. */
export async function readGivenIfAny(
  location: string,
  kind: GivenKind,
  context: LocateContext,
): Promise<GivenDocument | undefined> {
  if (!/^https?:\/\//.test(location)) {
    const found = await stat(location).catch(() => undefined);
    return found?.isFile() ? readLocal(location, kind, context) : undefined;
  }
  try {
    return await readRemote(location, kind, context);
  } catch (error) {
    if (isReproofError(error, kind.code, 'FETCH_FAILED', 'FETCH_TIMEOUT', 'FETCH_REDIRECT_REFUSED')) return undefined;
    throw error;
  }
}

async function readRemote(location: string, kind: GivenKind, context: LocateContext): Promise<GivenDocument> {
  const name = decoded(new URL(location).pathname.split('/').at(-1) ?? '');
  const refuse = (why: string): ReproofError =>
    new ReproofError(kind.code, `reading ${JSON.stringify(name.slice(0, 80))}: ${why}`);
  if (!isFileName(name)) throw refuse('its address does not end in the name of a file');
  const { bytes } = await context.fetcher
    .fetchDocument(location, { maxBytes: kind.maxBytes, signal: context.signal })
    .catch((error: unknown) => {
      throw isReproofError(error, 'FETCH_NOT_FOUND') ? refuse('it is not there') : error;
    });
  return {
    name,
    text: decode(bytes, refuse),
    beside: async (file) => ({ urls: [addressBeside(location, file.name)] }),
    location: (other) => addressBeside(location, other),
  };
}

/** What is percent-encoded in an address; the text itself where that is not valid, which no file's name is then. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function addressBeside(address: string, name: string): string {
  return new URL(encodeURIComponent(name), address).href;
}

async function readLocal(location: string, kind: GivenKind, context: LocateContext): Promise<GivenDocument> {
  const path = resolve(location);
  const name = basename(path);
  const refuse = (why: string): ReproofError =>
    new ReproofError(kind.code, `reading ${JSON.stringify(name.slice(0, 80))}: ${why}`);
  if (!isFileName(name)) throw refuse('its name is not one a file of the archive may have');
  const bytes = await readBounded(path, kind.maxBytes, refuse);
  return {
    name,
    text: decode(bytes, refuse),
    beside: async (file) => {
      const neighbour = join(dirname(path), file.name);
      const found = await stat(neighbour).catch(() => undefined);
      if (!found?.isFile()) return { urls: [] };
      // Bytes other than the ones named stop the rebuild (FETCH_DIGEST_MISMATCH): a changed source is not a missing one.
      const named = { ...file, name: `${file.name} beside ${name}` };
      return { cached: await context.fetcher.keep(createReadStream(neighbour), named), urls: [] };
    },
    location: (other) => join(dirname(path), other),
  };
}

async function readBounded(path: string, maxBytes: number, refuse: (why: string) => ReproofError): Promise<Buffer> {
  const handle = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(cause.code === 'ENOENT' ? 'there is no such file' : `it cannot be opened (${cause.code})`);
  });
  try {
    if (!(await handle.stat()).isFile()) throw refuse('it is not a file');
    const buffer = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) return Buffer.from(buffer.subarray(0, length));
      length += bytesRead;
      if (length > maxBytes) throw refuse(`it has more than ${maxBytes} bytes`);
    }
  } finally {
    await handle.close();
  }
}

function decode(bytes: Uint8Array, refuse: (why: string) => ReproofError): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('it is not UTF-8');
  }
}
