import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, bundleOf, keySigner, publicKeyText, type Signer, signEnvelope } from '../../attest/index.ts';
import { writePack } from '../../attest/pack/index.ts';
import {
  comparisonStatements,
  PAYLOAD_TYPE,
  provenanceStatement,
  type RebuildFacts,
  type Statement,
  statementBytes,
} from '../../attest/statement/index.ts';
import { summaryStatement } from '../../attest/statement/summary.ts';
import {
  bundleEntry,
  cosign,
  entryOf,
  type SignedCheckpoint,
  signCheckpoint,
  trustedRoot,
  type VerifierKey,
  verifierKey,
  writeNote,
  writeVerifierKey,
} from '../../attest/tlog/index.ts';
import { canonicalJson, planDigest, type RebuildPlan, type RebuildRecord, sha256Of } from '../../model/index.ts';
import { referencePath, referenceRoot } from './reference-tree.ts';
import { sampleRecord } from './sample-record.ts';
import { smallPlan } from './small-plan.ts';
import { sampleLogSigner, sampleSigner } from './statement-keys.ts';

/** The file that most tests ask about, and its bytes. */
export const FILE_BYTES = Buffer.from('published bytes');
export const FILE = { name: 'less_668-1_amd64.deb', sha256: sha256Of(FILE_BYTES) };
const SIZED = { ...FILE, size: FILE_BYTES.length };
/** When tests ask: a day after the sample record. */
export const AT = Date.parse('2026-01-03T00:00:00Z');

const RAW_BYTES = 32;

/** A record with its plan, as a real rebuild leaves them. */
export function sampleFacts(changes: Partial<RebuildRecord> = {}): RebuildFacts {
  const plan: RebuildPlan = {
    ...smallPlan({}),
    target: { ecosystem: 'debian', source: 'less', version: '668-1', architecture: 'amd64', suite: 'trixie' },
    expected: [
      {
        ...SIZED,
        package: 'less',
        version: '668-1',
        architecture: 'amd64',
        origin: { kind: 'given', name: FILE.name },
      },
    ],
  };
  const sample = sampleRecord('abcdefghij23');
  const record = {
    ...sample,
    planDigest: planDigest(plan),
    attempts: sample.attempts.map((attempt) => ({ ...attempt, artifacts: [SIZED] })),
    artifacts: [{ kind: 'identical', name: FILE.name, published: SIZED, rebuilt: SIZED } as const],
    ...changes,
  };
  return { plan, record };
}

/** The record and the plan that a real rebuild left: dns-root-data 2025080400~deb13u1 of trixie, byte for byte. */
export function realFacts(): RebuildFacts {
  const read = <T>(name: string): T =>
    JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/evidence', name), 'utf8')) as T;
  return { record: read<RebuildRecord>('record.json'), plan: read<RebuildPlan>('plan.json') };
}

/** What a rebuilder would say of a record: a comparison for each file, and the provenance of what was built. */
export function statementsOf(facts: RebuildFacts): readonly Statement[] {
  const provenance = provenanceStatement(facts);
  return [...comparisonStatements(facts), ...(provenance === undefined ? [] : [provenance])];
}

/** A summary that says that two operators agree about the file. */
export function sampleSummary(): Statement {
  return summaryStatement({
    file: FILE,
    verifier: 'https://verifier.example/',
    reproof: '0.1.0',
    at: new Date(AT).toISOString(),
    policy: { name: 'two of three', sha256: '7'.repeat(64) },
    holds: true,
    reproducedIndependently: true,
    inputs: ['8'.repeat(64), '9'.repeat(64)],
  });
}

/** A rebuilder with its keys and a log of its own. */
export type LabRebuilder = {
  readonly signer: Signer;
  readonly logSigner: Signer;
  readonly logKey: VerifierKey;
};

/** The rebuilder whose keys are the same in every run. */
export function sampleRebuilder(origin = 'log.rebuilder.example'): LabRebuilder {
  return rebuilderOf(sampleSigner(), sampleLogSigner(), origin);
}

/** Another rebuilder, with fresh keys. */
export function otherRebuilder(origin = 'log.other.example'): LabRebuilder {
  return rebuilderOf(
    keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
    keySigner(generateKeyPairSync('ed25519').privateKey),
    origin,
  );
}

function rebuilderOf(signer: Signer, logSigner: Signer, origin: string): LabRebuilder {
  return { signer, logSigner, logKey: verifierKey(origin, 1, logSigner.publicKey.subarray(-RAW_BYTES)) };
}

