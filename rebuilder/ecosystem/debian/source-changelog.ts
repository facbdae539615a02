import { gunzipSync } from 'node:zlib';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import { streamProgram } from '../../../programs/index.ts';
import { decompressed, findMember, type MemberLimits } from './tar-member.ts';

/** A file of a source package on disk. */
export type LocalFile = { readonly name: string; readonly path: string };

/** Enough for the largest sources of the archive; of the changelog itself only the newest entry matters. */
export const CHANGELOG_LIMITS: MemberLimits = {
  archiveBytes: 16 * 1024 * 1024 * 1024,
  memberBytes: 1024 * 1024,
  wallSeconds: 900,
};

const TAR = '\\.tar\\.(?:xz|gz|bz2|lzma)$';

/**
 * The beginning of debian/changelog out of a source package, without unpacking it: from debian.tar.* (3.0 quilt), the
 * one tarball (3.0 native), or the .diff.gz and then the tarball (1.0). At most limits.memberBytes of it.
 * Throws DSC_INVALID when there is none, ARCHIVE_MALFORMED, ARCHIVE_LIMIT, PROGRAM_MISSING, INTERRUPTED.
 */
export async function sourceChangelog(
  source: { readonly name: string; readonly format: string; readonly files: readonly LocalFile[] },
  limits: MemberLimits,
  signal: AbortSignal,
): Promise<string> {
  const one = (pattern: string): LocalFile | undefined =>
    source.files.find((file) => new RegExp(pattern).test(file.name));
  const debianTar = one(`\\.debian${TAR}`);
  const diff = source.format === '1.0' ? one('\\.diff\\.gz$') : undefined;
  const orig = one(`\\.orig${TAR}`);
  const native = source.files.find(
    (file) => new RegExp(TAR).test(file.name) && !/\.(orig(-[a-z0-9-]+)?|debian)\.tar\./i.test(file.name),
  );
  const missing = new ReproofError(
    'DSC_INVALID',
    `reading debian/changelog of ${source.name}: no file of it holds one`,
  );
  if (source.format === '3.0 (quilt)') {
    if (debianTar === undefined) throw missing;
    return (await inTar(debianTar, (name) => name === 'debian/changelog')) ?? throws(missing);
  }
  const patched = diff === undefined ? undefined : await changelogOfDiff(diff, limits, signal);
  if (patched !== undefined) return patched;
  const tarball = native ?? orig;
  if (tarball === undefined) throw missing;
  return (await inTar(tarball, (name) => /^[^/]+\/debian\/changelog$/.test(name))) ?? throws(missing);

  async function inTar(file: LocalFile, wanted: (name: string) => boolean): Promise<string | undefined> {
    const member = await findMember(decompressed(file, limits, signal), wanted, { name: file.name, limits });
    return member?.head.toString('utf8');
  }
}

/**
 * The new beginning of debian/changelog as a .diff.gz makes it; undefined when it does not touch that file. Only the
 * first hunk is read: what it adds or keeps from the file's first line on.
 */
async function changelogOfDiff(
  file: LocalFile,
  limits: MemberLimits,
  signal: AbortSignal,
): Promise<string | undefined> {
  const kept: string[] = [];
  let state: 'looking' | 'heading' | 'hunk' = 'looking';
  let [remaining, size] = [0, 0];
  for await (const line of lines(decompressed(file, limits, signal), limits.memberBytes)) {
    if (state === 'looking') {
      if (/^\+\+\+ [^/\s]+\/debian\/changelog(?:\s|$)/.test(line)) state = 'heading';
      continue;
    }
    if (state === 'heading') {
      const hunk = /^@@ -\d+(?:,\d+)? \+1(?:,(\d{1,9}))? @@/.exec(line);
      if (hunk === null) return undefined;
      remaining = Number(hunk[1] ?? 1);
      state = 'hunk';
      continue;
    }
    if (line.startsWith('-') || line.startsWith('\\')) continue;
    kept.push(line.slice(1));
    remaining -= 1;
    size += line.length;
    if (remaining <= 0 || size >= limits.memberBytes) break;
  }
  return state === 'hunk' ? `${kept.join('\n')}\n` : undefined;
}

async function* lines(source: AsyncIterable<Uint8Array>, maxLine: number): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of source) {
    // Latin-1 keeps every byte; only the ASCII marks of a patch matter until a line is kept.
    const parts = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield Buffer.from(part, 'latin1').toString('utf8');
    if (rest.length > maxLine) {
      throw new ReproofError('ARCHIVE_LIMIT', `reading a .diff.gz: a line of more than ${maxLine} bytes`);
    }
  }
  if (rest !== '') yield Buffer.from(rest, 'latin1').toString('utf8');
}

/**
 * The text of /usr/share/doc/PACKAGE/changelog.Debian.ARCHITECTURE.gz inside a .deb, or undefined when it holds none.
 * Throws ARCHIVE_MALFORMED, ARCHIVE_LIMIT, PROGRAM_MISSING (dpkg-deb), INTERRUPTED.
 */
export async function binaryChangelog(
  deb: LocalFile & { readonly package: string; readonly architecture: string },
  limits: MemberLimits,
  signal: AbortSignal,
): Promise<string | undefined> {
  const wanted = `usr/share/doc/${deb.package}/changelog.Debian.${deb.architecture}.gz`;
  const run = { wallSeconds: limits.wallSeconds, outputBytes: limits.archiveBytes + 1 };
  try {
    const tar = streamProgram(['dpkg-deb', '--fsys-tarfile', deb.path], { limits: run, signal });
    const member = await findMember(tar, (name) => name === wanted, { name: deb.name, limits });
    return member && gunzipSync(member.head, { maxOutputLength: limits.memberBytes }).toString('utf8');
  } catch (error) {
    if (isReproofError(error) && error.code !== 'PROGRAM_FAILED') throw error;
    throw new ReproofError('ARCHIVE_MALFORMED', `reading ${wanted} of ${deb.name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function throws(error: Error): never {
  throw error;
}
