import { z } from 'zod';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import type { Fetcher } from '../../fetch/types.ts';
import { isFileName } from './fields.ts';
import { withoutEpoch } from './version.ts';

/** The public service; a mirror of it can be set. */
export const SNAPSHOT_BASE = 'https://snapshot.debian.org';

/** A file snapshot.debian.org keeps. It is named by SHA-1 and size only: nothing signed vouches for it. */
export type SnapshotFile = {
  readonly name: string;
  readonly size: number;
  readonly sha1: string;
  readonly url: string;
};

/** How to ask: `base` is the service's root, without a trailing slash. */
export type SnapshotContext = {
  readonly base: string;
  readonly fetcher: Pick<Fetcher, 'fetchDocument'>;
  readonly signal: AbortSignal;
};

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
// A file may have been seen in several archives and under several names.
const appearance = z.object({
  name: z.string().refine(isFileName),
  size: z.int().nonnegative(),
  archive_name: z.string(),
});
const fileinfo = z.record(sha1, z.array(appearance).max(1000)).default({});
const binaryAnswer = z.object({
  result: z.array(z.object({ architecture: z.string(), hash: sha1 })).max(1000),
  fileinfo,
});
const sourceAnswer = z.object({ result: z.array(z.object({ hash: sha1 })).max(1000), fileinfo });

type FileInfo = z.infer<typeof fileinfo>;

/**
 * The .deb of exactly this name, version and architecture (or of all, when there is none of the architecture), or
 * undefined when the service has none. Source: snapshot.debian.org's machine interface, /mr/binary/…/binfiles.
 * Throws FETCH_FAILED when the answer is not what that interface gives, and as Fetcher.fetchDocument.
 */
export async function snapshotBinary(
  wanted: { readonly name: string; readonly version: string; readonly architecture: string },
  context: SnapshotContext,
): Promise<(SnapshotFile & { readonly architecture: string }) | undefined> {
  const path = ['mr', 'binary', wanted.name, wanted.version, 'binfiles'];
  const answer = await ask(path, binaryAnswer, context);
  for (const architecture of [wanted.architecture, 'all']) {
    const name = `${wanted.name}_${withoutEpoch(wanted.version)}_${architecture}.deb`;
    const info = answer?.fileinfo ?? {};
    const [best] = (answer?.result ?? [])
      .filter((item) => item.architecture === architecture)
      .flatMap(({ hash }) => (info[hash] ?? []).map((item) => ({ ...item, hash })))
      .filter((item) => item.name === name)
      .sort(byArchive);
    if (best !== undefined)
      return { name, size: best.size, sha1: best.hash, architecture, url: fileUrl(context.base, best.hash) };
  }
  return undefined;
}

/**
 * The files of a source package, sorted by name, or undefined when the service has none of that version. A file that
 * lies in the archive under several names (an upstream tarball of two sources) is given once for each. Throws as
 * snapshotBinary. Source: /mr/package/…/srcfiles.
 */
export async function snapshotSource(
  wanted: { readonly name: string; readonly version: string },
  context: SnapshotContext,
): Promise<readonly SnapshotFile[] | undefined> {
  const answer = await ask(['mr', 'package', wanted.name, wanted.version, 'srcfiles'], sourceAnswer, context);
  const files = (answer?.result ?? []).flatMap(({ hash }) => namesOf(answer?.fileinfo ?? {}, hash, context.base));
  if (files.length === 0) return undefined;
  return files.toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

/** The main archive's word first: a name can mean another file in debian-ports or debian-archive. */
function byArchive(left: { readonly archive_name: string }, right: { readonly archive_name: string }): number {
  const rank = (archive: string): number => {
    const index = ['debian', 'debian-security'].indexOf(archive);
    return index < 0 ? 2 : index;
  };
  return rank(left.archive_name) - rank(right.archive_name);
}

function namesOf(info: FileInfo, hash: string, base: string): readonly SnapshotFile[] {
  const byName = new Map((info[hash] ?? []).map((item) => [item.name, item]));
  return [...byName.values()].map(({ name, size }) => ({ name, size, sha1: hash, url: fileUrl(base, hash) }));
}

function fileUrl(base: string, hash: string): string {
  return `${base}/file/${hash}`;
}

async function ask<T>(path: readonly string[], schema: z.ZodType<T>, context: SnapshotContext): Promise<T | undefined> {
  const url = `${context.base}/${path.map(encodeURIComponent).join('/')}?fileinfo=1`;
  const what = path.slice(2, 4).join(' ');
  try {
    const options = { maxBytes: MAX_ANSWER_BYTES, signal: context.signal };
    const { bytes } = await context.fetcher.fetchDocument(url, options);
    const answer = schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (answer.success) return answer.data;
    const issue = answer.error.issues[0];
    const where = issue?.path.join('.').slice(0, 80) ?? '';
    throw new ReproofError(
      'FETCH_FAILED',
      `reading the snapshot service's answer about ${what}: ${where} is not as agreed`,
    );
  } catch (error) {
    if (isReproofError(error, 'FETCH_NOT_FOUND')) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new ReproofError('FETCH_FAILED', `reading the snapshot service's answer about ${what}: it is not JSON`, {
      cause: error,
    });
  }
}
