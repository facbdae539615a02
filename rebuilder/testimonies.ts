import { stat } from 'node:fs/promises';
import { canonicalJson, ReproofError, type Sha256 } from '../model/index.ts';
import type { BlobStore, ServiceStore } from './store/index.ts';
import { type Testimony, testimony } from './worker-protocol/index.ts';

const DOING = 'reading what a worker says of its build';

/**
 * A testimony of its blob, taken for nothing but well-formed. Throws REQUEST_TOO_LARGE, REQUEST_INVALID for what is none,
 * or is written in another way than canonical JSON, and BLOB_CORRUPT.
 */
export async function readTestimony(
  blobs: Pick<BlobStore, 'path' | 'read'>,
  sha256: Sha256,
  maxBytes: number,
): Promise<Testimony> {
  const path = await blobs.path(sha256);
  const { size } = path === undefined ? { size: 0 } : await stat(path);
  if (size > maxBytes)
    throw new ReproofError('REQUEST_TOO_LARGE', `${DOING}: it has ${size} bytes, ${maxBytes} are allowed`, {
      context: { maxBytes },
    });
  const bytes = Buffer.concat(await Array.fromAsync(blobs.read(sha256)));
  const parsed = testimony.safeParse(parseJson(bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is not as described'}`);
  }
  // One spelling: what is named by the digest of its canonical JSON has these bytes, and no member stands twice.
  if (!bytes.equals(Buffer.from(canonicalJson(parsed.data)))) throw invalid('it is not canonical JSON');
  return parsed.data;
}

/**
 * The testimony of a result that was recorded: it was checked when it came, and its bytes are those that came. Undefined
 * where there is none. Throws BLOB_CORRUPT.
 */
export async function testimonyOf(
  resultId: number,
  { store, blobs }: { readonly store: Pick<ServiceStore, 'results'>; readonly blobs: Pick<BlobStore, 'read'> },
): Promise<Testimony | undefined> {
  const sha256 = await store.results.testimony(resultId);
  if (sha256 === undefined) return undefined;
  return JSON.parse(Buffer.concat(await Array.fromAsync(blobs.read(sha256))).toString('utf8')) as Testimony;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid('it is not JSON');
  }
}

function invalid(why: string): ReproofError {
  return new ReproofError('REQUEST_INVALID', `${DOING}: ${why}`);
}
