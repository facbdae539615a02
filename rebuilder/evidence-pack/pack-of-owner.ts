import { join } from 'node:path';
import {
  type Bundle,
  bundleEntry,
  bundleOf,
  type KeyLife,
  type Keys,
  type LogKeyLife,
  publicKeyText,
  rawEd25519,
  spkiOfEd25519,
  trustedRoot,
  type VerifierKey,
  verifierKey,
  writeNote,
} from '../../attest/index.ts';
import type { PackContent, PackedArtifact } from '../../attest/pack/index.ts';
import { canonicalJson, ReproofError } from '../../model/index.ts';
import { type DataLog, type EvidenceKeeper, type KeptStatement, readDataLog } from '../evidence/index.ts';

/** Where the statements, keys and log of a data folder are. */
export type PackSources = {
  readonly dataFolder: string;
  readonly evidence: Pick<EvidenceKeeper, 'statements'>;
  readonly keys: Pick<Keys, 'history'>;
};

/** What is packed beside statements. */
export type PackExtras = { readonly links: readonly Uint8Array[]; readonly artifacts: readonly PackedArtifact[] };

/**
 * All that a stranger needs to check what was stated of a rebuild: every proof is made anew under the log's newest
 * checkpoint, with the cosignatures that it has by now. `owner` is a rebuild's id, or `result-` and a result's number.
 * Throws RESOURCE_UNKNOWN where nothing is stated, LOG_*, STORE_*.
 */
export async function packOfOwner(
  owner: string,
  { dataFolder, evidence, keys }: PackSources,
  extras: PackExtras = { links: [], artifacts: [] },
): Promise<PackContent> {
  const kept = await evidence.statements(owner);
  const [newest] = kept.toReversed();
  if (newest === undefined)
    throw new ReproofError(
      'RESOURCE_UNKNOWN',
      `packing the evidence of ${owner}: nothing is stated of it; reproof attest makes what is missing`,
    );
  const history = await keys.history();
  const key = keyOf(newest, history);
  const log = await readDataLog(join(dataFolder, 'log'));
  const statements = await Promise.all(kept.map((one) => bundleNow(one, history, log)));
  return {
    statements: statements.map((bundle) => Buffer.from(`${canonicalJson(bundle)}\n`)),
    links: extras.links,
    artifacts: extras.artifacts,
    singles: { 'statement.pub': publicKeyText(key), ...(log === undefined ? {} : logFiles(log, history)) },
  };
}

async function bundleNow(
  { envelope, bundle, ...one }: KeptStatement,
  history: readonly KeyLife[],
  log: DataLog | undefined,
): Promise<Bundle> {
  const key = keyOf(one, history);
  const entry = bundle?.verificationMaterial.tlogEntries[0];
  if (log === undefined || entry === undefined) return bundleOf(envelope, key);
  const index = Number(entry.logIndex);
  const proof = await log.tree.inclusionProof(index);
  const body = Buffer.from(entry.canonicalizedBody, 'base64');
  return bundleOf(envelope, key, [bundleEntry(body, { index, proof, signed: log.signed }, log.key)]);
}

function logFiles({ key, signed }: DataLog, history: readonly KeyLife[]): PackContent['singles'] {
  const publicKey = spkiOfEd25519(key.publicKey);
  return {
    checkpoint: writeNote(signed.note),
    'log.pub': publicKeyText({ publicKey, keyid: '', algorithm: 'ed25519' }),
    'trusted-root.json': `${canonicalJson(trustedRoot(logKeys(key, history)))}\n`,
  };
}

/** The log's key, and those it had before: bundles that were given out then are proven by them. */
function logKeys(key: VerifierKey, history: readonly KeyLife[]): readonly LogKeyLife[] {
  const lives = history
    .filter(({ use }) => use === 'log')
    .map(({ publicKey, validFrom, validUntil }) => ({
      key: verifierKey(key.name, 1, rawEd25519(publicKey)),
      start: validFrom,
      ...(validUntil === undefined ? {} : { end: validUntil }),
    }));
  const now = lives.findLast((life) => life.key.keyId === key.keyId);
  // Between a rotation and the log's next opening the log has still the key before.
  const start = now?.start ?? '1970-01-01T00:00:00.000Z';
  return [...lives.filter((life) => life.key.keyId !== key.keyId && life.end !== undefined), { key, start }];
}

function keyOf({ keyid }: Pick<KeptStatement, 'keyid'>, history: readonly KeyLife[]): KeyLife {
  const key = history.find((one) => one.keyid === keyid);
  if (key === undefined)
    throw new ReproofError('STORE_CORRUPT', `packing evidence: the key ${keyid} is not known here`);
  return key;
}
