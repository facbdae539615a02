import { lz4Header } from '../../../formats/index.ts';
import { dropBytes } from '../../byte-source.ts';
import { headOf } from '../../identity.ts';
import { provePacking } from '../../packing-proof.ts';
import type { ByteSource, Context, Explanation, MemberHeader, WrapperComparator } from '../../types.ts';
import { packedEnd, packedOnly, trailingFields } from './packed-end.ts';
import { programSetting, unpackedBy } from './program-stream.ts';

const LEVELS = [1, 9, 12, 3, 6];

/** LZ4 files, of both formats, by lz4(1). */
export const lz4: WrapperComparator = {
  kind: 'wrapper',
  id: 'lz4',
  recognizes: (head) => lz4Header(head) !== undefined,
  unwrap: unpacked,
  following,
  header,
  explainPacking,
};

function unpacked(source: ByteSource, context: Context): ByteSource {
  // What follows is told where the old format, which says nothing of its end but by its blocks, is read.
  const stream: ByteSource = {
    name: source.name,
    size: undefined,
    open: (start = 0) => dropBytes(legacyOnly(source), start),
  };
  return unpackedBy(['lz4', '-dcq'], stream, context);
}

async function* legacyOnly(source: ByteSource): AsyncGenerator<Uint8Array> {
  if (lz4Header(await headOf(source))?.kind === 'legacy') yield* packedOnly(source, 'lz4-legacy').open();
  else yield* source.open();
}

async function following(source: ByteSource): Promise<number | undefined> {
  return lz4Header(await headOf(source))?.kind === 'legacy' ? packedEnd(source, 'lz4-legacy') : undefined;
}

async function header(source: ByteSource): Promise<MemberHeader> {
  const said = lz4Header(await headOf(source));
  if (said === undefined || said.kind === 'legacy')
    return { 'frame format': 'legacy', ...(await trailingFields(source, 'lz4-legacy')) };
  return {
    'block mode': said.independentBlocks ? 'independent' : 'linked',
    'block checksums': said.blockChecksums ? 'yes' : 'no',
    'content checksum': said.contentChecksum ? 'yes' : 'no',
    'largest block': `${2 ** (said.blockSize * 2 - 2)} KiB`,
    ...(said.contentSize === undefined ? {} : { 'content size': String(said.contentSize) }),
    ...(said.dictionary === undefined ? {} : { dictionary: String(said.dictionary) }),
  };
}

async function* explainPacking(left: ByteSource, right: ByteSource, context: Context): AsyncIterable<Explanation> {
  if ((await following(left)) !== undefined || (await following(right)) !== undefined) return;
  const options = new Set<string>();
  for (const source of [left, right]) {
    const said = lz4Header(await headOf(source));
    if (said?.kind !== 'frame') {
      options.add('-l');
      continue;
    }
    if (said.contentSize !== undefined || said.dictionary !== undefined) return;
    const words = [`-B${said.blockSize}`];
    if (!said.independentBlocks) words.push('-BD');
    if (said.blockChecksums) words.push('-BX');
    if (!said.contentChecksum) words.push('--no-frame-crc');
    options.add(words.join(' '));
  }
  const settings = LEVELS.flatMap((level) =>
    [...options].sort().map((more) => programSetting(['lz4', `-${level}`, ...more.split(' ')], ['-cq'], context)),
  );
  yield* provePacking({ content: unpacked(left, context), left, right, settings }, context);
}
