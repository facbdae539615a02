import { keyId, publicKeyText, type Signer, signEnvelope, signLink } from '../../../../attest/index.ts';
import { readPack, writePack } from '../../../../attest/pack/index.ts';
import { PROVENANCE_TYPE, STATEMENT_TYPE, type Statement } from '../../../../attest/statement/index.ts';
import { writeNote, writeVerifierKey } from '../../../../attest/tlog/index.ts';
import { type Answer, NO_EVIDENCE, readPolicy, verifyEvidence } from '../../../../attest/verify/index.ts';
import { isReproofError } from '../../../../model/index.ts';
import {
  AT,
  attest,
  FILE,
  type LabRebuilder,
  labWitness,
  otherRebuilder,
  policyRebuilder,
  sampleFacts,
  sampleRebuilder,
  statementsOf,
  trustedRootText,
} from '../../../helpers/verify-lab.ts';

/** A JSON value that a tampering changes. */
export type Loose = { [key: string]: unknown };

/** All that is laid before the verifier, open to changes. */
export type Scenario = {
  readonly lab: Lab;
  policy: Loose;
  statements: Loose[];
  singles: Record<string, string>;
  links: Loose[];
  ossRebuild: Loose[];
  file: { name: string; sha256: string };
  at: number;
  /** Instead of the bytes that follow from the rest. */
  rawStatements?: Uint8Array[];
  rawLinks?: Uint8Array[];
  rawPolicy?: Uint8Array;
  rawOssRebuild?: Uint8Array;
  editPack?: (pack: Buffer) => Buffer;
};

/** Who signs in a scenario. */
export type Lab = {
  readonly ours: LabRebuilder;
  readonly other: LabRebuilder;
  readonly oss: Signer;
  readonly rebuilderd: Signer;
};

export const OSS_PAYLOAD_TYPE = STATEMENT_TYPE;
const RAW_BYTES = 32;

export const lab: Lab = {
  ours: sampleRebuilder(),
  other: otherRebuilder(),
  oss: otherRebuilder().signer,
  rebuilderd: otherRebuilder().logSigner,
};

/** What rebuilderd's key signs, for the library's one-method signer. */
export async function linkBy(
  signer: Signer,
  sha256: string,
  materials: Loose = { 'x.buildinfo': { sha256: 'a'.repeat(64) } },
): Promise<Loose> {
  const publicKey = signer.publicKey.subarray(-RAW_BYTES);
  const unsigned = signLink(
    {
      _type: 'link',
      name: `rebuild ${FILE.name}`,
      materials: materials as never,
      products: { [FILE.name]: { sha256 } },
      environment: null,
      byproducts: {},
      command: [],
    },
    { publicKey, sign: () => new Uint8Array(64) },
  );
  const { signedBytes } = await import('../../../../attest/index.ts');
  const sig = Buffer.from(await signer.sign(signedBytes(unsigned.signed))).toString('hex');
  return { signatures: [{ keyid: keyId(publicKey), sig }], signed: unsigned.signed };
}

/** The two statements of OSS Rebuild about a file, as its program makes them. */
export function ossStatements(published: string, rebuilt = published): readonly Statement[] {
  const descriptor = (name: string, sha256: string) => ({ name, digest: { sha256 } });
  const candidate = `rebuild/${FILE.name}`;
  const target = `https://archive.example/${FILE.name}`;
  const builder = { id: 'https://docs.oss-rebuild.dev/hosts/Google' };
  return [
    {
      _type: STATEMENT_TYPE,
      subject: [{ name: FILE.name, digest: { sha256: published } }],
      predicateType: PROVENANCE_TYPE,
      predicate: {
        buildDefinition: {
          buildType: 'https://docs.oss-rebuild.dev/builds/ArtifactEquivalence@v0.1',
          externalParameters: { candidate, target },
          internalParameters: {},
          resolvedDependencies: [descriptor(candidate, rebuilt), descriptor(target, published)],
        },
        runDetails: {
          builder,
          metadata: { invocationID: 'one' },
          byproducts: [descriptor(`normalized/${FILE.name}`, 'c'.repeat(64))],
        },
      },
    },
    {
      _type: STATEMENT_TYPE,
      subject: [{ name: candidate, digest: { sha256: rebuilt } }],
      predicateType: PROVENANCE_TYPE,
      predicate: {
        buildDefinition: {
          buildType: 'https://docs.oss-rebuild.dev/builds/Rebuild@v0.1',
          externalParameters: { ecosystem: 'debian', package: 'less', version: '668-1', artifact: FILE.name },
          internalParameters: {},
          resolvedDependencies: [],
        },
        runDetails: {
          builder,
          metadata: {
            invocationID: 'one',
            startedOn: '2026-01-02T02:00:00Z',
            finishedOn: '2026-01-02T03:00:00.123456Z',
          },
        },
      },
    },
  ];
}