/** A witness that is the same in every run, by its number. */
export function labWitness(number: number): { readonly signer: Signer; readonly key: VerifierKey } {
  const seed = String(number).padStart(64, '0');
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  const signer = keySigner(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return { signer, key: verifierKey(`witness-${number}.example`, 4, signer.publicKey.subarray(-RAW_BYTES)) };
}

/** Statements that were signed and logged, and the log's newest checkpoint. */
export type Attested = { readonly bundles: readonly Bundle[]; readonly checkpoint: SignedCheckpoint };

/** Signs statements and logs them, after two entries of others and before three. */
export async function attest(
  rebuilder: LabRebuilder,
  statements: readonly Statement[],
  { witnesses = 0 }: { readonly witnesses?: number } = {},
): Promise<Attested> {
  const envelopes = await Promise.all(
    statements.map((statement) => signEnvelope(PAYLOAD_TYPE, statementBytes(statement), rebuilder.signer)),
  );
  const bodies = envelopes.map((envelope) => entryOf(envelope, rebuilder.signer));
  const others = ['a', 'b', 'c', 'd', 'e'].map((letter) => Buffer.from(JSON.stringify({ of: letter })));
  const entries = [...others.slice(0, 2), ...bodies, ...others.slice(2)];
  const checkpoint = await cosigned(
    await signCheckpoint(
      { origin: rebuilder.logKey.name, size: entries.length, rootHash: referenceRoot(entries), extensions: [] },
      rebuilder.logSigner,
    ),
    witnesses,
  );
  const bundles = envelopes.map((envelope, at) => {
    const index = at + 2;
    const place = { index, proof: referencePath(index, entries), signed: checkpoint };
    return bundleOf(envelope, rebuilder.signer, [bundleEntry(bodies[at] ?? new Uint8Array(), place, rebuilder.logKey)]);
  });
  return { bundles, checkpoint };
}

async function cosigned(signed: SignedCheckpoint, witnesses: number): Promise<SignedCheckpoint> {
  const { text, signatures } = signed.note;
  const more = await Promise.all(
    Array.from({ length: witnesses }, (_, at) => {
      const { signer, key } = labWitness(at + 1);
      return cosign(text, key.name, { signer, seconds: 1_767_312_000n });
    }),
  );
  return { ...signed, note: { text, signatures: [...signatures, ...more] } };
}

/** The trusted root of a rebuilder's log, as JSON. */
export function trustedRootText({ logKey }: LabRebuilder): string {
  return `${canonicalJson(trustedRoot([{ key: logKey, start: '2026-01-01T00:00:00.000Z' }]))}\n`;
}

/** A pack of what was attested, as bytes. */
export async function packBytes(
  rebuilder: LabRebuilder,
  { bundles, checkpoint }: Attested,
  artifacts: readonly { readonly sha256: string; readonly bytes: Uint8Array }[] = [],
): Promise<Uint8Array> {
  const chunks = writePack({
    statements: bundles.map(bundleBytes),
    links: [],
    singles: {
      checkpoint: writeNote(checkpoint.note),
      'log.pub': publicKeyText(rebuilder.logSigner),
      'statement.pub': publicKeyText(rebuilder.signer),
      'trusted-root.json': trustedRootText(rebuilder),
    },
    artifacts: artifacts.map(({ sha256, bytes }) => ({
      sha256,
      size: bytes.length,
      read: async function* () {
        yield bytes;
      },
    })),
  });
  return Buffer.concat(await Array.fromAsync(chunks));
}

/** A bundle as its file has it. */
export function bundleBytes(bundle: Bundle): Uint8Array {
  return Buffer.from(`${canonicalJson(bundle)}\n`);
}

/** A rebuilder as a policy names it; `changes` go over it. */
export function policyRebuilder(
  { signer, logKey }: LabRebuilder,
  name: string,
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    name,
    operator: `${name}.example`,
    keys: [{ key: publicKeyText(signer) }],
    log: { key: writeVerifierKey(logKey) },
    ...changes,
  };
}

/** A policy in JSON, which is YAML. */
export function policyBytes(
  rebuilders: readonly Readonly<Record<string, unknown>>[],
  changes: Readonly<Record<string, unknown>> = {},
): Uint8Array {
  return Buffer.from(
    JSON.stringify({ schema: 'reproof-policy/1', name: 'one of ours', agree: 1, rebuilders, ...changes }),
  );
}
