import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { ReproofError } from '../model/index.ts';
import { type LentPipe, lentPipe } from './lent-pipe.ts';

/** Upper limits of one run. The whole process group is killed when one is passed. */
export type ProgramLimits = { readonly wallSeconds: number; readonly outputBytes: number };

export type ProgramOptions = {
  readonly limits: ProgramLimits;
  readonly input?: AsyncIterable<Uint8Array> | Uint8Array;
  /** Variables beside PATH, LC_ALL=C.UTF-8 and TZ=UTC. Nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Exit statuses with which a stream ends well; 0 alone when absent. */
  readonly wellEnded?: readonly number[];
  /** What errors call it: argv[0] when absent, which may be what starts the program meant. */
  readonly called?: string;
};

export type ProgramResult = { readonly status: number; readonly stdout: Buffer; readonly stderr: string };

const STDERR_KEPT = 64 * 1024;
/** Milliseconds; past this, Node's timers end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
const FALLBACK_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Standard output is null where the caller has a pipe of its own for it. */
type Child = ChildProcess & { readonly stdin: Writable; readonly stderr: Readable };

function start(
  argv: readonly [string, ...string[]],
  options: ProgramOptions,
  output?: LentPipe,
): { child: Child; failed: Promise<never>; stop: () => void } {
  const { called = argv[0] } = options;
  const child = spawn(argv[0], argv.slice(1), {
    stdio: ['pipe', output?.writeEnd ?? 'pipe', 'pipe'],
    detached: true,
    cwd: options.cwd ?? '/',
    env: { PATH: process.env.PATH ?? FALLBACK_PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.env },
  }) as Child;
  output?.writeEnd.destroy();
  const stop = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already, which is what was wanted.
    }
  };
  const failed = new Promise<never>((_resolve, reject) => {
    const end = (error: ReproofError): void => {
      stop();
      reject(error);
    };
    child.once('error', (cause: NodeJS.ErrnoException) =>
      end(
        cause.code === 'ENOENT'
          ? new ReproofError('PROGRAM_MISSING', `starting ${called}: it is not installed`, {
              context: { program: called },
              cause,
            })
          : new ReproofError('PROGRAM_FAILED', `starting ${called}: ${cause.message}`, {
              context: { program: called },
              cause,
            }),
      ),
    );
    const timer = setTimeout(
      () => {
        end(outOfTime(called, options.limits.wallSeconds));
      },
      Math.min(options.limits.wallSeconds * 1000, LONGEST_TIMER),
    );
    const abort = (): void => end(new ReproofError('INTERRUPTED', `running ${called}: interrupted`));
    if (options.signal?.aborted) abort();
    else options.signal?.addEventListener('abort', abort, { once: true });
    child.once('close', () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    });
  });
  failed.catch(() => {});
  return { child, failed, stop };
}

/** Each chunk is written before the next is asked for, so that it may be overwritten then. */
async function feed({ stdin }: Child, input: ProgramOptions['input']): Promise<void> {
  const source = input === undefined ? [] : input instanceof Uint8Array ? [input] : input;
  // What a write fails of is its own to tell.
  stdin.on('error', () => {});
  const write = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      stdin.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  for await (const chunk of source) {
    try {
      await write(chunk);
    } catch {
      // A program may end without reading all its input; its exit status says whether that was a failure.
      return;
    }
  }
  stdin.end();
}

async function collectStderr(child: Child): Promise<string> {
  let text = '';
  for await (const chunk of child.stderr) if (text.length < STDERR_KEPT) text += (chunk as Buffer).toString('utf8');
  return text.slice(0, STDERR_KEPT);
}

/**
 * Runs an outside program to its end and returns its exit status (128 + signal number is not used: a killed program
 * throws) with what it wrote. A status other than 0 is the caller's to judge.
 * Throws PROGRAM_MISSING, PROGRAM_FAILED, PROGRAM_LIMIT, INTERRUPTED.
 */
