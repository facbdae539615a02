import { createHash } from 'node:crypto';
import { ByteReader, readTarHeader, TAR_BLOCK_BYTES, type TarItem, TarReader } from '../../../formats/index.ts';
import type { RandomReader } from '../../byte-source.ts';
import { shownValue } from '../../shown-value.ts';
import type { ByteSource, ContainerComparator, ContainerFact, Member, MemberCursor } from '../../types.ts';
import { tarCommon } from './common-headers.ts';
import { extensionText, recordsText, tarMemberHeader } from './tar-fields.ts';

/** Bytes of extended headers of one member, names of a megabyte and large maps of sparse files among them. */
const LIMITS = { headerBytes: 4 * 2 ** 20 };
/** As many nonempty paddings are told one by one; of the rest the number and a digest. */
const PADDINGS_TOLD = 8;
const RECORD_BYTES = 20 * TAR_BLOCK_BYTES;

/**
 * tar archives, v7, ustar, GNU and pax: members by name, with every field that their headers hold, as stored where that
 * is not the usual form. A sparse member's content is what is stored of it, without its holes: its map is a field.
 */
export const tar: ContainerComparator = {
  kind: 'container',
  id: 'tar',
  recognizes: (head) => isTar(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, TAR_BLOCK_BYTES))),
  members,
  cursor: (source) => new TarCursor(source, 'lent'),
  common: tarCommon,
};

function isTar(block: Buffer): boolean {
  if (block.length < TAR_BLOCK_BYTES) return false;
  if (block.toString('latin1', 257, 262) === 'ustar') return true;
  const header = readTarHeader(block);
  return header !== undefined && header.name !== '' && header.mode !== undefined && header.size !== undefined;
}

async function* members(source: ByteSource): AsyncGenerator<Member | ContainerFact> {
  const cursor = new TarCursor(source);
  try {
    for (let item = await cursor.next(); item !== undefined; item = await cursor.next()) yield item;
  } finally {
    await cursor.reader.close();
  }
}

class TarCursor implements MemberCursor {
  readonly reader: ByteReader;
  readonly #archive: TarReader;
  readonly #paddings = new Paddings();
  #facts: AsyncIterator<ContainerFact> | undefined;

  constructor(source: ByteSource, chunks?: 'lent') {
    this.reader = new ByteReader(source, 0, chunks);
    this.#archive = new TarReader(this.reader, LIMITS);
  }

  get position(): number {
    return this.#archive.position;
  }

  get state(): string {
    return `${JSON.stringify([...this.#archive.globals])}${this.#paddings.untold}`;
  }

  follow(other: TarCursor): void {
    this.#archive.follow(other.#archive);
    this.#paddings.follow(other.#paddings);
  }

  pass(bytes: RandomReader, end: number): boolean {
    return this.#archive.passPlain((into, offset) => bytes.read(into, offset), end);
  }

  async next(): Promise<Member | ContainerFact | undefined> {
    for (;;) {
      const fact = await this.#facts?.next();
      if (fact !== undefined && !fact.done) return fact.value;
      this.#facts = undefined;
      const item = await this.#archive.next();
      if (item === undefined) return undefined;
      if (item.kind === 'padding') {
        this.#paddings.add(item);
        if (this.#paddings.count <= PADDINGS_TOLD)
          return { fact: 'padding', value: `${shownValue(item.name)}: ${hex(item.bytes)}` };
      } else if (item.kind === 'member') {
        return {
          name: item.name,
          pairAs: item.name,
          header: tarMemberHeader(item),
          content: this.#archive.content(),
          offset: item.contentOffset,
          size: item.size,
        };
      } else this.#facts = factsOf(item, this.#paddings);
    }
  }
}

async function* factsOf(
  item: Extract<TarItem, { kind: 'global' | 'end' }>,
  paddings: Paddings,
): AsyncGenerator<ContainerFact> {
  if (item.kind === 'global') {
    yield { fact: 'global header', value: `${recordsText(item.records)} (${extensionText(item.extension)})` };
    return;
  }
  yield { fact: 'end of archive', value: endText(item) };
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of item.trailing) {
    hash.update(piece);
    size += piece.length;
  }
  if (size > 0) yield { fact: 'bytes after the end', value: `${size} bytes, sha256 ${hash.digest('hex')}` };
  yield* paddings.more();
}

/** GNU tar fills up to a record, so that the number of NULs says no more than the members' sizes do. */
function endText({ offset, zeroBytes }: { readonly offset: number; readonly zeroBytes: number }): string {
  const end = Math.ceil((offset + 2 * TAR_BLOCK_BYTES) / RECORD_BYTES) * RECORD_BYTES;
  return offset + zeroBytes === end ? `filled up to a multiple of ${RECORD_BYTES} bytes` : `${zeroBytes} zero bytes`;
}

/** What stands between contents and the next blocks, past those told one by one. */
class Paddings {
  #hash = createHash('sha256');
  count = 0;

  /** Goes on as `other`, which saw the same and perhaps more. */
  follow(other: Paddings): void {
    if (this.count === other.count) return;
    this.count = other.count;
    this.#hash = other.#hash.copy();
  }

  add({ name, bytes }: Extract<TarItem, { kind: 'padding' }>): void {
    this.count++;
    if (this.count > PADDINGS_TOLD) this.#hash.update(`${name}\0${bytes.length}\0`, 'latin1').update(bytes);
  }

  /** What is told of the others at the end; empty where there are none. */
  get untold(): string {
    const more = this.count - PADDINGS_TOLD;
    return more > 0 ? `${more}, sha256 ${this.#hash.copy().digest('hex')}` : '';
  }

  *more(): Generator<ContainerFact> {
    if (this.untold !== '') yield { fact: 'more paddings', value: this.untold };
  }
}

function hex(bytes: Buffer): string {
  return shownValue(bytes.toString('hex'));
}
