import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Bundle,
  type BundleLogEntry,
  publicKeyText,
  type RebuildFacts,
  sbomStatement,
  trustedRoot,
} from '../../../attest/index.ts';
import { layOut, readPack } from '../../../attest/pack/index.ts';
import { COMPARISON_TYPE, PROVENANCE_TYPE, SUMMARY_TYPE } from '../../../attest/statement/index.ts';
import { canonicalJson, planDigest, type RebuildPlan, sha256Of } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { sbomStatements } from '../../../rebuilder/evidence/sbom-statements.ts';
import { attestedPlan } from '../../helpers/attested-rebuild.ts';
import { cosignProgram, withoutNetwork } from '../../helpers/foreign-verifiers.ts';
import {
  attest,
  bundleBytes,
  FILE,
  FILE_BYTES,
  otherRebuilder,
  packBytes,
  realFacts,
  sampleFacts,
  sampleRebuilder,
  sampleSummary,
  statementsOf,
  trustedRootText,
} from '../../helpers/verify-lab.ts';

/** SBOMs of the file itself, which is no package. */
const fileSboms = () => [
  sbomStatement([FILE], { kind: 'cyclonedx', document: { bomFormat: 'CycloneDX', specVersion: '1.6' } }),
  sbomStatement([FILE], { kind: 'spdx', document: { spdxVersion: 'SPDX-2.3' } }),
];

/** As most tests have them, but built in an environment that has packages. */
function factsWithPackages(): RebuildFacts {
  const { record, plan: bare } = sampleFacts();
  const { lock } = attestedPlan();
  const plan = { ...(bare as RebuildPlan), lock };
  return { plan, record: { ...record, planDigest: planDigest(plan) } };
}

const LIMITS = { wallSeconds: 60, outputBytes: 1_000_000 };

let folder = '';
let cosign: readonly string[] = [];

/** cosign on a statement that lies in the folder, without any network. */
async function verify(
  argv: readonly string[],
  at: string = FILE.name,
): Promise<{ readonly status: number; readonly text: string }> {
  const words = [...cosign, 'verify-blob-attestation', ...argv, at];
  const { status, stderr } = await runProgram(words as [string, ...string[]], {
    limits: LIMITS,
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder },
  });
  return { status, text: stderr.trim() };
}

