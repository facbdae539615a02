import { ReproofError } from '../../model/index.ts';
import type { Bundle, BundleLogEntry } from '../bundle.ts';
import type { PublicKey } from '../public-key.ts';
import { decodeBase64 } from '../strict-json.ts';
import { openCheckpoint, type SignedCheckpoint, witnessesOf } from '../tlog/checkpoint.ts';
import { entryOf, logId } from '../tlog/entry.ts';
import { leafHash, verifyInclusion } from '../tlog/merkle.ts';
import { sameBytes } from '../tlog/strict-text.ts';
import type { LogPlace } from './answer.ts';
import type { Policy, PolicyLog } from './policy/policy.ts';

export type CheckedEntry = { readonly place: LogPlace; readonly signed: SignedCheckpoint };

/**
 * Verifies the log entry of a bundle whose signature was found right: the checkpoint is the log's and its witnesses',
 * the entry is this signature of this key over this payload, and it is in the tree. Undefined where there is no entry.
 * Throws LOG_MALFORMED, LOG_SIGNATURE_INVALID, LOG_PROOF_INVALID.
 */
export function checkLogEntry(
  bundle: Bundle,
  key: PublicKey,
  { log, policy }: { readonly log: PolicyLog; readonly policy: Policy },
): CheckedEntry | undefined {
  const [entry] = bundle.verificationMaterial.tlogEntries;
  if (entry === undefined) return undefined;
  const signed = openCheckpoint(Buffer.from(entry.inclusionProof.checkpoint.envelope), log.key);
  const { size, rootHash, origin } = signed.checkpoint;
  if (entry.logId.keyId !== logId(log.key)) throw refuted('it names another log than the one that signed');
  const { inclusionProof } = entry;
  if (inclusionProof.treeSize !== String(size) || !sameBytes(bytesOf(inclusionProof.rootHash), rootHash))
    throw refuted('its tree is not that of its checkpoint');
  if (inclusionProof.logIndex !== entry.logIndex) throw refuted('it has two places');
  const body = entryOf(bundle.dsseEnvelope, key);
  if (!sameBytes(bytesOf(entry.canonicalizedBody), body)) throw refuted('it is of another signature, payload or key');
  verifyInclusion({
    index: Number(entry.logIndex),
    size,
    leaf: leafHash(body),
    proof: inclusionProof.hashes.map(bytesOf),
    root: rootHash,
  });
  return {
    signed,
    place: {
      origin,
      index: Number(entry.logIndex),
      treeSize: size,
      rootHash: Buffer.from(rootHash).toString('hex'),
      witnesses: witnessesOf(signed, policy.witnesses).map(({ name }) => name),
    },
  };
}

/** The entry of a bundle, if it has one. */
export function entryIn(bundle: Bundle): BundleLogEntry | undefined {
  return bundle.verificationMaterial.tlogEntries[0];
}

/** What two checkpoints of one log say against each other: each size has one root. Undefined where nothing. */
export function forkBetween(left: SignedCheckpoint, right: SignedCheckpoint): string | undefined {
  const [one, other] = [left.checkpoint, right.checkpoint];
  if (one.origin !== other.origin || one.size !== other.size || sameBytes(one.rootHash, other.rootHash))
    return undefined;
  return `the log ${one.origin} signed two trees of ${one.size} entries: ${hex(one.rootHash)} and ${hex(other.rootHash)}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function bytesOf(base64: string): Uint8Array {
  return decodeBase64(base64) ?? new Uint8Array();
}

function refuted(why: string): ReproofError {
  return new ReproofError('LOG_PROOF_INVALID', `verifying a log entry: ${why}`);
}
