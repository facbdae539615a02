import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isReproofError } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';
import type { Budget } from '../budget.ts';
import type { ByteSource } from '../byte-source.ts';
import { confinement } from './confinement.ts';

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
    const { program } = helper;
    const missing: HelperResult = {
      kind: 'missing',
      note: `${program} is not installed: what it would show is left out`,
    };
    if (this.#missing.has(program)) return missing;
    if (!this.#used.has(program)) {
      // Alone, since only then its absence shows; it is given nothing to read.
      const version = await this.#start([program, ...helper.versionArguments], {});
      if (version === undefined) {
        this.#missing.add(program);
        return missing;
      }
      const text = `${version.stdout.toString('utf8')}\n${version.stderr}`.trim();
      this.#used.set(program, text.split('\n', 1)[0] ?? '');
    }
    const [first = program, ...rest] = [...(await confinement(this.#budget.limits.programSeconds)), program];
    const result = await this.#start([first, ...rest, ...argv], options);
    return result === undefined ? missing : { kind: 'ran', ...result };
  }

  /**
   * Copies a source to a file, at most `limitBytes` of it; undefined past that. The caller removes it when done.
   * `suffix` is the end of its name: letters, digits and dots.
   */
  async file(source: ByteSource, limitBytes: number, suffix = ''): Promise<HelperFile | undefined> {
    const path = join(await this.#ownFolder(), `${this.#files++}${suffix}`);
    const handle = await open(path, 'wx', 0o600);
    const remove = (): Promise<void> => rm(path, { force: true });
    try {
      let size = 0;
      for await (const chunk of source.open()) {
        size += chunk.length;
        if (size > limitBytes) {
          await remove();
          return undefined;
        }
        await handle.writeFile(chunk);
      }
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
