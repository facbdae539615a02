import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { isReproofError } from '../../model/index.ts';
import type {
  BlobStore,
  ListedFile,
  RebuilderdBuild,
  RebuilderdDatabase,
  ResultArtifact,
  ResultEntry,
  ServiceStore,
} from '../store/index.ts';
import { importPackages, inputsOf } from './rebuilderd-packages.ts';

/** What was taken over. `skipped` builds were there already, `unreadable` packages and builds were left out. */
export type ImportedHistory = {
  readonly sources: number;
  readonly files: number;
  readonly builds: number;
  readonly skipped: number;
  readonly unreadable: number;
};

type Limits = { readonly logBytes: number };

/** What is read and where it goes. `note` is told of what was left out, `progress` how many builds are done. */
export type HistoryImport = {
  readonly from: RebuilderdDatabase;
  readonly store: Pick<ServiceStore, 'packages' | 'results'>;
  readonly blobs: BlobStore;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  readonly progress: (done: number, all: number) => void;
};

const BUILDS_AT_ONCE = 500;
const ATTESTATION_BYTES = 1024 * 1024;

/**
 * Takes over what rebuilderd knows: its packages as its clients' imports are kept, its builds as results whose origin is
 * `imported`, with their logs, reports and attestations. It may be run again: builds that are there are passed over.
 * Throws STORE_*, INTERRUPTED.
 */
export async function importRebuilderdHistory(work: HistoryImport): Promise<ImportedHistory> {
  const listed = await importPackages(work.from, work);
  const inputs = await inputsOf(work.store.packages, listed.files);
  const counted = { builds: 0, skipped: 0, unreadable: listed.unreadable };
  let last = 0;
  let done = 0;
  for (;;) {
    const builds = work.from.buildsAfter(last, BUILDS_AT_ONCE);
    if (builds.length === 0) break;
    const entries: { buildInputId: number; entry: ResultEntry }[] = [];
    for (const build of builds) {
      work.signal.throwIfAborted();
      last = build.id;
      const input = inputs.get(build.inputId);
      const entry = input === undefined ? undefined : await entryOf(work, build, listed.filesOf(build.inputId));
      if (input === undefined || entry === undefined) {
        counted.unreadable += 1;
        work.note(`build ${build.id} was left out: its package, its status or its time cannot be read`);
      } else if (await isThere(work, { input, entry, entries })) counted.skipped += 1;
      else entries.push({ buildInputId: input, entry });
    }
    await work.store.results.importResults(entries);
    counted.builds += entries.length;
    done += builds.length;
    work.progress(done, work.from.builds);
  }
  return { sources: listed.sources, files: listed.files.length, ...counted };
}

/** Two inputs of theirs with one .buildinfo are one of ours, and have the same builds. */
async function isThere(
  work: HistoryImport,
  {
    input,
    entry,
    entries,
  }: {
    readonly input: number;
    readonly entry: ResultEntry;
    readonly entries: readonly { readonly buildInputId: number; readonly entry: ResultEntry }[];
  },
): Promise<boolean> {
  const same = (other: { readonly builtAt: string; readonly startedAt: string }): boolean =>
    other.builtAt === entry.builtAt && other.startedAt === entry.startedAt;
  if (entries.some((other) => other.buildInputId === input && same(other.entry))) return true;
  const known = await work.store.results.results({ buildInputId: input, since: entry.builtAt }, { limit: 100 });
  return known.records.some(same);
}

async function entryOf(
  work: HistoryImport,
  build: RebuilderdBuild,
  files: readonly ListedFile[],
): Promise<ResultEntry | undefined> {
  const builtAt = isoTime(build.builtAt);
  const told = build.status === null ? undefined : STATUS[build.status];
  if (builtAt === undefined || told === undefined) return undefined;
  const log = await storeLog(work, build);
  const artifacts: ResultArtifact[] = [];
  for (const { name, status, reportId, attestationId } of work.from.artifacts(build.id)) {
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined) continue;
    const report = reportId === null ? undefined : work.from.report(reportId);
    const attestation = attestationId === null ? undefined : work.from.attestation(attestationId);
    artifacts.push({
      name,
      version: file.version,
      architecture: file.architecture,
      fileName: file.fileName,
      verdict: 'unknown',
      status: status === 'GOOD' || status === 'BAD' ? status : 'UNKWN',
      ...(await storedText(work, { name: 'report', bytes: report, maxBytes: work.limits.logBytes })),
      ...(await storedText(work, { name: 'attestation', bytes: attestation, maxBytes: ATTESTATION_BYTES })),
      checkedHere: false,
    });
  }
  return { origin: 'imported', startedAt: isoTime(build.startedAt) ?? builtAt, builtAt, ...told, ...log, artifacts };
}

/** What its words say. It calls a build that failed BAD, as one that differs, so that the reason is not known. */
const STATUS: Readonly<Record<string, Pick<ResultEntry, 'status' | 'verdict' | 'decides'>>> = {
  GOOD: { status: 'GOOD', verdict: 'reproducible', decides: true },
  BAD: { status: 'BAD', verdict: 'unknown', decides: true },
  FAIL: { status: 'FAIL', verdict: 'unknown', decides: false },
};

function isoTime(text: string | null): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?$/.exec(text ?? '');
  if (match === null) return undefined;
  const time = `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(3, '0').slice(0, 3)}Z`;
  return Number.isNaN(Date.parse(time)) ? undefined : time;
}

async function storeLog(work: HistoryImport, build: RebuilderdBuild): Promise<Pick<ResultEntry, 'log'>> {
  const text = unpacked(work.from.log(build.logId), work.limits.logBytes);
  if (text === undefined) return {};
  const packed = zstdCompressSync(text);
  const { sha256 } = await work.blobs.put('log', once(packed), packed.length);
  return { log: { sha256, bytes: text.length, truncated: false } };
}

async function storedText<Name extends 'report' | 'attestation'>(
  work: HistoryImport,
  what: { readonly name: Name; readonly bytes: Uint8Array | undefined; readonly maxBytes: number },
): Promise<{ readonly [name in Name]?: string }> {
  const text = unpacked(what.bytes, what.maxBytes);
  if (text === undefined) return {};
  try {
    const { sha256 } = await work.blobs.put(what.name, once(text), what.maxBytes);
    return { [what.name]: sha256 } as { readonly [name in Name]?: string };
  } catch (error) {
    if (!isReproofError(error, 'FETCH_TOO_LARGE')) throw error;
    return {};
  }
}

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** What its blobs hold: zstd, or bytes as they are. Undefined where that is too long or broken. */
function unpacked(bytes: Uint8Array | undefined, maxBytes: number): Uint8Array | undefined {
  if (bytes === undefined) return undefined;
  if (!ZSTD_MAGIC.equals(bytes.subarray(0, 4))) return bytes.length > maxBytes ? undefined : bytes;
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
