import { type FileHandle, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isReproofError, ReproofError } from '../../model/index.ts';
import type { Budget } from '../budget.ts';
import type { ByteSource } from '../byte-source.ts';
import { runWithin, streamWithin } from './bounded-run.ts';
import { confinement } from './confinement.ts';

/** Sources come in pieces no longer than this; a longer one is taken for something. */
const NULS = Buffer.alloc(2 ** 20);

/** An outside program that reads files a format needs it for. */
export type Helper = {
  /** Its name on PATH. */
  readonly program: string;
  /** What prints its version; the first line of the output is kept. */
  readonly versionArguments: readonly string[];
};

/** What a helper printed; `missing` when it is not installed, which is worth a note and nothing else. */
export type HelperResult =
  | { readonly kind: 'ran'; readonly status: number; readonly stdout: Buffer; readonly stderr: string }
  | { readonly kind: 'missing'; readonly note: string };

export type HelperOptions = {
  /** Standard input. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Bytes of output past which PROGRAM_LIMIT is thrown. */
  readonly outputBytes?: number;
  /** Wall time, where that is less than the budget's `programSeconds`. */
  readonly seconds?: number;
};

export type StreamOptions = {
  /** Bytes of output past which PROGRAM_LIMIT is thrown; the budget's `bytes` when absent. */
  readonly outputBytes?: number;
  /** Exit statuses that are no failure; 0 alone when absent. */
  readonly wellEnded?: readonly number[];
  /** True gives it a folder of its own for temporary files, which is gone when it has ended. */
  readonly privateTemporaryFolder?: boolean;
};

/**
 * The only way from a comparator to an outside program: one run at a time in a process group of its own, with limits on
 * time and output, and confined as far as the system can: see confinement. Files it needs are copies under names of ours
 * in a private folder; close() removes it.
 * Throws PROGRAM_FAILED, also where a file cannot be written, PROGRAM_LIMIT, INTERRUPTED, and ARCHIVE_LIMIT where what was
 * found is enough.
 */
