import { lz4Header } from '../../../formats/index.ts';
import { headOf } from '../../identity.ts';
import { provePacking } from '../../packing-proof.ts';
import type { ByteSource, Context, Explanation, MemberHeader, WrapperComparator } from '../../types.ts';
import { programSetting, unpackedBy } from './program-stream.ts';

const LEVELS = [1, 9, 12, 3, 6];

/** LZ4 files, of both formats, by lz4(1). */
export const lz4: WrapperComparator = {
  kind: 'wrapper',
  id: 'lz4',
  recognizes: (head) => lz4Header(head) !== undefined,
  unwrap: unpacked,
  header,
  explainPacking,
};

function unpacked(source: ByteSource, context: Context): ByteSource {
  return unpackedBy(['lz4', '-dcq'], source, context);
}

async function header(source: ByteSource): Promise<MemberHeader> {
  const said = lz4Header(await headOf(source));
  if (said === undefined || said.kind === 'legacy') return { 'frame format': 'legacy' };
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
