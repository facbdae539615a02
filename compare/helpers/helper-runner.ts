import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isReproofError, ReproofError } from '../../model/index.ts';
import { runProgram, streamProgram } from '../../programs/index.ts';
import type { Budget } from '../budget.ts';
import type { ByteSource } from '../byte-source.ts';
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
  /** True gives it a folder of its own for temporary files, which is gone when it has ended. */
  readonly privateTemporaryFolder?: boolean;
  /** Ends this run with INTERRUPTED, beside what ends all. */
  readonly signal?: AbortSignal;
};

/**
 * The only way from a comparator to an outside program: one run at a time in a process group of its own, with limits on
 * time and output, and confined as far as the system can: see confinement. Files it needs are copies under names of ours
 * in a private folder; close() removes it.
 * Throws PROGRAM_FAILED, PROGRAM_LIMIT, INTERRUPTED.
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
    const result = await this.#start(await this.#confined(helper, argv), options);
    return result === undefined ? missing : { kind: 'ran', ...result };
  }

  /**
   * What a helper prints as it comes, as much as the budget's `bytes`. It ends well only where the program did: throws
   * PROGRAM_MISSING, PROGRAM_FAILED, PROGRAM_LIMIT, INTERRUPTED, in words that are the same for each run.
   */
  async *stream(helper: Helper, argv: readonly string[]): AsyncGenerator<Uint8Array> {
    const { program } = helper;
    if (!(await this.#has(helper))) throw new ReproofError('PROGRAM_MISSING', missingNote(helper));
    const { limits, signal } = this.#budget;
    try {
      yield* streamProgram(await this.#confined(helper, argv), {
        limits: { wallSeconds: limits.programSeconds, outputBytes: limits.bytes },
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      // What the program says holds the name of a file of ours, which is another each time.
      if (isReproofError(error, 'PROGRAM_FAILED'))
        throw new ReproofError('PROGRAM_FAILED', `running ${program}: it could not read what it was given`, {
          context: { program },
          cause: error,
        });
      throw error;
    }
  }

  /**
   * Copies a source to a file, at most `limitBytes` of it; undefined past that. The caller removes it when done.
   * `suffix` is the end of its name: letters, digits and dots.
   */
  file(source: ByteSource, limitBytes: number, suffix = ''): Promise<HelperFile | undefined> {
    return this.#copy(source, { bytes: limitBytes, storedBytes: limitBytes }, suffix);
  }

  /** The same of what is mostly NULs: pieces of nothing else are left out of the file, and count for `bytes` alone. */
  sparseFile(source: ByteSource, limits: CopyLimits): Promise<HelperFile | undefined> {
    return this.#copy(source, limits, '');
  }

  async #copy(source: ByteSource, limits: CopyLimits, suffix: string): Promise<HelperFile | undefined> {
    const path = join(await this.#ownFolder(), `${this.#files++}${suffix}`);
    const handle = await open(path, 'wx', 0o600);
    const remove = (): Promise<void> => rm(path, { force: true });
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
        if (!empty) await writeAll(handle, chunk, position);
      }
      await handle.truncate(size);
    } catch (error) {
      await remove();
      throw error;
    } finally {
      await handle.close();
    }
    return { path, remove };
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true });
  }

  /** Looks once whether it is there, and for its version. */
  async #has({ program, versionArguments }: Helper): Promise<boolean> {
    if (this.#missing.has(program)) return false;
    if (this.#used.has(program)) return true;
    // Alone, since only then its absence shows; it is given nothing to read.
    const version = await this.#start([program, ...versionArguments], {});
    if (version === undefined) {
      this.#missing.add(program);
      return false;
    }
    const text = `${version.stdout.toString('utf8')}\n${version.stderr}`.trim();
    this.#used.set(program, text.split('\n', 1)[0] ?? '');
    return true;
  }

  async #confined({ program }: Helper, argv: readonly string[]): Promise<[string, ...string[]]> {
    const [first = program, ...rest] = [...(await confinement(this.#budget.limits.programSeconds)), program];
    return [first, ...rest, ...argv];
  }

  #ownFolder(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'reproof-compare-'));
    return this.#folder;
  }

  async #start(argv: readonly [string, ...string[]], options: HelperOptions): ReturnType<typeof startProgram> {
    if (options.privateTemporaryFolder !== true) return this.#startIn(undefined, argv, options);
    const folder = await mkdtemp(join(await this.#ownFolder(), 'run-'));
    try {
      return await this.#startIn(folder, argv, options);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #startIn(
    folder: string | undefined,
    argv: readonly [string, ...string[]],
    options: HelperOptions,
  ): ReturnType<typeof startProgram> {
    const { limits } = this.#budget;
    const signals = [this.#budget.signal, options.signal].filter((one) => one !== undefined);
    const signal = signals.length === 0 ? undefined : AbortSignal.any(signals);
    return startProgram(argv, {
      ...(folder === undefined ? {} : { env: { TMPDIR: folder, HOME: folder } }),
      limits: { wallSeconds: limits.programSeconds, outputBytes: options.outputBytes ?? limits.programBytes },
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

function missingNote({ program }: Helper): string {
  return `${program} is not installed: what it would show is left out`;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}

/** Bytes of a copy, and of those what takes room in the file. */
export type CopyLimits = { readonly bytes: number; readonly storedBytes: number };

export type HelperFile = { readonly path: string; remove(): Promise<void> };

/** Undefined when the program is not installed. */
async function startProgram(
  ...call: Parameters<typeof runProgram>
): Promise<Awaited<ReturnType<typeof runProgram>> | undefined> {
  try {
    return await runProgram(...call);
  } catch (error) {
    if (isReproofError(error, 'PROGRAM_MISSING')) return undefined;
    throw error;
  }
}
