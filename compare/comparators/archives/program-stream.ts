import { dropBytes } from '../../byte-source.ts';
import { streamWithin } from '../../helpers/bounded-run.ts';
import type { ToolName } from '../../helpers/tools.ts';
import { type PackingSetting, PROVEN_BYTES } from '../../packing-proof.ts';
import type { ByteSource, Context } from '../../types.ts';

/** More than one piece of a pipe holds: it is the budget that ends a bomb, in whatever pieces it comes. */
const PIPE_BYTES = 2 ** 20;

/** What a program prints, fed with `input`. It ends well only where the program does. */
export function runOver(
  argv: readonly [ToolName, ...string[]],
  { input, chunks }: { readonly input: AsyncIterable<Uint8Array>; readonly chunks: 'lent' | undefined },
  { budget }: Context,
): AsyncIterable<Uint8Array> {
  const options = { outputBytes: budget.limits.bytes + PIPE_BYTES, input, lent: chunks === 'lent' };
  return streamWithin(budget, argv, options);
}

/** A file unpacked by a program, which can only begin at its start. */
export function unpackedBy(argv: readonly [ToolName, ...string[]], source: ByteSource, context: Context): ByteSource {
  return {
    name: source.name,
    size: undefined,
    open: (start = 0, chunks) => dropBytes(runOver(argv, { input: source.open(0, 'lent'), chunks }, context), start),
  };
}

/** A program's way to pack; people are shown the words of `shown`. */
export function programSetting(
  shown: readonly [ToolName, ...string[]],
  more: readonly string[],
  { budget }: Context,
): PackingSetting {
  return {
    text: shown.join(' '),
    program: true,
    pack: (input) => streamWithin(budget, [...shown, ...more], { outputBytes: 2 * PROVEN_BYTES, input }),
  };
}
