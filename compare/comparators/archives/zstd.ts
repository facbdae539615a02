import { createHash } from 'node:crypto';
import { readZstdFrames, type ZstdFrame } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { escapeText } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { type PackingSetting, provePacking } from '../../packing-proof.ts';
import type { ByteSource, Context, Explanation, Head, MemberHeader, WrapperComparator } from '../../types.ts';
import { packedEnd, packedOnly, TRAILING, trailingFields } from './packed-end.ts';
import { programSetting, unpackedBy } from './program-stream.ts';

const ID = 'zstd';
/** As many frames are told one by one; more are told by a digest. */
const FRAMES_TOLD = 20;
/** dpkg-deb's level first, then zstd(1)'s own. */
const LEVELS = [19, 3, 1, 9, 22, 15, 12, 6];

/** zstd, RFC 8878, by zstd(1): Node's own decoder drops concatenated frames in silence (nodejs/node#64741). */
export const zstd: WrapperComparator = {
  kind: 'wrapper',
  id: ID,
  recognizes,
  unwrap: unpacked,
  following: (source) => packedEnd(source, 'zstd'),
  header,
  explainPacking,
};

function unpacked(source: ByteSource, context: Context): ByteSource {
  return unpackedBy(['zstd', '-dcq', '--long=31'], packedOnly(source, 'zstd'), context);
}

/** A frame, or skippable ones before it. LZ4 has the same skippable ones: what stands first after them decides. */
function recognizes(head: Head): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  let at = 0;
  while (at + 8 <= bytes.length && (bytes.readUInt32LE(at) & 0xfffffff0) >>> 0 === 0x184d2a50)
    at += 8 + bytes.readUInt32LE(at + 4);
  return at + 4 <= bytes.length && bytes.readUInt32LE(at) === 0xfd2fb528;
}

async function header(source: ByteSource, { budget }: Context): Promise<MemberHeader> {
  const said: Record<string, string> = {};
  const rest = createHash('sha256');
  let count = 0;
  try {
    for await (const frame of readZstdFrames(packedOnly(source, 'zstd').open(), { frames: budget.limits.members })) {
      count++;
      const fields = fieldsOf(frame);
      if (count > FRAMES_TOLD) rest.update(JSON.stringify(fields));
      else
        for (const [name, value] of Object.entries(fields)) said[count === 1 ? name : `frame ${count} ${name}`] = value;
    }
  } catch (error) {
    // Whoever read the content was told. What its headers say is worth showing all the same.
    if (!isReproofError(error, 'ARCHIVE_MALFORMED')) throw error;
    said.broken = escapeText(error.message);
  }
  if (count !== 1) said.frames = String(count);
  Object.assign(said, await trailingFields(source, 'zstd'));
  if (count > FRAMES_TOLD) said['other frames sha256'] = rest.digest('hex');
  return said;
}

function fieldsOf(frame: ZstdFrame): Readonly<Record<string, string>> {
  if (frame.kind === 'skippable')
    return { skippable: `variant ${frame.variant}, ${frame.size} bytes`, 'skippable sha256': frame.sha256 };
  return {
    window: frame.window === undefined ? 'the content' : `${frame.window} bytes`,
    'content size': frame.contentSize === undefined ? 'not said' : String(frame.contentSize),
    checksum: frame.checksum ? 'yes' : 'no',
    ...(frame.dictionary === 0 ? {} : { dictionary: String(frame.dictionary) }),
    blocks: String(frame.blocks),
  };
}

async function* explainPacking(left: ByteSource, right: ByteSource, context: Context): AsyncIterable<Explanation> {
  const settings = new Map<string, PackingSetting>();
  const headers = await bothOf(header(left, context), header(right, context));
  if (headers.some((said) => ['frames', 'skippable', TRAILING].some((name) => said[name] !== undefined))) return;
  const options = headers.map((said): readonly string[] => [
    ...(said.checksum === 'no' ? ['--no-check'] : []),
    ...(/^[0-9]+$/.test(said['content size'] ?? '') ? [`--stream-size=${said['content size']}`] : []),
  ]);
  for (const level of LEVELS)
    for (const more of options.toSorted((one, other) => (one.join() < other.join() ? -1 : 1))) {
      const key = [level, ...more].join(' ');
      const shown = level > 19 ? ['--ultra', `-${level}`] : [`-${level}`];
      const noCheck = more.filter((option) => option === '--no-check');
      const words = [ID, ...shown, ...noCheck] as [typeof ID, ...string[]];
      settings.set(key, programSetting(words, ['-qc', ...more.filter((option) => option !== '--no-check')], context));
    }
  yield* provePacking({ content: unpacked(left, context), left, right, settings: [...settings.values()] }, context);
}
