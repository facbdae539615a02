import { type XzSettings, xzSettings } from '../../../formats/index.ts';
import { headOf } from '../../identity.ts';
import { type PackingSetting, provePacking } from '../../packing-proof.ts';
import { byBytes } from '../../pairing.ts';
import type { ByteSource, Context, Explanation } from '../../types.ts';
import { programSetting } from './program-stream.ts';
import { unpackedXz } from './xz-unpacking.ts';

const MEBI = 2 ** 20;
/** The dictionary of each preset, xz(1); those of one dictionary by how common they are. */
const PRESETS: readonly (readonly [preset: number, dictionary: number])[] = [
  [6, 8 * MEBI],
  [9, 64 * MEBI],
  [0, MEBI / 4],
  [1, MEBI],
  [2, 2 * MEBI],
  [3, 4 * MEBI],
  [4, 4 * MEBI],
  [5, 8 * MEBI],
  [7, 16 * MEBI],
  [8, 32 * MEBI],
];
const CHECKS: Readonly<Record<number, string>> = { 0: 'none', 1: 'crc32', 10: 'sha256' };
const LZMA2 = 0x21;

/**
 * Says which presets of xz(1), with threads or without, give the bytes of either side: those that the headers of their
 * first blocks allow. `xz -6 -T2` is what dpkg-deb gives.
 */
export async function* explainXzPacking(
  left: ByteSource,
  right: ByteSource,
  context: Context,
): AsyncIterable<Explanation> {
  const settings = new Map<string, { readonly rank: number; readonly setting: PackingSetting }>();
  for (const source of [left, right]) {
    const said = xzSettings(await headOf(source));
    for (const { rank, words } of said === undefined ? [] : commandsFor(said)) {
      const setting = programSetting(words, ['-cq'], context);
      settings.set(setting.text, { rank, setting });
    }
  }
  const content = unpackedXz(left, context);
  const inOrder = [...settings.values()]
    .sort((one, other) => one.rank - other.rank || byBytes(one.setting.text, other.setting.text))
    .map(({ setting }) => setting);
  if (inOrder.length > 0) yield* provePacking({ content, left, right, settings: inOrder }, context);
}

type Command = { readonly rank: number; readonly words: readonly ['xz', ...string[]] };

/** Two threads give the same bytes as any other number of them but one. */
function* commandsFor(said: XzSettings): Generator<Command> {
  if (said.filters.length !== 1 || said.filters[0] !== LZMA2) return;
  const check = CHECKS[said.check];
  const options = [...(said.sizesInHeader ? ['-T2'] : ['-T1']), ...(check === undefined ? [] : [`--check=${check}`])];
  for (const [rank, [preset, dictionary]] of PRESETS.entries())
    if (dictionary === said.dictionary)
      for (const extreme of ['', 'e']) yield { rank, words: ['xz', `-${preset}${extreme}`, ...options] };
}
