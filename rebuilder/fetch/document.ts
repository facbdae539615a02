import { mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSha256, type Sha256, sha256Of } from '../../model/index.ts';
import { bareAddress } from './address.ts';
import { findCached, storeBytes, temporaryPath, unlessMissing } from './cache.ts';
import { failure } from './failure.ts';
import { type Answer, type Client, get } from './request.ts';
import { type RetryPolicy, retrying } from './retry.ts';

/** What a server said of a document when it was last fetched: validators (RFC 9110 8.8) and the digest of its bytes. */
export type DocumentNote = {
  readonly sha256: Sha256;
  readonly etag?: string;
  readonly lastModified?: string;
};

export type Document = { readonly bytes: Uint8Array; readonly sha256: Sha256; readonly url: string };

const MAX_VALIDATOR = 1024;

export function documentsFolder(cacheFolder: string): string {
  return join(cacheFolder, 'documents');
}

/** The note in a file's text; undefined when it is none, as after a crash of the machine. */
export function parseNote(text: string): DocumentNote | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { sha256, etag, lastModified } = value as Record<string, unknown>;
    if (typeof sha256 !== 'string' || !isSha256(sha256)) return undefined;
    return {
      sha256,
      ...(typeof etag === 'string' ? { etag } : {}),
      ...(typeof lastModified === 'string' ? { lastModified } : {}),
    };
  } catch {
    return undefined;
  }
}

type Kept = { readonly note: DocumentNote; readonly bytes: Uint8Array };

/** The document as it was, when it can stand for the answer: small enough, and its bytes still those of the digest. */
async function findKept(cacheFolder: string, notePath: string, maxBytes: number): Promise<Kept | undefined> {
  const text = await unlessMissing(readFile(notePath, 'utf8'));
  const note = text === undefined ? undefined : parseNote(text);
  if (note === undefined || (note.etag ?? note.lastModified) === undefined) return undefined;
  const file = await findCached(cacheFolder, note.sha256);
  if (file === undefined || file.size > maxBytes) return undefined;
  const bytes = await unlessMissing(readFile(file.path));
  return bytes !== undefined && sha256Of(bytes) === note.sha256 ? { note, bytes } : undefined;
}

function validators(answer: Answer): Partial<DocumentNote> {
  const etag = answer.header('etag');
  const lastModified = answer.header('last-modified');
  return {
    ...(etag !== undefined && etag.length <= MAX_VALIDATOR ? { etag } : {}),
    ...(lastModified !== undefined && lastModified.length <= MAX_VALIDATOR ? { lastModified } : {}),
  };
}

/** The body of an answer, whole. Throws FETCH_TOO_LARGE. */
export async function readAll(answer: Answer, subject: { name: string; url: URL }, maxBytes: number): Promise<Buffer> {
  const announced = Number(answer.header('content-length') ?? 0);
  if (announced > maxBytes) {
    await answer.discard();
    throw failure('FETCH_TOO_LARGE', `the server announces ${announced} bytes, more than ${maxBytes}`, subject);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > maxBytes) throw failure('FETCH_TOO_LARGE', `more than ${maxBytes} bytes came`, subject);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function writeNote(cacheFolder: string, notePath: string, note: DocumentNote): Promise<void> {
  const path = temporaryPath(cacheFolder);
  try {
    await writeFile(path, JSON.stringify(note), { flag: 'wx', mode: 0o600 });
    await mkdir(dirname(notePath), { recursive: true });
    await rename(path, notePath);
  } finally {
    await unlessMissing(unlink(path));
  }
}

/** Fetches a document, or hears from the server that the one kept is still current. See Fetcher.fetchDocument. */
export async function fetchDocument(
  url: URL,
  from: { readonly client: Client; readonly policy: RetryPolicy; readonly cacheFolder: string },
  options: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<Document> {
  const name = url.pathname.split('/').at(-1) || url.host;
  const notePath = join(documentsFolder(from.cacheFolder), `${sha256Of(bareAddress(url).href)}.json`);
  const kept = await findKept(from.cacheFolder, notePath, options.maxBytes);
  return await retrying(from.policy, { name, signal: options.signal }, async () => {
    const answer = await get(from.client, {
      name,
      url,
      headers: {
        ...(kept?.note.etag === undefined ? {} : { 'if-none-match': kept.note.etag }),
        ...(kept?.note.lastModified === undefined ? {} : { 'if-modified-since': kept.note.lastModified }),
      },
      accept: kept === undefined ? [] : [304],
      signal: options.signal,
    });
    const finalUrl = bareAddress(answer.url).href;
    if (answer.status === 304 && kept !== undefined) {
      await answer.discard();
      return { bytes: kept.bytes, sha256: kept.note.sha256, url: finalUrl };
    }
    const bytes = await readAll(answer, { name, url: answer.url }, options.maxBytes);
    const sha256 = sha256Of(bytes);
    if ((await findCached(from.cacheFolder, sha256)) === undefined) await storeBytes(from.cacheFolder, bytes, sha256);
    await writeNote(from.cacheFolder, notePath, { sha256, ...validators(answer) });
    return { bytes, sha256, url: finalUrl };
  });
}
