import { ByteReader, type TarItem, TarReader } from '../../formats/index.ts';
import { chunksOf } from './chunks.ts';

export type Seen = TarItem & { content?: string; after?: number };

/** Every item with its content, as a reader of chunks of that size sees them. */
export async function list(
  bytes: Uint8Array,
  chunk = Math.max(1, bytes.length),
  headerBytes = 100_000,
): Promise<Seen[]> {
  const archive = new TarReader(new ByteReader(chunksOf(bytes, chunk)), { headerBytes });
  const seen: Seen[] = [];
  for (let item = await archive.next(); item !== undefined; item = await archive.next()) {
    const stream = item.kind === 'member' ? archive.content() : item.kind === 'end' ? item.trailing : undefined;
    const pieces: Uint8Array[] = [];
    for await (const piece of stream ?? []) pieces.push(piece);
    const content = stream === undefined ? {} : { content: Buffer.concat(pieces).toString('latin1') };
    if (item.kind === 'end') {
      const { trailing: _, ...rest } = item;
      seen.push({ ...rest, ...content } as Seen);
    } else seen.push({ ...item, ...content });
  }
  return seen;
}

export const members = async (
  bytes: Uint8Array,
): Promise<(Extract<TarItem, { kind: 'member' }> & { content?: string })[]> =>
  (await list(bytes)).filter((item) => item.kind === 'member');

/** A header block with these fields written into an ustar header, its checksum made right. */
export function header(fields: Record<number, string>, size = 0): Buffer {
  const block = Buffer.alloc(512);
  const all = {
    0: 'name',
    100: '0000644\0',
    124: `${size.toString(8).padStart(11, '0')}\0`,
    136: '00000000001\0',
    156: '0',
    257: 'ustar\x0000',
  };
  for (const [at, text] of Object.entries({ ...all, ...fields })) block.write(text, Number(at), 'latin1');
  if (fields[148] === undefined) {
    block.fill(' ', 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
      'latin1',
    );
  }
  return block;
}
export const END = Buffer.alloc(1024);
export const padded = (text: string): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc((512 - (text.length % 512)) % 512)]);
export const pax = (type: string, text: string): Buffer =>
  Buffer.concat([header({ 156: type }, text.length), padded(text)]);
export const record = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  const length = rest.length + String(rest.length + 2).length;
  return `${length}${rest}`;
};
