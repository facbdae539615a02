import { createHash } from 'node:crypto';
import type { FieldChange } from '../../../model/index.ts';
import { bothOf } from '../../identity.ts';
import { readWhole } from '../../read-whole.ts';
import type { Explanation, LeafComparator } from '../../types.ts';

const MAGIC = 'APK Sig Block 42';
const NAMES: Readonly<Record<string, string>> = {
  '7109871a': 'v2 signature',
  f05368c0: 'v3 signature',
  '1b93ad61': 'v3.1 signature',
  '42726577': 'padding',
  '6dff800d': 'source stamp',
  '504b4453': 'dependencies',
};

/** The APK Signing Block, APK Signature Scheme v2: what stands between an apk's members and its directory. */
export const signingBlock: LeafComparator = {
  kind: 'leaf',
  id: 'apk-signing-block',
  // Its magic number is at its end: with what it is called by the reader, its size at both ends tells it.
  recognizes: (head, name) => name === '(APK Signing Block)' && head.length >= 32,
  async *explain(left, right, { budget }): AsyncIterable<Explanation> {
    const limit = budget.limits.textBytes;
    const sides = await bothOf(readWhole(left, limit), readWhole(right, limit));
    const [old, now] = sides.map((bytes) => (bytes === undefined ? undefined : pairsOf(bytes)));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined' };
      return;
    }
    const ids = [...new Set([...old.keys(), ...now.keys()])].sort();
    const fields = ids.flatMap((id): FieldChange[] => {
      const [one, other] = [old.get(id), now.get(id)];
      if (one !== undefined && other !== undefined && one.equals(other)) return [];
      return [
        {
          name: nameOf(id),
          ...(one === undefined ? {} : { left: told(one) }),
          ...(other === undefined ? {} : { right: told(other) }),
        },
      ];
    });
    if (fields.length > 0) yield { kind: 'fields', fields };
    else yield { kind: 'detail', text: 'the same blocks in another order' };
    yield { kind: 'reason', reason: { kind: 'signature', evidence: 'the signatures of an Android package' } };
  },
};

function nameOf(key: string): string {
  const [id = '', count] = key.split(' ');
  return `${NAMES[id] ?? `block 0x${id}`}${count === undefined ? '' : ` (${count})`}`;
}

function told(bytes: Buffer): string {
  return `${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Values by id, the n-th of one id with n in its key; undefined where it is no such block. */
function pairsOf(bytes: Buffer): ReadonlyMap<string, Buffer> | undefined {
  if (bytes.length < 32 || bytes.toString('latin1', bytes.length - 16) !== MAGIC) return undefined;
  const end = bytes.length - 24;
  if (bytes.readBigUInt64LE(0) !== BigInt(bytes.length - 8) || bytes.readBigUInt64LE(end) !== BigInt(bytes.length - 8))
    return undefined;
  const pairs = new Map<string, Buffer>();
  const counts = new Map<string, number>();
  for (let at = 8; at < end; ) {
    if (at + 12 > end) return undefined;
    const size = bytes.readBigUInt64LE(at);
    if (size < 4n || size > BigInt(end - at - 8)) return undefined;
    const id = bytes
      .readUInt32LE(at + 8)
      .toString(16)
      .padStart(8, '0');
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    pairs.set(count === 1 ? id : `${id} ${count}`, bytes.subarray(at + 12, at + 8 + Number(size)));
    at += 8 + Number(size);
  }
  return pairs;
}
