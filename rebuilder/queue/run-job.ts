import { PassThrough, Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdCompress } from 'node:zlib';
import { renderText } from '../../compare/index.ts';
import {
  canonicalJson,
  isReproofError,
  type RebuildRecord,
  type Sha256,
  type TargetRequest,
} from '../../model/index.ts';
import type { Rebuilder } from '../rebuilder-options.ts';
import type { LeasedJob } from '../store/jobs/types.ts';
import type { BuildInput } from '../store/packages/types.ts';
import type { ResultEntry } from '../store/results/types.ts';
import type { BlobStore } from '../store/types.ts';
import { causesOf } from './causes-of.ts';
import { type Attached, failedResult, resultOf } from './result-of.ts';
import type { ExecutionWatch, Executor } from './types.ts';

const MEBIBYTE = 1024 ** 2;
/** What we wrote ourselves is stored whole: a record's trees are bounded where they are made. */
const OWN_BLOB_BYTES = 256 * MEBIBYTE;

export type RebuilderExecutorOptions = {
  readonly rebuilder: Pick<Rebuilder, 'rebuild'>;
  readonly blobs: BlobStore;
  readonly now: () => Date;
  /** Whether the packages' own tests are left out, and whether a file that differs is built once more. */
  readonly nocheck: boolean;
  readonly control: boolean;
  /** Says beside a result how it was built, where whoever records it was not there: the digest of a blob, or nothing. */
  readonly testify?: (built: {
    readonly record: RebuildRecord;
    readonly leased: LeasedJob;
    readonly artifacts: ResultEntry['artifacts'];
  }) => Promise<Sha256 | undefined>;
  /** Whether results count as seen by this server itself: not on a machine of somebody else. */
  readonly checkedHere: boolean;
};

/** Runs leased jobs through a rebuilder, and keeps what they left as blobs. */
export function rebuilderExecutor(options: RebuilderExecutorOptions): Executor {
  return { run: (leased, watch) => runJob(leased, watch, options) };
}

async function runJob(
  leased: LeasedJob,
  watch: ExecutionWatch,
  options: RebuilderExecutorOptions,
): Promise<ResultEntry> {
  const { input } = leased;
  const startedAt = options.now().toISOString();
  try {
    const record = await options.rebuilder.rebuild(
      {
        target: targetOf(input),
        only: [...new Set(input.files.map(({ name }) => name))],
        nocheck: options.nocheck,
        control: options.control,
        allowExpiredRelease: false,
      },
      {
        signal: watch.signal,
        report: (event) => {
          if (event.kind === 'stage' && event.state === 'started') watch.stage(event.stage);
          if (event.kind === 'log') watch.log(event.line);
        },
      },
    );
    const result = resultOf(record, input, await attach(record, options));
    const testimony = await options.testify?.({ record, leased, artifacts: result.artifacts });
    return testimony === undefined ? result : { ...result, testimony };
  } catch (error) {
    if (watch.signal.aborted || isReproofError(error, 'INTERRUPTED')) throw error;
    const failed = failedResult(error, { startedAt, builtAt: options.now().toISOString() });
    const message = `reproof: ${failed.detail}\n`;
    const log = await put(options.blobs, 'build.log.zst', zstd(text(message)));
    return { ...failed, log: { sha256: log, bytes: Buffer.byteLength(message), truncated: false } };
  }
}

/** What is asked of the rebuilder: the .buildinfo where a client named files by their address alone, else the version in its suite. */
export function targetOf(input: BuildInput): TargetRequest {
  const suite = input.release === undefined ? {} : { suite: input.release };
  const unknownBytes = input.files.some(({ sha256 }) => sha256 === undefined);
  if (input.url !== undefined && unknownBytes)
    return { kind: 'buildinfo', ecosystem: 'debian', location: input.url, ...suite };
  // What is built for every architecture is built on the machine that is there.
  const architecture = input.architecture === 'all' ? {} : { architecture: input.architecture };
  return { kind: 'name', ecosystem: 'debian', name: input.source, version: input.version, ...suite, ...architecture };
}

async function attach(record: RebuildRecord, options: RebuilderExecutorOptions): Promise<Attached> {
  const { blobs, checkedHere } = options;
  const [attempt] = record.attempts;
  const log =
    attempt === undefined
      ? {}
      : {
          log: {
            sha256: await put(blobs, 'build.log.zst', zstd(blobs.read(attempt.log.blob), createGunzip())),
            bytes: attempt.log.bytes,
            truncated: attempt.log.truncated,
          },
        };
  const differences = new Map<string, { readonly difference: Sha256; readonly report: Sha256 }>();
  const differing = new Set(record.artifacts.flatMap(({ kind, name }) => (kind === 'differs' ? [name] : [])));
  const trees = record.differences.filter(({ path }) => differing.has(path));
  for (const tree of trees)
    differences.set(tree.path, {
      difference: await put(blobs, 'difference.json', text(canonicalJson(tree))),
      report: await put(blobs, 'difference.txt', text(renderText(tree, { maxLines: 5000 }))),
    });
  return {
    ...log,
    record: await put(blobs, 'record.json', text(canonicalJson(record))),
    differences,
    causes: causesOf(trees),
    checkedHere,
  };
}

async function put(blobs: BlobStore, name: string, stream: AsyncIterable<Uint8Array>): Promise<Sha256> {
  return (await blobs.put(name, stream, OWN_BLOB_BYTES)).sha256;
}

async function* text(content: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(content);
}

/** Compressed anew. An error of the source or of `unpack` is what the reader gets. */
function zstd(source: AsyncIterable<Uint8Array>, unpack: Transform = new PassThrough()): AsyncIterable<Uint8Array> {
  const compressed = createZstdCompress();
  pipeline(Readable.from(source, { objectMode: false }), unpack, compressed).catch((error: Error) =>
    compressed.destroy(error),
  );
  return compressed;
}
