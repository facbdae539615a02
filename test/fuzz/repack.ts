import {
  crc32,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import { withChecksums } from './checksums.ts';

type Change = (content: Buffer) => Buffer;
const LIMIT = { maxOutputLength: 256 * 1024 };

/**
 * `bytes` with something that is packed in it unpacked, changed and packed again with right checksums and sizes: a gzip
 * or zstd file's content, a member of a zip archive, a zlib stream anywhere (PNG, PDF, ELF). Undefined where there is
 * nothing, or nothing that can be unpacked.
 */
export function withinPacked(bytes: Buffer, random: () => number, change: Change): Buffer | undefined {
  try {
    const magic = bytes.toString('hex', 0, 4);
    if (magic.startsWith('1f8b')) return gzipSync(again(gunzipSync(bytes, LIMIT), random, change));
    if (magic === '28b52ffd') return zstdCompressSync(again(zstdDecompressSync(bytes, LIMIT), random, change));
    if (bytes.includes('PK\x01\x02', 0, 'latin1')) return withinZip(bytes, random, change);
    return withinZlib(bytes, random, change);
  } catch {
    return undefined;
  }
}

/** What is packed may hold something packed again. */
function again(content: Buffer, random: () => number, change: Change): Buffer {
  return (random() < 0.3 ? withinPacked(content, random, change) : undefined) ?? withChecksums(change(content));
}

function withinZlib(bytes: Buffer, random: () => number, change: Change): Buffer | undefined {
  const starts: number[] = [];
  for (let at = bytes.indexOf(0x78); at >= 0 && starts.length < 20; at = bytes.indexOf(0x78, at + 1))
    if (at + 2 < bytes.length && bytes.readUInt16BE(at) % 31 === 0) starts.push(at);
  const at = starts[Math.floor(random() * starts.length)];
  if (at === undefined) return undefined;
  // With `info`, which its types do not know of, it also tells how many bytes were read.
  const { buffer, engine } = inflateSync(bytes.subarray(at), { ...LIMIT, info: true }) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  const packed = deflateSync(change(buffer));
  const changed = Buffer.concat([bytes.subarray(0, at), packed, bytes.subarray(at + engine.bytesWritten)]);
  if (changed.toString('latin1', at - 4, at) === 'IDAT') changed.writeUInt32BE(packed.length, at - 8);
  return withChecksums(changed);
}

type ZipMember = { readonly central: Buffer; readonly local: Buffer; readonly packed: Buffer };

/** All members one after the other, one of them changed; their extra fields and flags stay as they were. */
function withinZip(bytes: Buffer, random: () => number, change: Change): Buffer {
  const members: ZipMember[] = [];
  for (let at = bytes.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0 && members.length < 50; ) {
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const start = bytes.readUInt32LE(at + 42);
    const content = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    members.push({
      central: Buffer.from(bytes.subarray(at, at + 46 + name + extra + comment)),
      local: Buffer.from(bytes.subarray(start, content)),
      packed: bytes.subarray(content, content + bytes.readUInt32LE(at + 20)),
    });
    at = bytes.indexOf('PK\x01\x02', at + 46 + name + extra + comment, 'latin1');
  }
  const chosen = Math.floor(random() * members.length);
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [index, member] of members.entries()) {
    const packed = index === chosen ? repackedMember(member, random, change) : member.packed;
    member.central.writeUInt32LE(offset, 42);
    parts.push(member.local, packed);
    offset += member.local.length + packed.length;
  }
  const directory = Buffer.concat(members.map(({ central }) => central));
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  for (const at of [8, 10]) end.writeUInt16LE(members.length, at);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

function repackedMember({ central, local, packed }: ZipMember, random: () => number, change: Change): Buffer {
  const deflated = central.readUInt16LE(10) === 8;
  const content = again(deflated ? inflateRawSync(packed, LIMIT) : packed, random, change);
  const stored = deflated ? deflateRawSync(content) : content;
  for (const [header, at] of [
    [central, 16],
    [local, 14],
  ] as const) {
    header.writeUInt32LE(crc32(content), at);
    header.writeUInt32LE(stored.length, at + 4);
    header.writeUInt32LE(content.length, at + 8);
  }
  return stored;
}