const ACCEPTED = { status: 0, text: 'Verified OK' };
const withLog = ['--trusted-root', 'trusted-root.json'];
const byKey = ['--key', 'statement.pub'];
const bundle = (word: string) => ['--bundle', `${FILE.name}.${word}.sigstore.json`];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-cosign-'));
  cosign = [...(await withoutNetwork()), await cosignProgram()];
  const ours = sampleRebuilder();
  const facts = factsWithPackages();
  const sboms = (await sbomStatements(facts, async () => undefined)).statements.map(({ statement }) => statement);
  const statements = [...statementsOf(sampleFacts()), sampleSummary(), ...sboms, ...fileSboms()];
  const attested = await attest(ours, statements, { witnesses: 1 });
  const artifacts = [{ sha256: sha256Of(FILE_BYTES), bytes: FILE_BYTES }];
  const pack = await readPack([await packBytes(ours, attested, artifacts)]);
  await mkdir(join(folder, 'rebuilt'));
  for (const { name, bytes } of layOut(pack).files) await writeFile(join(folder, name), bytes);
  await writeFile(join(folder, FILE.name), FILE_BYTES);
  await writeFile(join(folder, 'other.deb'), 'other bytes');
  const other = otherRebuilder(ours.logKey.name);
  const years = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'] as const;
  const lives = [
    { key: ours.logKey, start: years[0], end: years[1] },
    { key: other.logKey, start: years[1] },
  ];
  await writeFile(join(folder, 'rotated-root.json'), canonicalJson(trustedRoot(lives)));
  await writeFile(join(folder, 'other.pub'), publicKeyText(other.signer));
  await writeFile(join(folder, 'other-root.json'), trustedRootText(other));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('cosign, as Debian packages it, without a network', () => {
  it.each([
    ['comparison', COMPARISON_TYPE],
    ['provenance', PROVENANCE_TYPE],
  ])('verifies a %s and that it is in the log, with nothing switched off', async (word, type) => {
    expect(await verify([...bundle(word), ...byKey, ...withLog, '--type', type])).toEqual(ACCEPTED);
  });

  it.each([
    ['comparison', COMPARISON_TYPE],
    ['provenance', PROVENANCE_TYPE],
    ['summary', SUMMARY_TYPE],
  ])('verifies a %s by its key alone', async (word, type) => {
    const { status, text } = await verify([...bundle(word), ...byKey, '--insecure-ignore-tlog=true', '--type', type]);
    expect([status, text.split('\n').at(-1)]).toEqual([0, 'Verified OK']);
  });

  it.each([
    [FILE.name, 'cdx', 'cyclonedx'],
    [FILE.name, 'spdx', 'spdxjson'],
    ['environment', 'cdx', 'cyclonedx'],
    ['environment', 'spdx', 'spdxjson'],
  ])('verifies the SBOM %s.%s as %s, and refuses it about another file', async (name, word, type) => {
    const argv = ['--bundle', `${name}.${word}.sigstore.json`, ...byKey, ...withLog, '--type', type];
    expect(await verify(argv)).toEqual(ACCEPTED);
    expect((await verify(argv, 'other.deb')).status).not.toBe(0);
  });

  it('verifies what a real rebuild left, by digests alone', async () => {
    const { bundles } = await attest(sampleRebuilder(), statementsOf(realFacts()));
    for (const bundle of bundles) {
      const { subject, predicateType } = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString());
      await writeFile(join(folder, 'real.json'), bundleBytes(bundle));
      const digest = ['--digestAlg', 'sha256', '--digest'];
      const argv = ['--bundle', 'real.json', ...byKey, ...withLog, '--type', predicateType, ...digest];
      expect(await verify(argv, subject[0].digest.sha256)).toEqual(ACCEPTED);
      expect((await verify(argv, 'f'.repeat(64))).status).not.toBe(0);
    }
    expect(bundles).toHaveLength(2);
  });

  it('verifies what was logged before the key of the log was replaced, by a trusted root of both keys', async () => {
    const rotated = ['--trusted-root', 'rotated-root.json', '--type', COMPARISON_TYPE];
    expect(await verify([...bundle('comparison'), ...byKey, ...rotated])).toEqual(ACCEPTED);
  });

  it('verifies by the digest alone, as for files that are too large for it', async () => {
    const { status } = await verify(
      [...bundle('comparison'), ...byKey, ...withLog, '--type', COMPARISON_TYPE, '--digestAlg', 'sha256', '--digest'],
      FILE.sha256,
    );
    expect(status).toBe(0);
  });

  it('accepts every command that is written beside evidence, as it is written there', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
      block.split('\n').filter((line) => line !== ''),
    );
    expect(commands.filter((line) => line.startsWith('cosign ')).length).toBe(7);
    expect(commands.filter((line) => line.startsWith('openssl ')).length).toBe(8);
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await symlink(cosign.at(-1) ?? '', join(bin, 'cosign'));
    const argv = [...cosign.slice(0, -1), 'sh', '-euc', commands.join('\n')];
    const { status, stderr } = await runProgram(argv as [string, ...string[]], {
      limits: LIMITS,
      cwd: folder,
      env: { PATH: `${bin}:${process.env.PATH}`, HOME: folder },
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  /** Each leaves the rest as it is; what cosign says of it has to be about that. */
  const refusals: readonly (readonly [string, RegExp, (changed: Changed) => void])[] = [
    [
      'another file',
      /digest/,
      (changed) => {
        changed.file = 'other.deb';
      },
    ],
    [
      'another key',
      /log inclusion/,
      (changed) => {
        changed.key = 'other.pub';
      },
    ],
    [
      'another type',
      /predicate type/,
      (changed) => {
        changed.type = PROVENANCE_TYPE;
      },
    ],
    [
      'a log with another key',
      /log inclusion/,
      (changed) => {
        changed.root = 'other-root.json';
      },
    ],
    [
      'another payload',
      /log inclusion/,
      ({ bundle: { dsseEnvelope } }) => {
        const text = Buffer.from(dsseEnvelope.payload, 'base64').toString().replace('"identical"', '"differs"');
        dsseEnvelope.payload = Buffer.from(text).toString('base64');
      },
    ],
    [
      'a bundle without an entry',
      /log inclusion/,
      ({ bundle: { verificationMaterial } }) => void verificationMaterial.tlogEntries.pop(),
    ],
    [
      'another place',
      /inclusion/,
      ({ entry }) => {
        entry.inclusionProof.logIndex = entry.logIndex = '3';
      },
    ],
    [
      'another hash',
      /inclusion/,
      ({ entry }) => {
        entry.inclusionProof.hashes[0] = Buffer.alloc(32).toString('base64');
      },
    ],
    [
      'a checkpoint of another size',
      /checkpoint/,
      ({ entry: { inclusionProof } }) => {
        inclusionProof.checkpoint.envelope = inclusionProof.checkpoint.envelope.replace(/\n12\n/, '\n13\n');
      },
    ],
  ];

  it.each(refusals)('refuses %s', async (_what, why, change) => {
    const read = JSON.parse(await readFile(join(folder, `${FILE.name}.comparison.sigstore.json`), 'utf8'));
    const changed: Changed = {
      bundle: read,
      entry: read.verificationMaterial.tlogEntries[0],
      key: 'statement.pub',
      root: 'trusted-root.json',
      type: COMPARISON_TYPE,
      file: FILE.name,
    };
    change(changed);
    await writeFile(join(folder, 'changed.json'), JSON.stringify(changed.bundle));
    const argv = ['--bundle', 'changed.json', '--key', changed.key, '--trusted-root', changed.root];
    const { status, text } = await verify([...argv, '--type', changed.type], changed.file);
    expect(text).toMatch(why);
    expect(status).not.toBe(0);
  });
});

type Mutable<T> = { -readonly [K in keyof T]: Mutable<T[K]> };
type Changed = {
  readonly bundle: Mutable<Omit<Bundle, 'verificationMaterial'>> & {
    readonly verificationMaterial: { readonly tlogEntries: unknown[] };
  };
  readonly entry: { logIndex: string } & Mutable<Pick<BundleLogEntry, 'inclusionProof'>> & {
      readonly inclusionProof: { hashes: string[] };
    };
  key: string;
  root: string;
  type: string;
  file: string;
};
