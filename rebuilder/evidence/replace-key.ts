import { type ImportedKey, type Keys, type KeyUse, keyRotationStatement, type Signer } from '../../attest/index.ts';
import { ReproofError } from '../../model/index.ts';
import type { EvidenceKeeper } from './types.ts';

type Parts = { readonly keys: Keys; readonly evidence: EvidenceKeeper };

/** The keys after and before, and where in the log it is said that one follows the other. */
export type ReplacementTold = { readonly next: Signer; readonly before?: Signer; readonly logIndex?: number };

/**
 * Puts a new key in the place of an old one, and logs that it follows it. The old key of statements signs that as its
 * last; of the log's key the key of statements says it. Throws KEY_*, STORE_*, LOG_*; where the log fails, the key is
 * replaced all the same.
 */
export async function replaceKey(
  { keys, evidence }: Parts,
  use: KeyUse,
  imported?: ImportedKey,
): Promise<ReplacementTold> {
  const { next, before } = await keys.replace(use, imported);
  if (before === undefined || before.keyid === next.keyid) return { next };
  const life = (await keys.history()).findLast(({ keyid }) => keyid === next.keyid);
  if (life === undefined) throw new ReproofError('INTERNAL', `replacing the ${use} key: the new one has no beginning`);
  const owner = ownerOfKey(next);
  const statement = keyRotationStatement(before, life);
  const named = [{ name: `${use}.key-rotation`, statement }];
  await evidence.keep(owner, named, use === 'statement' ? before : undefined);
  const [entry] = (await evidence.publish(owner)).entries;
  return { next, before, ...(entry === undefined ? {} : { logIndex: entry.logIndex }) };
}

/** Logs what was said of keys that follow others and could not be logged then. Throws KEY_*, STORE_*, LOG_*. */
export async function publishRotations({ keys, evidence }: Parts): Promise<void> {
  for (const life of await keys.history()) {
    const owner = ownerOfKey(life);
    if (await evidence.has(owner)) await evidence.publish(owner);
  }
}

function ownerOfKey({ keyid }: { readonly keyid: string }): string {
  return `key-${keyid.slice(0, 16)}`;
}