export async function runProgram(
  argv: readonly [string, ...string[]],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const { called = argv[0] } = options;
  const { child, failed, stop } = start(argv, options);
  const chunks: Buffer[] = [];
  const work = async (): Promise<ProgramResult> => {
    const closed = once(child, 'close');
    const [stderr] = await Promise.all([
      collectStderr(child),
      feed(child, options.input),
      (async () => {
        for await (const chunk of limited(outputOf(child), called, options.limits.outputBytes)) chunks.push(chunk);
      })(),
      closed,
    ]);
    if (child.exitCode === null) throw killedError(called, child, options.limits);
    return { status: child.exitCode, stdout: Buffer.concat(chunks), stderr };
  };
  try {
    return await Promise.race([work(), failed]);
  } finally {
    stop();
  }
}

/**
 * Runs an outside program and gives its standard output as it comes. The stream ends well only when the program ended
 * with status 0, or one of `wellEnded`: truncated input to a decompressor throws PROGRAM_FAILED after the last byte
 * (context `status`, and `said`, its last line of errors). With `lent` pieces are large, and each is overwritten once the
 * next is asked for: for much output, of which nothing is kept.
 */
export async function* streamProgram(
  argv: readonly [string, ...string[]],
  options: ProgramOptions & { readonly lent?: boolean },
): AsyncGenerator<Buffer> {
  const { called = argv[0] } = options;
  const pipe = options.lent === true ? await lentPipe() : undefined;
  const { child, failed, stop } = start(argv, options, pipe);
  const closed = once(child, 'close');
  const stderr = collectStderr(child);
  const fed = feed(child, options.input);
  fed.catch(() => stop());
  closed.catch(() => {});
  stderr.catch(() => {});
  try {
    // A race for every chunk would keep all of them until `failed` settles: what ends the run ends the output.
    failed.catch((error: Error) => (pipe ? pipe.fail(error) : child.stdout?.destroy(error)));
    yield* limited(pipe?.pieces ?? outputOf(child), called, options.limits.outputBytes);
    await Promise.race([fed, failed]);
    await Promise.race([closed, failed]);
    if (child.exitCode === null) throw killedError(called, child, options.limits);
    if (!(options.wellEnded ?? [0]).includes(child.exitCode)) {
      const why = (await stderr).trim().split('\n').at(-1) ?? '';
      throw new ReproofError(
        'PROGRAM_FAILED',
        `running ${called}: it ended with status ${child.exitCode}${why ? `: ${why}` : ''}`,
        {
          context: { program: called, status: child.exitCode, said: why },
        },
      );
    }
  } finally {
    stop();
    // A reader that gives up leaves output behind: until it is let go the child never closes, and its timer stays.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  }
}

function outputOf({ stdout }: Child): Readable {
  return stdout ?? Readable.from([]);
}

async function* limited(stream: AsyncIterable<Buffer>, program: string, maxBytes: number): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of stream) {
    total += chunk.length;
    if (total > maxBytes) {
      throw new ReproofError('PROGRAM_LIMIT', `running ${program}: more than ${maxBytes} bytes of output`, {
        context: { program, maxBytes },
      });
    }
    yield chunk;
  }
}

/** A limit of processor time ends a program by SIGXCPU (setrlimit(2)): the same answer as the limit of wall time. */
function killedError(program: string, { signalCode }: Child, { wallSeconds }: ProgramOptions['limits']): ReproofError {
  if (signalCode === 'SIGXCPU') return outOfTime(program, wallSeconds);
  return new ReproofError('PROGRAM_FAILED', `running ${program}: killed by ${signalCode ?? 'a signal'}`, {
    context: { program },
  });
}

function outOfTime(program: string, wallSeconds: number): ReproofError {
  return new ReproofError('PROGRAM_LIMIT', `running ${program}: not done after ${wallSeconds} s`, {
    context: { program },
  });
}
