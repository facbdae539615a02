import { createHash } from 'node:crypto';
import { PGP_TAG, type PgpPacket, readPgpArmor, readPgpPackets, readPgpSignature } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { readWhole } from '../../read-whole.ts';
import type { Head, LeafComparator } from '../../types.ts';
import { compareFacts, type Fact } from './facts.ts';

const ARMOR = /^-----BEGIN PGP (?:SIGNATURE|PUBLIC KEY BLOCK|MESSAGE)-----[ \t]*\r?\n/;
const NAMES = /\.(?:sig|gpg|pgp|asc)$/;
const PACKETS = 10_000;
const FILE_BYTES = 8 * 2 ** 20;

/** RFC 9580 sections 9.1 and 9.5; others are told by number. */
const KEYS: Readonly<Record<number, string>> = {
  1: 'RSA',
  17: 'DSA',
  19: 'ECDSA',
  22: 'EdDSA',
  27: 'Ed25519',
  28: 'Ed448',
};
const HASHES: Readonly<Record<number, string>> = {
  2: 'SHA-1',
  8: 'SHA-256',
  9: 'SHA-384',
  10: 'SHA-512',
  11: 'SHA-224',
};
/** RFC 9580 section 5.2.1. */
const TYPES: Readonly<Record<number, string>> = {
  0: 'of a file',
  1: 'of a text',
  16: 'of a user ID',
  19: 'of a user ID',
  24: 'of a subkey',
  31: 'of a key',
};

/** OpenPGP signatures and keys, armored or not: who signed, when and how. The numbers of a signature tell nobody anything. */
export const openPgp: LeafComparator = {
  kind: 'leaf',
  id: 'open-pgp',
  recognizes: (head, name) => ARMOR.test(latin1(head)) || (NAMES.test(name) && isPackets(head)),
  async *explain(left, right) {
    const [old, now] = await bothOf(readWhole(left, FILE_BYTES), readWhole(right, FILE_BYTES));
    const [one, other] = ofBoth(old, now, (bytes) => bytes && read(bytes));
    if (one === undefined || other === undefined) {
      yield { kind: 'declined' };
      return;
    }
    // Of a ring of keys, one more or less would shift all that is numbered.
    if (one.keys > 1 || other.keys > 1) yield { kind: 'lines', left: linesOf(one), right: linesOf(other) };
    else yield* compareFacts(one.facts, other.facts, 'OpenPGP');
    if (one.signatures !== other.signatures)
      yield { kind: 'reason', reason: { kind: 'signature', evidence: 'an OpenPGP signature' } };
    const same = JSON.stringify(one.facts) === JSON.stringify(other.facts);
    if (same)
      yield {
        kind: 'detail',
        text: 'all that is said is the same: only numbers of signatures or keys, or the armor, differ',
      };
  },
};

type Read = {
  readonly facts: readonly Fact[];
  /** What tells the signatures apart from others. */
  readonly signatures: string;
  readonly keys: number;
};

function read(bytes: Buffer): Read | undefined {
  const armor = readPgpArmor(bytes.toString('latin1'));
  if (armor === undefined && (bytes[0] ?? 0) < 0x80) return undefined;
  // Another text or armor behind it is none of these packets, and is compared by lines.
  if (armor !== undefined && armor.after.trim() !== '') return undefined;
  try {
    const packets = readPgpPackets(armor?.content ?? bytes, PACKETS);
    const facts: Fact[] = (armor?.headers ?? []).map(({ name, value }) => ({
      name: `armor ${name}`,
      value,
      program: name === 'Version',
    }));
    for (const packet of packets) facts.push(...factsOf(packet));
    const bodies = (wanted: number): Buffer[] => packets.filter(({ tag }) => tag === wanted).map(({ body }) => body);
    const signatures = bodies(PGP_TAG.signature).map(digestOf).join();
    return { facts, signatures, keys: bodies(PGP_TAG.publicKey).length };
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return undefined;
  }
}

function linesOf({ facts }: Read): readonly string[] {
  return facts.map(({ name, value }) => `${name}: ${value}`);
}

function factsOf({ tag, body }: PgpPacket): readonly Fact[] {
  const time = (seconds: number): string => new Date(seconds * 1_000).toISOString();
  switch (tag) {
    case PGP_TAG.signature: {
      const { version, type, publicKey, hash, created, expires, issuer, more } = readPgpSignature(body);
      const kind = `${TYPES[type] ?? `of type ${type}`}, ${KEYS[publicKey] ?? publicKey} with ${HASHES[hash] ?? hash}`;
      return [
        { name: 'signature', value: `version ${version}, ${kind}` },
        ...(created === undefined ? [] : [{ name: 'signature made', value: time(created) }]),
        ...(expires === undefined ? [] : [{ name: 'signature ends after', value: `${expires} s` }]),
        ...(issuer === undefined ? [] : [{ name: 'signed by', value: issuer }]),
        ...more.map(({ kind, data }) => ({ name: `signature subpacket ${kind}`, value: bytesOf(data) })),
      ];
    }
    case PGP_TAG.publicKey:
    case PGP_TAG.publicSubkey: {
      const name = tag === PGP_TAG.publicKey ? 'key' : 'subkey';
      if (body[0] !== 4 || body.length < 6 || body.length > 0xffff)
        return [{ name, value: `version ${body[0] ?? ''}, ${digestOf(body)}` }];
      return [
        { name, value: fingerprint(body) },
        { name: `${name} made`, value: time(body.readUInt32BE(1)) },
      ];
    }
    case PGP_TAG.userId:
      return [{ name: 'user ID', value: body.toString('utf8') }];
    default:
      return [{ name: 'packet', value: `of kind ${tag}, ${body.length} bytes, ${digestOf(body)}` }];
  }
}

/** As text where it is nothing but printable ASCII. */
function bytesOf(data: Buffer): string {
  const text = data.toString('latin1');
  if (/^[ -~]+$/.test(text)) return text;
  return data.length <= 32 ? data.toString('hex') : `${data.length} bytes, ${digestOf(data)}`;
}

function digestOf(bytes: Buffer): string {
  return `SHA-256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}…`;
}

/** Of a key of version 4, RFC 9580 section 5.5.4.2. */
function fingerprint(body: Buffer): string {
  const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
  return createHash('sha1').update(head).update(body).digest('hex');
}

function latin1(head: Head): string {
  return Buffer.from(head.subarray(0, 100)).toString('latin1');
}

/** Packets of a signature or a key. */
function isPackets(head: Head): boolean {
  const first = head[0] ?? 0;
  const tag = (first & 0x40) !== 0 ? first & 0x3f : (first >> 2) & 0xf;
  return first >= 0x80 && (tag === PGP_TAG.signature || tag === PGP_TAG.publicKey);
}
