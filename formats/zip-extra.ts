/** One extra field, APPNOTE 6.3.10, 4.5. `data` is without its id and size. */
export type ZipExtra = { readonly id: number; readonly data: Buffer };

/** The extra fields in order, and what follows the last whole one. */
export function zipExtras(extra: Buffer): { readonly fields: readonly ZipExtra[]; readonly rest: Buffer } {
  const fields: ZipExtra[] = [];
  let at = 0;
  while (at + 4 <= extra.length) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) break;
    fields.push({ id: extra.readUInt16LE(at), data: extra.subarray(at + 4, end) });
    at = end;
  }
  return { fields, rest: extra.subarray(at) };
}

type Sizes = { readonly size: number; readonly packedSize: number; readonly offset: number };

const IN_ZIP64 = 0xffffffff;

/** How many of these numbers say that they stand in field 0x0001. */
export function countInZip64(sizes: Sizes): number {
  return Object.values(sizes).filter((value) => value === IN_ZIP64).length;
}

/** Sizes and offset with those that say 0xffffffff taken from field 0x0001; undefined when it does not hold them. */
export function zip64Sizes(extra: Buffer, sizes: Sizes): Sizes | undefined {
  if (sizes.size !== IN_ZIP64 && sizes.packedSize !== IN_ZIP64 && sizes.offset !== IN_ZIP64) return sizes;
  const data = zipExtras(extra).fields.find((field) => field.id === 1)?.data;
  // Without the field the value stands for itself, as in an archive of just that size before zip64.
  if (data === undefined) return sizes;
  let at = 0;
  const take = (value: number): number => {
    if (value !== IN_ZIP64) return value;
    at += 8;
    return at > data.length ? Number.NaN : Number(data.readBigUInt64LE(at - 8));
  };
  const wide = { size: take(sizes.size), packedSize: take(sizes.packedSize), offset: take(sizes.offset) };
  return Object.values(wide).every(Number.isSafeInteger) ? wide : undefined;
}

const NAMES: Readonly<Record<number, string>> = {
  1: 'zip64',
  10: 'NTFS times',
  21589: 'times',
  22613: 'old times and owner',
  25461: 'Unicode comment',
  28789: 'Unicode name',
  30805: 'old owner',
  30837: 'owner',
  39169: 'AES',
  51966: 'jar marker',
  55605: 'alignment',
};

/** What an extra field is called: `0x5455 (times)`. */
export function zipExtraName(id: number): string {
  const hex = `0x${id.toString(16).padStart(4, '0')}`;
  return NAMES[id] === undefined ? hex : `${hex} (${NAMES[id]})`;
}

/** What an extra field says, in words where its id is known and its form right; undefined otherwise. ASCII. */
export function zipExtraText({ id, data }: ZipExtra): string | undefined {
  switch (id) {
    case 1:
      return data.length % 8 === 4 || data.length % 8 === 0 ? `${data.length} bytes` : undefined;
    case 10:
      return ntfsTimes(data);
    case 0x5455:
      return unixTimes(data);
    case 0x7875:
      return owner(data);
    case 0xcafe:
      return data.length === 0 ? 'present' : undefined;
    case 0xd935:
      return data.length < 2 || !data.subarray(2).every((byte) => byte === 0)
        ? undefined
        : `to ${data.readUInt16LE(0)}, ${data.length - 2} bytes of padding`;
    default:
      return undefined;
  }
}

/** Info-ZIP's extended timestamp: one byte of flags, then 32-bit seconds for those that are there. */
function unixTimes(data: Buffer): string | undefined {
  if (data.length < 1 || data.length % 4 !== 1 || data.length > 13) return undefined;
  const flags = data.readUInt8(0);
  const kinds = ['mtime', 'atime', 'ctime'].filter((_, bit) => (flags & (1 << bit)) !== 0);
  const count = (data.length - 1) / 4;
  // The central copy has all flags and only the first time.
  if (count > kinds.length || flags > 7) return undefined;
  const times = kinds.slice(0, count).map((kind, index) => `${kind} ${secondsText(data.readInt32LE(1 + 4 * index))}`);
  return [`flags ${flags}`, ...times].join(', ');
}

/** Tag 1 of the NTFS field: three counts of 100 ns since 1601. */
function ntfsTimes(data: Buffer): string | undefined {
  if (data.length !== 32 || data.readUInt32LE(0) !== 0 || data.readUInt32LE(4) !== 0x00180001) return undefined;
  return ['mtime', 'atime', 'ctime'].map((kind, index) => `${kind} ${ntfsText(data, 8 + 8 * index)}`).join(', ');
}

function ntfsText(data: Buffer, at: number): string {
  const ticks = data.readBigInt64LE(at) - 116_444_736_000_000_000n;
  const parts = ((ticks % 10_000_000n) + 10_000_000n) % 10_000_000n;
  const text = secondsText(Number((ticks - parts) / 10_000_000n));
  return parts === 0n ? text : text.replace('Z', `.${String(parts).padStart(7, '0')}Z`);
}

/** Info-ZIP's "ux": version 1, then the sizes and values of uid and gid. */
function owner(data: Buffer): string | undefined {
  if (data.length < 3 || data.readUInt8(0) !== 1) return undefined;
  const uidSize = data.readUInt8(1);
  const gidAt = 2 + uidSize;
  if (gidAt >= data.length || uidSize > 6 || uidSize === 0) return undefined;
  const gidSize = data.readUInt8(gidAt);
  if (gidSize > 6 || gidSize === 0 || gidAt + 1 + gidSize !== data.length) return undefined;
  const width = uidSize === 4 && gidSize === 4 ? '' : ` (${uidSize} and ${gidSize} bytes)`;
  return `uid ${data.readUIntLE(2, uidSize)}, gid ${data.readUIntLE(gidAt + 1, gidSize)}${width}`;
}

/** Seconds since 1970 as UTC; the number where no date can hold it. */
function secondsText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace('.000Z', 'Z');
}
