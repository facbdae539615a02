import { crc32, deflateRawSync } from 'node:zlib';

/** A member to be written, with whatever is to be wrong about it. */
export type SmallZipMember = {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly deflate?: boolean | number;
  readonly descriptor?: boolean;
  readonly central?: Partial<SmallZipFields>;
  readonly local?: Partial<SmallZipFields>;
  readonly comment?: string;
  /** Bytes before the local header, and after the content. */
  readonly before?: Buffer;
  readonly after?: Buffer;
};

export type SmallZipFields = {
  readonly name: string;
  readonly madeBy: number;
  readonly needs: number;
  readonly flags: number;
  readonly method: number;
  readonly dosTime: number;
  readonly crc32: number;
  readonly packedSize: number;
  readonly size: number;
  readonly external: number;
  readonly offset: number;
  readonly extra: Buffer;
};

export type SmallZipOptions = {
  readonly comment?: string;
  readonly prefix?: Buffer;
  readonly beforeDirectory?: Buffer;
  readonly trailing?: Buffer;
  /** The order of the directory, as places in the list of members. */
  readonly directory?: readonly number[];
  readonly end?: { readonly count?: number; readonly size?: number; readonly offset?: number };
};

/** A zip archive byte for byte as asked, APPNOTE 6.3.10; whatever is not said is as Info-ZIP on unix has it. */
export function smallZip(members: readonly SmallZipMember[], options: SmallZipOptions = {}): Buffer {
  const pieces: Buffer[] = [options.prefix ?? Buffer.alloc(0)];
  const position = (): number => pieces.reduce((sum, piece) => sum + piece.length, 0);
  const entries: Buffer[] = [];
  for (const member of members) {
    const { name, descriptor = false } = member;
    pieces.push(member.before ?? Buffer.alloc(0));
    const content = Buffer.from(member.content ?? '');
    const level = member.deflate === true ? 6 : (member.deflate ?? 0);
    const packed = level === 0 ? content : deflateRawSync(content, { level: Number(level) });
    const fields: SmallZipFields = {
      name,
      madeBy: 0x031e,
      needs: 20,
      flags: descriptor ? 8 : 0,
      method: level === 0 ? 0 : 8,
      dosTime: 0x58210000,
      crc32: crc32(content),
      packedSize: packed.length,
      size: content.length,
      external: (0o100644 << 16) >>> 0,
      offset: position(),
      extra: Buffer.alloc(0),
    };
    const unsaid = descriptor ? { crc32: 0, packedSize: 0, size: 0 } : {};
    pieces.push(localHeader({ ...fields, ...unsaid, ...member.local }), packed);
    if (descriptor) pieces.push(numbers([0x08074b50, fields.crc32, fields.packedSize, fields.size]));
    pieces.push(member.after ?? Buffer.alloc(0));
    entries.push(entryOf({ ...fields, ...member.central }, member.comment ?? ''));
  }
  pieces.push(options.beforeDirectory ?? Buffer.alloc(0));
  const offset = position();
  pieces.push(...(options.directory ?? [...members.keys()]).map((index) => entries[index] as Buffer));
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  const count = options.end?.count ?? (options.directory ?? members).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(options.end?.size ?? position() - offset, 12);
  end.writeUInt32LE(options.end?.offset ?? offset, 16);
  end.writeUInt16LE(options.comment?.length ?? 0, 20);
  pieces.push(end, Buffer.from(options.comment ?? '', 'latin1'), options.trailing ?? Buffer.alloc(0));
  return Buffer.concat(pieces);
}

function localHeader(fields: SmallZipFields): Buffer {
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  shared(header, 4, fields);
  header.writeUInt16LE(fields.name.length, 26);
  header.writeUInt16LE(fields.extra.length, 28);
  return Buffer.concat([header, Buffer.from(fields.name, 'latin1'), fields.extra]);
}

function entryOf(fields: SmallZipFields, comment: string): Buffer {
  const header = Buffer.alloc(46);
  header.write('PK\x01\x02', 'latin1');
  header.writeUInt16LE(fields.madeBy, 4);
  shared(header, 6, fields);
  header.writeUInt16LE(fields.name.length, 28);
  header.writeUInt16LE(fields.extra.length, 30);
  header.writeUInt16LE(comment.length, 32);
  header.writeUInt32LE(fields.external, 38);
  header.writeUInt32LE(fields.offset, 42);
  return Buffer.concat([header, Buffer.from(fields.name, 'latin1'), fields.extra, Buffer.from(comment, 'latin1')]);
}

function shared(header: Buffer, at: number, fields: SmallZipFields): void {
  header.writeUInt16LE(fields.needs, at);
  header.writeUInt16LE(fields.flags, at + 2);
  header.writeUInt16LE(fields.method, at + 4);
  header.writeUInt32LE(fields.dosTime, at + 6);
  header.writeUInt32LE(fields.crc32, at + 10);
  header.writeUInt32LE(fields.packedSize, at + 14);
  header.writeUInt32LE(fields.size, at + 18);
}

function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * index);
  return bytes;
}

/** One extra field. */
export function extraField(id: number, data: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(id, 0);
  header.writeUInt16LE(data.length, 2);
  return Buffer.concat([header, data]);
}