/** Envelopes of statements by a key, as parsed JSON. */
export async function envelopesBy(signer: Signer, type: string, statements: readonly unknown[]): Promise<Loose[]> {
  return Promise.all(
    statements.map(async (statement) =>
      loose(await signEnvelope(type, Buffer.from(JSON.stringify(statement)), signer)),
    ),
  );
}

/** A copy of a value that may be changed. */
export function loose(value: unknown): Loose {
  return JSON.parse(JSON.stringify(value)) as Loose;
}

/** Our bundles of statements as parsed JSON, and the checkpoint they are proven by. */
export async function attested(
  rebuilder: LabRebuilder,
  statements: readonly unknown[],
  witnesses = 1,
): Promise<{ readonly statements: Loose[]; readonly checkpoint: string }> {
  const { bundles, checkpoint } = await attest(rebuilder, statements as readonly Statement[], { witnesses });
  return { statements: bundles.map(loose), checkpoint: writeNote(checkpoint.note) };
}

/** Three operators agree: ours with log and witness, a rebuilderd, OSS Rebuild; the policy asks for all of them. */
export async function untouched(): Promise<Scenario> {
  const { ours, oss, rebuilderd } = lab;
  const { statements, checkpoint } = await attested(ours, statementsOf(sampleFacts()));
  return {
    lab,
    policy: loose({
      schema: 'reproof-policy/1',
      name: 'three of three',
      agree: 3,
      witnesses: [writeVerifierKey(labWitness(1).key)],
      rebuilders: [
        policyRebuilder(ours, 'ours', {
          log: { key: writeVerifierKey(ours.logKey), witnesses: 1, minimumSize: 5 },
          maxAgeDays: 30,
        }),
        { name: 'debian', operator: 'debian', kind: 'rebuilderd', keys: [{ key: publicKeyText(rebuilderd) }] },
        { name: 'oss', operator: 'google', kind: 'oss-rebuild', keys: [{ key: publicKeyText(oss) }], maxAgeDays: 30 },
      ],
    }),
    statements,
    singles: {
      checkpoint,
      'log.pub': publicKeyText(ours.logSigner),
      'statement.pub': publicKeyText(ours.signer),
      'trusted-root.json': trustedRootText(ours),
    },
    links: [await linkBy(rebuilderd, FILE.sha256)],
    ossRebuild: await envelopesBy(oss, OSS_PAYLOAD_TYPE, ossStatements(FILE.sha256)),
    file: { ...FILE },
    at: AT,
  };
}

/** What the verifier says of a scenario. Throws what cannot even be read. */
export async function answerTo(scenario: Scenario): Promise<Answer> {
  const text = (value: Loose): Uint8Array => Buffer.from(JSON.stringify(value));
  const packed = Buffer.concat(
    await Array.fromAsync(
      writePack({
        statements: scenario.rawStatements ?? scenario.statements.map(text),
        links: scenario.rawLinks ?? scenario.links.map(text),
        singles: scenario.singles,
        artifacts: [],
      }),
    ),
  );
  const pack = await readPack([scenario.editPack?.(packed) ?? packed]);
  const lines = Buffer.from(scenario.ossRebuild.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return verifyEvidence(
    { file: scenario.file, policy: await readPolicy(scenario.rawPolicy ?? text(scenario.policy)), at: scenario.at },
    {
      ...NO_EVIDENCE,
      packs: [{ place: 'the pack', pack }],
      ossRebuild: [{ place: 'rebuild.intoto.jsonl', bytes: scenario.rawOssRebuild ?? lines }],
    },
  );
}

/** The code a scenario is refused with, or 'holds'. */
export async function codeOf(scenario: Scenario): Promise<string> {
  try {
    const { holds, failed } = await answerTo(scenario);
    return holds ? 'holds' : (failed?.code ?? 'none');
  } catch (error) {
    if (isReproofError(error)) return error.code;
    throw error;
  }
}

/** One change and the code it is refused with. */
export type Tampering = {
  readonly what: string;
  readonly code: string;
  readonly change: (scenario: Scenario) => void | Promise<void>;
};

/** The value at a path of words and numbers; the last word's holder and the word itself. */
function holderAt(value: unknown, path: string): readonly [Loose, string] {
  const words = path.split('.');
  const last = words.pop() ?? '';
  return [words.reduce<unknown>((at, word) => (at as Loose)[word], value) as Loose, last];
}

/** What is at a path. */
export function at(value: unknown, path: string): unknown {
  const [holder, word] = holderAt(value, path);
  return holder[word];
}

/** Changes what is at a path such as `verificationMaterial.tlogEntries.0.logIndex`. */
export function edit(value: unknown, path: string, change: (old: never) => unknown): void {
  const [holder, word] = holderAt(value, path);
  if (!(word in holder)) throw new Error(`there is nothing at ${path}`);
  const changed = change(holder[word] as never);
  if (changed === undefined) delete holder[word];
  else holder[word] = changed;
}

/** Base64 of the same bytes with one bit of the last turned over. */
export function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
}
