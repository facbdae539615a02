import { ByteReader } from '../formats/index.ts';
import type { ByteSource } from './byte-source.ts';
import { keyedMembers, unpacked } from './keyed-members.ts';
import type { Archive, ListedMember } from './member-lister.ts';

/** Holds the contents of some members at a time; to be closed. */
export interface MemberHolder {
  /**
   * The contents of the wanted members, good until the next call. Their sizes were seen when they were listed: the
   * caller bounds them.
   */
  hold(wanted: readonly ListedMember[]): Promise<ReadonlyMap<string, Buffer>>;
  close(): Promise<void>;
}

/** What it costs to begin reading a file anywhere, in bytes read on. */
const OPENING_BYTES = 2 ** 20;

/** One piece of memory, used again for each call, and one pass over the container where the calls go forward in it. */
export class ArchiveHolder implements MemberHolder {
  readonly #archive: Archive;
  #reader: ByteReader | undefined;
  #memory = Buffer.alloc(0);

  constructor(archive: Archive) {
    this.#archive = archive;
  }

  async hold(wanted: readonly ListedMember[]): Promise<ReadonlyMap<string, Buffer>> {
    const { source } = this.#archive;
    const fewEnough = source.seekable === true && wanted.length * OPENING_BYTES <= (source.size ?? 0);
    if (fewEnough && wanted.every((member) => member.source !== undefined)) return holdApart(wanted);
    if (wanted.every((member) => member.offset !== undefined)) return this.#holdInPlace(wanted);
    return holdListed(this.#archive, wanted);
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = undefined;
  }

  async #holdInPlace(wanted: readonly ListedMember[]): Promise<ReadonlyMap<string, Buffer>> {
    const held = new Map<string, Buffer>();
    const places = wanted.map(({ key, offset = 0, size = 0 }) => ({ key, offset, size }));
    places.sort((one, other) => one.offset - other.offset);
    const bytes = places.reduce((sum, { size }) => sum + size, 0);
    if (this.#memory.length < bytes) this.#memory = Buffer.allocUnsafeSlow(bytes);
    let end = 0;
    try {
      for (const { key, offset, size } of places) {
        const reader = await this.#readerAt(offset);
        const content = this.#memory.subarray(end, end + size);
        end += size;
        held.set(key, content.subarray(0, await reader.readInto(content)));
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    return held;
  }

  async #readerAt(offset: number): Promise<ByteReader> {
    if (this.#reader !== undefined && this.#reader.position > offset) await this.close();
    this.#reader ??= new ByteReader(this.#archive.source, offset, 'lent');
    await this.#reader.skip(offset - this.#reader.position);
    return this.#reader;
  }
}

async function holdApart(wanted: readonly ListedMember[]): Promise<ReadonlyMap<string, Buffer>> {
  const held = new Map<string, Buffer>();
  for (const member of wanted) held.set(member.key, await readAll((member.source as ByteSource).open()));
  return held;
}

/** In one pass over the container, which is listed again. */
async function holdListed(archive: Archive, wanted: readonly ListedMember[]): Promise<ReadonlyMap<string, Buffer>> {
  const held = new Map<string, Buffer>();
  const keys = new Set(wanted.map((member) => member.key));
  if (keys.size === 0) return held;
  for await (const each of keyedMembers(archive)) {
    if ('fact' in each || !keys.has(each.key)) continue;
    held.set(each.key, await readAll(unpacked(each.member)));
    if (held.size === keys.size) break;
  }
  return held;
}

async function readAll(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
