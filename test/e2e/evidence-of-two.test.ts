import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { openEnvelope, PAYLOAD_TYPE, type RebuildFacts, readPublicKeyText } from '../../attest/index.ts';
import { readBundle } from '../../attest/verify/index.ts';
import { planDigest, type RebuildPlan, type RebuildRecord, sha256Of } from '../../model/index.ts';
import { openBlobs, openStore } from '../../rebuilder/store/index.ts';
import { makeDeb } from '../helpers/debian-packages.ts';
import { storeRecorded } from '../helpers/evidence-lab.ts';
import { runCli, temporaryFolder } from '../helpers/run-cli.ts';
import { verifyLoggedBySigstore } from '../helpers/sigstore-log.ts';
import { policyBytes, realFacts } from '../helpers/verify-lab.ts';

const NAME = 'dns-root-data_2025080400~deb13u1_all.deb';
const AT = ['--at', '2026-12-01T00:00:00Z'];

/** What a real rebuild left, of a package with these bytes in the place of the real one's. */
function factsOf(bytes: Uint8Array, id: string): RebuildFacts {
  const { record, plan } = realFacts();
  const real = (plan as RebuildPlan).expected[0]?.sha256 ?? '';
  const about = <T>(value: T): T => {
    const file = JSON.stringify(value)
      .replaceAll(real, sha256Of(bytes))
      .replaceAll('"size":5948', `"size":${bytes.length}`);
    return JSON.parse(file) as T;
  };
  const ours = about(plan as RebuildPlan);
  return { plan: ours, record: { ...about(record), id, planDigest: planDigest(ours) } };
}

/** The same where the rebuilt file came out otherwise. */
function otherwise({ record, plan }: RebuildFacts): RebuildFacts {
  const [artifact] = record.artifacts;
  if (artifact?.kind !== 'identical') throw new Error('the real rebuild was reproducible');
  const rebuilt = { ...artifact.rebuilt, sha256: 'f'.repeat(64) };
  const changed: RebuildRecord = {
    ...record,
    artifacts: [{ kind: 'differs', name: artifact.name, published: artifact.published, rebuilt }],
    attempts: record.attempts.map((attempt) => ({
      ...attempt,
      artifacts: attempt.artifacts.map((file) => (file.name === rebuilt.name ? rebuilt : file)),
    })),
    verdict: { kind: 'unreproducible', reason: 'nondeterministic', detail: 'it differs' },
  };
  return { record: changed, ...(plan === undefined ? {} : { plan }) };
}

