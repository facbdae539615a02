import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { escapeText } from '../../compare/index.ts';
import { parseStrictJson } from '../../formats/index.ts';
import { type BuildInfo, ReproofError } from '../../model/index.ts';
import {
  type ArtifactContents,
  type EnvironmentContents,
  environmentOfBuildInfo,
  type Inventory,
  inventoryOfArtifact,
  inventoryOfEnvironment,
  readSbom,
} from '../../sbom/index.ts';
import { MAX_BUILDINFO_BYTES, parseBuildInfo } from '../ecosystem/debian/buildinfo.ts';
import { DEB_LIMITS, type DebLimits } from './deb-members.ts';
import { fileBytes } from './file-bytes.ts';
import { readDeb } from './read-deb.ts';

/** What an SBOM can be made of. */
export type SbomSubject =
  | { readonly kind: 'artifact'; readonly contents: ArtifactContents }
  | { readonly kind: 'environment'; readonly contents: EnvironmentContents };

/** Upper limits of reading one file. */
export type FileLimits = {
  readonly deb: DebLimits;
  readonly buildinfoBytes: number;
  /** Of an SBOM: its bytes, its values, and how deep they may lie. */
  readonly sbom: { readonly bytes: number; readonly values: number; readonly depth: number };
};

/** An SBOM of 100,000 files holds about a million values. */
export const FILE_LIMITS: FileLimits = {
  deb: DEB_LIMITS,
  buildinfoBytes: MAX_BUILDINFO_BYTES,
  sbom: { bytes: 256 * 1024 ** 2, values: 5_000_000, depth: 32 },
};

export type FileReading = {
  readonly limits: FileLimits;
  readonly signal: AbortSignal;
  /** The release that the package is of, where that is known. */
  readonly suite?: string;
  /** Told as bytes of a package are read: how many so far, of how many. */
  readonly onProgress?: (done: number, all: number) => void;
};

/**
 * What a .deb or a .buildinfo holds; its first bytes say which of them it is, whatever it is called. Throws USAGE for
 * what is no file or an SBOM, ARCHIVE_*, BUILDINFO_INVALID, PROGRAM_*, INTERRUPTED.
 */
export async function readSubject(path: string, reading: FileReading): Promise<SbomSubject> {
  const found = await kindOf(path);
  if (found.kind === 'deb') return { kind: 'artifact', contents: await readDebFile(path, found.size, reading) };
  if (found.kind === 'json')
    throw new ReproofError('USAGE', `${shown(path)} is JSON: an SBOM can be compared with another, not made again`);
  return { kind: 'environment', contents: environmentOfBuildInfo(await readBuildInfo(path, found.size, reading)) };
}

/** What a .deb, a .buildinfo or an SBOM of ours lists. Throws as `readSubject`, and FORMAT_* of an SBOM. */
export async function readInventory(path: string, reading: FileReading): Promise<Inventory> {
  const found = await kindOf(path);
  if (found.kind === 'json') return readSbom(await readJsonFile(path, found.size, reading));
  const subject = await readSubject(path, reading);
  return subject.kind === 'artifact' ? inventoryOfArtifact(subject.contents) : inventoryOfEnvironment(subject.contents);
}

async function readDebFile(path: string, all: number, reading: FileReading): Promise<ArtifactContents> {
  const { limits, signal, suite, onProgress } = reading;
  return readDeb(
    fileBytes(path, all, onProgress),
    { name: escapeText(basename(path)), limits: limits.deb, signal },
    suite,
  );
}

async function readBuildInfo(path: string, size: number, { limits }: FileReading): Promise<BuildInfo> {
  const name = escapeText(basename(path));
  if (size > limits.buildinfoBytes)
    throw new ReproofError('BUILDINFO_INVALID', `reading ${name}: it has more than ${limits.buildinfoBytes} bytes`);
  return parseBuildInfo(await textOf(path, 'BUILDINFO_INVALID'), name);
}

async function readJsonFile(path: string, size: number, { limits }: FileReading): Promise<unknown> {
  const { bytes, values, depth } = limits.sbom;
  if (size > bytes) throw new ReproofError('FORMAT_LIMIT', `reading ${shown(path)}: it has more than ${bytes} bytes`);
  return parseStrictJson(await textOf(path, 'FORMAT_MALFORMED'), { values, depth });
}

async function textOf(path: string, code: 'BUILDINFO_INVALID' | 'FORMAT_MALFORMED'): Promise<string> {
  const bytes = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ReproofError(code, `reading ${shown(path)}: it is not UTF-8`, { cause });
  }
}

async function kindOf(path: string): Promise<{ readonly kind: 'deb' | 'json' | 'buildinfo'; readonly size: number }> {
  const refuse = (why: string, cause?: unknown): ReproofError =>
    new ReproofError('USAGE', `${shown(path)}: ${why}`, { cause });
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(cause.code === 'ENOENT' ? 'there is no such file' : cause.message, cause);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refuse('it is not a file');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    const head = buffer.toString('latin1', 0, bytesRead);
    const kind = head.startsWith('!<arch>\n') ? 'deb' : /^[ \t\r\n]*[{[]/.test(head) ? 'json' : 'buildinfo';
    return { kind, size: stats.size };
  } finally {
    await file.close();
  }
}

function shown(path: string): string {
  return escapeText(path);
}
