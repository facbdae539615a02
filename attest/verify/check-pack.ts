import { ReproofError } from '../../model/index.ts';
import type { Pack } from '../pack/read-pack.ts';
import { type PublicKey, readPublicKeyText } from '../public-key.ts';
import { openCheckpoint, type SignedCheckpoint } from '../tlog/checkpoint.ts';
import { verifierKey } from '../tlog/note-key.ts';
import { sameBytes } from '../tlog/strict-text.ts';
import { readBundle } from './formats/read-bundle.ts';
import { readTrustedRoot, type TrustedLog } from './formats/read-trusted-root.ts';
import { entryIn } from './log-entry.ts';
import type { Policy } from './policy/policy.ts';

const RAW_KEY_BYTES = 32;

/**
 * Holds a pack's keys, trusted root and checkpoint against its statements and the policy: they are for other tools, which
 * would believe them. Gives the checkpoint, where it is of a log of the policy.
 * Throws EVIDENCE_KEY_ID for a key that is not the one that is used, LOG_CHECKPOINT_STALE for a checkpoint older than a
 * proof, and what the readers throw.
 */
export function checkPack({ singles, statements }: Pack, policy: Policy): SignedCheckpoint | undefined {
  const bundles = statements.map((bytes) => readBundle(bytes));
  if (singles['statement.pub'] !== undefined && bundles.length > 0) {
    const { keyid } = readPublicKeyText(text(singles['statement.pub']));
    const hint = Buffer.from(keyid, 'hex').toString('base64');
    if (!bundles.some(({ verificationMaterial }) => verificationMaterial.publicKey.hint === hint))
      refuseKey('statement.pub is not the key that signed its statements');
  }
  const logs = singles['trusted-root.json'] === undefined ? [] : readTrustedRoot(singles['trusted-root.json']);
  for (const log of logs) checkLog(log, policy);
  const logKey = singles['log.pub'] === undefined ? undefined : readPublicKeyText(text(singles['log.pub']));
  if (logKey !== undefined && !logs.some(({ key, isOver }) => key.keyid === logKey.keyid && !isOver))
    refuseKey('log.pub is not a key of its trusted root');
  if (singles.checkpoint === undefined) return undefined;
  const signed = openBy(singles.checkpoint, logs);
  for (const bundle of bundles) {
    const size = Number(entryIn(bundle)?.inclusionProof.treeSize ?? 0);
    if (size > signed.checkpoint.size)
      throw new ReproofError(
        'LOG_CHECKPOINT_STALE',
        `reading a pack: its checkpoint is of ${signed.checkpoint.size} entries, and a proof of ${size}`,
      );
  }
  const ours = policy.rebuilders.some(({ log }) => log?.key.name === signed.checkpoint.origin);
  return ours ? signed : undefined;
}

/** A trusted root may not give a log of the policy another key than it has, beside those it says it had before. */
function checkLog({ origin, key, logId, isOver }: TrustedLog, policy: Policy): void {
  const own = verifierKey(origin, 1, rawKey(key));
  if (!sameBytes(logId.subarray(0, 4), Buffer.from(own.keyId, 'hex')))
    refuseKey(`its trusted root gives the log ${origin} the id of another key`);
  for (const { log } of policy.rebuilders)
    if (log !== undefined && log.key.name === origin && log.key.keyId !== own.keyId && !isOver)
      refuseKey(`its trusted root names another key for the log ${origin} than the policy`);
}

function openBy(bytes: Uint8Array, logs: readonly TrustedLog[]): SignedCheckpoint {
  const origin = text(bytes).split('\n', 1)[0];
  const log = logs.find((one) => one.origin === origin && !one.isOver);
  if (log === undefined) return refuseKey('its checkpoint is of a log that its trusted root does not name');
  return openCheckpoint(bytes, verifierKey(log.origin, 1, rawKey(log.key)));
}

function rawKey({ publicKey }: PublicKey): Uint8Array {
  return publicKey.subarray(-RAW_KEY_BYTES);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function refuseKey(why: string): never {
  throw new ReproofError('EVIDENCE_KEY_ID', `reading a pack: ${why}`);
}