it('two operators rebuild, attest and pack; a stranger counts them and signs a summary; one who says otherwise is louder than none', async () => {
  const home = await temporaryFolder();
  const at = (...names: readonly string[]) => join(home, ...names);
  const control = { Package: 'dns-root-data', Version: '2025080400~deb13u1', Architecture: 'all' };
  await mkdir(at('deb'));
  const { bytes } = await makeDeb(at('deb'), control, { 'usr/share/dns/root.hints': Buffer.from('.') });
  await writeFile(at(NAME), bytes);
  const cli = async (...argv: readonly string[]) => runCli(home, argv);

  /** Records, attests, publishes and packs a rebuild; gives its pack. */
  const rebuild = async (operator: string, make: (facts: RebuildFacts) => RebuildFacts, pack: string) => {
    const blobs = await openBlobs(at(operator, 'blobs'));
    await blobs.put(NAME, Readable.from([bytes]), bytes.length);
    const store = await openStore(at(operator));
    const { record } = await storeRecorded(store, (id) => make(factsOf(bytes, id)));
    await store.close();
    expect(await cli('attest', record.id, '--data', operator)).toMatchObject({ status: 0, stderr: '' });
    expect(await cli('evidence', record.id, '--data', operator, '--output', pack)).toMatchObject({ status: 0 });
  };
  const same = (facts: RebuildFacts): RebuildFacts => facts;
  await rebuild('one', same, 'one.tar');
  await rebuild('two', same, 'two.tar');

  // What is in a pack: each statement, the SBOMs among them, right to sigstore by key and log.
  const operators: { name: string; operator: string; keys: { key: string }[]; log: { key: string } }[] = [];
  for (const name of ['one', 'two']) {
    expect(await cli('evidence', `${name}.tar`, '--extract', `${name}-out`)).toMatchObject({ status: 0 });
    const files = await readdir(at(`${name}-out`));
    const bundles = files.filter((file) => file.endsWith('.sigstore.json'));
    expect(bundles.sort()).toEqual(
      [
        ...['comparison', 'provenance', 'cdx', 'spdx'].map((word) => `${NAME}.${word}.sigstore.json`),
        ...['cdx', 'spdx'].map((word) => `environment.${word}.sigstore.json`),
      ].sort(),
    );
    const key = await readFile(at(`${name}-out`, 'statement.pub'), 'utf8');
    const root = JSON.parse(await readFile(at(`${name}-out`, 'trusted-root.json'), 'utf8'));
    for (const file of bundles) {
      const bundle = JSON.parse(await readFile(at(`${name}-out`, file), 'utf8'));
      expect(() => verifyLoggedBySigstore(bundle, readPublicKeyText(key), root), file).not.toThrow();
    }
    const log = (await readFile(at(name, 'log', 'log.vkey'), 'utf8')).trim();
    operators.push({ name, operator: `${name}.example`, keys: [{ key }], log: { key: log } });
  }
  await writeFile(at('policy.yaml'), policyBytes(operators, { name: 'both', agree: 2 }));

  const verify = async (packs: readonly string[], ...more: readonly string[]) => {
    const evidence = packs.flatMap((pack) => ['--evidence', pack]);
    const argv = ['verify', NAME, '--policy', 'policy.yaml', ...AT, ...evidence, '--json', ...more];
    const { status, stdout, stderr } = await cli(...argv);
    return { status, answer: stdout === '' ? stderr : JSON.parse(stdout) };
  };
  const summary = ['--write-vsa', 'sum', '--verifier', 'https://stranger.example/', '--data', 'stranger'];
  const both = await verify(['one.tar', 'two.tar'], ...summary);
  expect(both).toMatchObject({ status: 0, answer: { holds: true, agreeing: ['one.example', 'two.example'] } });

  // The summary, from its own bundle and its log's root.
  const key = readPublicKeyText((await cli('key', 'show', '--pem', 'statement', '--data', 'stranger')).stdout);
  const bundle = readBundle(await readFile(at('sum.sigstore.json')));
  const root = JSON.parse(await readFile(at('sum.trusted-root.json'), 'utf8'));
  expect(() => verifyLoggedBySigstore(bundle, key, root)).not.toThrow();
  const { payload } = openEnvelope(bundle.dsseEnvelope, PAYLOAD_TYPE, [key]);
  expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({
    subject: [{ name: NAME, digest: { sha256: sha256Of(bytes) } }],
    predicateType: 'https://slsa.dev/verification_summary/v1',
    predicate: {
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_UNEVALUATED', 'SLSA_BUILD_REPRODUCED'],
    },
  });
  const forged = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload: Buffer.from('{}').toString('base64') } };
  expect(() => verifyLoggedBySigstore(forged, key, root)).toThrow();

  const absent = await verify(['one.tar']);
  expect(absent).toMatchObject({ status: 1, answer: { failed: { code: 'POLICY_TOO_FEW' } } });
  await rebuild('two', otherwise, 'otherwise.tar');
  const disagreeing = await verify(['one.tar', 'otherwise.tar']);
  expect(disagreeing).toMatchObject({ status: 2, answer: { failed: { code: 'POLICY_DISAGREEMENT' } } });
  const contradicting = await verify(['one.tar', 'two.tar', 'otherwise.tar']);
  expect(contradicting.status).toBe(2);
  for (const operator of ['one', 'two', 'stranger'])
    expect(await cli('log', 'verify', '--data', operator)).toMatchObject({ status: 0 });
}, 120_000);
