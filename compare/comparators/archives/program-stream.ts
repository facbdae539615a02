import { streamProgram } from '../../../programs/index.ts';
import { dropBytes } from '../../byte-source.ts';
import { type PackingSetting, PROVEN_BYTES } from '../../packing-proof.ts';
import type { ByteSource, Context } from '../../types.ts';

/** What a program prints, fed with `input`. It ends well only where the program does. */
export function runOver(
  argv: readonly [string, ...string[]],
  { input, chunks }: { readonly input: AsyncIterable<Uint8Array>; readonly chunks: 'lent' | undefined },
  { budget }: Context,
): AsyncIterable<Uint8Array> {
  return streamProgram(argv, {
    lent: chunks === 'lent',
    limits: { wallSeconds: budget.limits.programSeconds, outputBytes: budget.limits.bytes },
    input,
    ...(budget.signal === undefined ? {} : { signal: budget.signal }),
  });
}

/** A file unpacked by a program, which can only begin at its start. */
export function unpackedBy(argv: readonly [string, ...string[]], source: ByteSource, context: Context): ByteSource {
  return {
    name: source.name,
    size: undefined,
    open: (start = 0, chunks) => dropBytes(runOver(argv, { input: source.open(0, 'lent'), chunks }, context), start),
  };
}

/** A program's way to pack; people are shown the words of `shown`. */
export function programSetting(
  shown: readonly [string, ...string[]],
  more: readonly string[],
  context: Context,
): PackingSetting {
  const { signal, limits } = context.budget;
  return {
    text: shown.join(' '),
    program: true,
    pack: (input) =>
      streamProgram([...shown, ...more], {
        limits: { wallSeconds: limits.programSeconds, outputBytes: 2 * PROVEN_BYTES },
        input,
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}
