import { isReproofError } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { dropBytes } from '../../byte-source.ts';
import type { ByteSource, Context } from '../../types.ts';
import { runOver } from './program-stream.ts';

type Argv = readonly ['xz', ...string[]];
type Input = Parameters<typeof runOver>[1];

/**
 * Two threads write whole blocks at once, where one writes 8 KiB at a time, each of which has to be read. Files whose
 * blocks take more memory than this, and those of one block, are unpacked by one thread: xz(1), since 5.4.
 */
const THREADS = ['-T2', '--memlimit-mt-decompress=70MiB'] as const;
/** For what is kept, such as the first bytes: two threads unpack far ahead of what is asked for. */
const ALONE: Argv = ['xz', '-dc'];
const PROBE = { wallSeconds: 10, outputBytes: 4096 };

let found: Promise<Argv> | undefined;

/** xz(1), which unpacks from its input; with what this one knows to do it faster, which is tried once. */
async function unpacker(): Promise<Argv> {
  found ??= (async (): Promise<Argv> => {
    try {
      const { status } = await runProgram(['xz', ...THREADS, '--version'], { limits: PROBE });
      return status === 0 ? ['xz', ...THREADS, '-dc'] : ALONE;
    } catch (error) {
      // Whoever unpacks says so then.
      if (isReproofError(error, 'PROGRAM_MISSING', 'PROGRAM_FAILED', 'PROGRAM_LIMIT')) return ALONE;
      throw error;
    }
  })();
  return found;
}

/** What `input`, an xz file, holds. It ends well only where the file does. */
export async function* runXz(input: Input, context: Context): AsyncGenerator<Uint8Array> {
  yield* runOver(input.chunks === 'lent' ? await unpacker() : ALONE, input, context);
}

/** An xz file unpacked, from its start alone. */
export function unpackedXz(source: ByteSource, context: Context): ByteSource {
  const { name } = source;
  const open = (start = 0, chunks?: 'lent'): AsyncIterable<Uint8Array> =>
    dropBytes(runXz({ input: source.open(0, 'lent'), chunks }, context), start);
  return { name, size: undefined, open };
}
