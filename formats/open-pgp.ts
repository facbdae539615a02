import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';

/** An OpenPGP packet: its kind by number (RFC 9580 section 5) and its content, not copied. */
export type PgpPacket = { readonly tag: number; readonly body: Buffer };

/** What a signature says of itself; what is not there is undefined. Times in seconds since 1970, keys in hexadecimal. */
export type PgpSignature = {
  readonly version: number;
  readonly type: number;
  readonly publicKey: number;
  readonly hash: number;
  readonly created?: number;
  readonly expires?: number;
  readonly issuer?: string;
  /** All else it states: subpackets by their kind (RFC 9580 section 5.2.3.7), not copied. */
  readonly more: readonly { readonly kind: number; readonly data: Buffer }[];
};

export type PgpArmor = {
  /** Such as SIGNATURE or PUBLIC KEY BLOCK. */
  readonly kind: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly content: Buffer;
  /** What follows the line that ends it. */
  readonly after: string;
};

export const PGP_TAG = { signature: 2, publicKey: 6, userId: 13, publicSubkey: 14 } as const;

const BEGIN = /^-----BEGIN PGP ([A-Z ,0-9/]{1,60})-----[ \t]*\r?\n/;

/** ASCII armor around packets, RFC 9580 section 6.2; undefined where there is none. Its checksum is not looked at. */
export function readPgpArmor(text: string): PgpArmor | undefined {
  const begin = BEGIN.exec(text);
  const kind = begin?.[1];
  if (begin === null || kind === undefined) return undefined;
  const last = `-----END PGP ${kind}-----`;
  const end = text.indexOf(last);
  if (end < 0) return undefined;
  const lines = text.slice(begin[0].length, end).split(/\r?\n/);
  const blank = lines.findIndex((line) => line.trim() === '');
  const headers = lines.slice(0, Math.max(0, blank)).map((line) => {
    const colon = line.indexOf(': ');
    return { name: line.slice(0, Math.max(0, colon)), value: line.slice(colon + 2) };
  });
  const data = lines.slice(blank + 1).filter((line) => !line.startsWith('='));
  if (!data.every((line) => /^[A-Za-z0-9+/]*={0,2}[ \t]*$/.test(line))) return undefined;
  return { kind, headers, content: Buffer.from(data.join(''), 'base64'), after: text.slice(end + last.length) };
}

/** The packets one after another, RFC 9580 section 4.2. Throws FORMAT_MALFORMED; FORMAT_LIMIT past `limit` packets. */
export function readPgpPackets(bytes: Buffer, limit: number): readonly PgpPacket[] {
  const cursor = new ByteCursor(bytes, { what: 'OpenPGP packets' });
  const packets: PgpPacket[] = [];
  while (cursor.left > 0) {
    if (packets.length >= limit)
      throw new ReproofError('FORMAT_LIMIT', `reading OpenPGP packets: more than ${limit}`, { context: { limit } });
    const first = cursor.u8('packet');
    if ((first & 0x80) === 0) cursor.fail('packet');
    const newer = (first & 0x40) !== 0;
    packets.push({
      tag: newer ? first & 0x3f : (first >> 2) & 0xf,
      body: newer ? newerBody(cursor) : olderBody(cursor, first & 3),
    });
  }
  return packets;
}

function olderBody(cursor: ByteCursor, kind: number): Buffer {
  if (kind === 3) return cursor.take(cursor.left);
  return cursor.take(
    kind === 0 ? cursor.u8('length') : kind === 1 ? cursor.u16('length') : cursor.u32('length'),
    'packet',
  );
}

function newerBody(cursor: ByteCursor): Buffer {
  const pieces: Buffer[] = [];
  for (;;) {
    const first = cursor.u8('length');
    // All but the last piece of a body may have a power of two as its length.
    const partial = first >= 224 && first < 255;
    pieces.push(cursor.take(partial ? 2 ** (first & 0x1f) : restOfLength(cursor, first, 224), 'packet'));
    if (!partial) return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }
}

function restOfLength(cursor: ByteCursor, first: number, two: number): number {
  if (first < 192) return first;
  return first < two ? (first - 192) * 256 + cursor.u8('length') + 192 : cursor.u32('length');
}

/** What the body of a signature packet says, versions 3, 4 and 6 (RFC 9580 section 5.2). Throws FORMAT_MALFORMED. */
export function readPgpSignature(body: Buffer): PgpSignature {
  const cursor = new ByteCursor(body, { what: 'OpenPGP signature' });
  const version = cursor.u8('version');
  if (version === 3) {
    cursor.take(1);
    const [type, created] = [cursor.u8('type'), cursor.u32('time')];
    const issuer = cursor.take(8, 'key').toString('hex');
    const [publicKey, hash] = [cursor.u8('algorithm'), cursor.u8('algorithm')];
    return { version, type, created, issuer, publicKey, hash, more: [] };
  }
  if (version !== 4 && version !== 6) cursor.fail(`version ${version}`);
  const head = { version, type: cursor.u8('type'), publicKey: cursor.u8('algorithm'), hash: cursor.u8('algorithm') };
  const facts: { -readonly [Key in 'created' | 'expires' | 'issuer']?: PgpSignature[Key] } = {};
  const more: { kind: number; data: Buffer }[] = [];
  for (let area = 0; area < 2; area++) {
    const size = version === 6 ? cursor.u32('subpackets') : cursor.u16('subpackets');
    const inner = new ByteCursor(cursor.take(size, 'subpackets'), { what: 'OpenPGP signature' });
    while (inner.left > 0) {
      const content = inner.take(restOfLength(inner, inner.u8('subpacket'), 255), 'subpacket');
      const [kind, data] = [(content[0] ?? 0) & 0x7f, content.subarray(1)];
      if (kind === 2 && data.length === 4 && facts.created === undefined) facts.created = data.readUInt32BE();
      else if (kind === 3 && data.length === 4 && facts.expires === undefined) facts.expires = data.readUInt32BE();
      // A fingerprint has its version before it, and is more than the number of a key.
      else if (kind === 33) facts.issuer = data.toString('hex', 1);
      else if (kind === 16) facts.issuer ??= data.toString('hex');
      else more.push({ kind, data });
    }
  }
  return { ...head, ...facts, more };
}