export class Helpers {
  readonly #budget: Budget;
  readonly #used = new Map<string, string>();
  readonly #missing = new Set<string>();
  #folder: Promise<string> | undefined;
  #files = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Programs run so far with the first line of their versions, by name. */
  get used(): readonly { readonly program: string; readonly version: string }[] {
    return [...this.#used]
      .map(([program, version]) => ({ program, version }))
      .sort((one, other) => (one.program < other.program ? -1 : 1));
  }

  async run(helper: Helper, argv: readonly string[], options: HelperOptions = {}): Promise<HelperResult> {
    const missing: HelperResult = { kind: 'missing', note: missingNote(helper) };
    if (!(await this.#has(helper))) return missing;
    const result = await this.#start(await this.#confined(helper, argv), helper, options);
    return result === undefined ? missing : { kind: 'ran', ...result };
  }

  /**
   * What a helper prints as it comes. It ends well only where the program did: throws PROGRAM_MISSING, PROGRAM_FAILED,
   * PROGRAM_LIMIT, INTERRUPTED, in words that are the same for each run (PROGRAM_FAILED with context `status` and `said`).
   */
  async *stream(helper: Helper, argv: readonly string[], options: StreamOptions = {}): AsyncGenerator<Uint8Array> {
    const { program } = helper;
    if (!(await this.#has(helper))) throw new ReproofError('PROGRAM_MISSING', missingNote(helper));
    const { outputBytes = this.#budget.limits.bytes, wellEnded, privateTemporaryFolder } = options;
    const folder = privateTemporaryFolder === true ? join(await this.#ownFolder(), `run-${this.#files++}`) : undefined;
    if (folder !== undefined) await written(mkdir(folder, 0o700));
    try {
      yield* streamWithin(this.#budget, await this.#confined(helper, argv), {
        outputBytes,
        called: program,
        ...(wellEnded === undefined ? {} : { wellEnded }),
        ...(folder === undefined ? {} : { env: { TMPDIR: folder, HOME: folder } }),
      });
    } catch (error) {
      // What the program says holds the name of a file of ours, which is another each time.
      if (isReproofError(error, 'PROGRAM_FAILED'))
        throw new ReproofError('PROGRAM_FAILED', `running ${program}: it could not read what it was given`, {
          context: { program, status: error.context.status, said: await this.#withoutOurNames(error.context.said) },
          cause: error,
        });
      throw error;
    } finally {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Copies a source to a file, at most `limitBytes` of it; undefined past that. The caller removes it when done. With a
   * `name` (of ours: letters, digits and dots) it stands under that name in a folder of its own.
   */
  file(source: ByteSource, limitBytes: number, name?: string): Promise<HelperFile | undefined> {
    return this.#copy(source, { bytes: limitBytes, storedBytes: limitBytes }, name);
  }

  /** The same of what is mostly NULs: pieces of nothing else are left out of the file, and count for `bytes` alone. */
  sparseFile(source: ByteSource, limits: CopyLimits): Promise<HelperFile | undefined> {
    return this.#copy(source, limits, undefined);
  }

  async #copy(source: ByteSource, limits: CopyLimits, name: string | undefined): Promise<HelperFile | undefined> {
    const { handle, path, remove } = await this.scratchFile(name);
    try {
      let [size, stored] = [0, 0];
      for await (const chunk of source.open()) {
        const position = size;
        size += chunk.length;
        const empty = chunk.length <= NULS.length && NULS.subarray(0, chunk.length).equals(chunk);
        if (!empty) stored += chunk.length;
        if (size > limits.bytes || stored > limits.storedBytes) {
          await remove();
          return undefined;
        }
        if (!empty) await written(writeAll(handle, chunk, position));
      }
      await written(handle.truncate(size));
    } catch (error) {
      await remove();
      throw error;
    } finally {
      await handle.close();
    }
    return { path, remove };
  }

  /** An empty file, open for reading and writing, which the caller closes and removes when done. `name` as above. */
  async scratchFile(name?: string): Promise<HelperFile & { readonly handle: FileHandle }> {
    const own = join(await this.#ownFolder(), `${this.#files++}`);
    if (name !== undefined) await written(mkdir(own, 0o700));
    const path = name === undefined ? own : join(own, name);
    const remove = (): Promise<void> => rm(own, { recursive: true, force: true });
    return { path, handle: await written(open(path, 'wx+', 0o600)), remove };
  }

  async close(): Promise<void> {
    // One that could not be made was told to whoever wanted it.
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  /** Looks once whether it is there, and for its version. */
  async #has(helper: Helper): Promise<boolean> {
    const { program, versionArguments } = helper;
    if (this.#missing.has(program)) return false;
    if (this.#used.has(program)) return true;
    // Alone, since only then its absence shows; it is given nothing to read.
    const version = await this.#start([program, ...versionArguments], helper, {});
    if (version === undefined) {
      this.#missing.add(program);
      return false;
    }
    const text = `${version.stdout.toString('utf8')}\n${version.stderr}`.trim();
    this.#used.set(program, text.split('\n', 1)[0] ?? '');
    return true;
  }

  async #confined({ program }: Helper, argv: readonly string[]): Promise<[string, ...string[]]> {
    const { programSeconds, programMemoryBytes } = this.#budget.limits;
    const prefix = await confinement({ processorSeconds: programSeconds, memoryBytes: programMemoryBytes });
    const [first = program, ...rest] = [...prefix, program];
    return [first, ...rest, ...argv];
  }

  async #withoutOurNames(said: unknown): Promise<string> {
    const folder = await this.#folder?.catch(() => undefined);
    return folder === undefined ? String(said ?? '') : String(said ?? '').replaceAll(`${folder}/`, '');
  }

  #ownFolder(): Promise<string> {
    this.#folder ??= written(mkdtemp(join(tmpdir(), 'reproof-compare-')));
    return this.#folder;
  }

  /** Undefined when the program is not installed. */
  async #start(
    argv: readonly [string, ...string[]],
    { program }: Helper,
    { outputBytes = this.#budget.limits.programBytes, input, seconds }: HelperOptions,
  ): Promise<Awaited<ReturnType<typeof runWithin>> | undefined> {
    try {
      return await runWithin(this.#budget, argv, {
        outputBytes,
        called: program,
        ...(input === undefined ? {} : { input }),
        ...(seconds === undefined ? {} : { seconds }),
      });
    } catch (error) {
      if (isReproofError(error, 'PROGRAM_MISSING')) return undefined;
      throw error;
    }
  }
}

function missingNote({ program }: Helper): string {
  return `${program} is not installed: what it would show is left out`;
}

/** What writing gives. A folder that cannot be written to, or a full disk, ends only what needs a file: PROGRAM_FAILED. */
export async function written<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    throw new ReproofError('PROGRAM_FAILED', `writing a temporary file: ${code}`, { cause });
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}

/** Bytes of a copy, and of those what takes room in the file. */
export type CopyLimits = { readonly bytes: number; readonly storedBytes: number };

export type HelperFile = { readonly path: string; remove(): Promise<void> };
