import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publicKeyText, readComparison, statementBytes, summaryStatement } from '../../../attest/index.ts';
import { writeVerifierKey } from '../../../attest/tlog/index.ts';
import { type Answer, NO_EVIDENCE, readPolicy, verifyEvidence } from '../../../attest/verify/index.ts';
import type { RebuildRecord } from '../../../model/index.ts';
import { verifyLoggedBySigstore } from '../../helpers/sigstore-log.ts';
import {
  AT,
  attest,
  bundleBytes,
  FILE,
  type LabRebuilder,
  otherRebuilder,
  policyBytes,
  policyRebuilder,
  realFacts,
  sampleFacts,
  sampleRebuilder,
  statementsOf,
  trustedRootText,
} from '../../helpers/verify-lab.ts';
import { edit, envelopesBy, lab, linkBy, OSS_PAYLOAD_TYPE, ossStatements } from './tamperings/scenario.ts';

const sized = { name: FILE.name, size: 1 };
const other = { ...sized, sha256: '9'.repeat(64) };
const published = { ...sized, sha256: FILE.sha256 };
const differs = { kind: 'differs', name: FILE.name, published, rebuilt: other } as const;
const UNREPRODUCIBLE: Partial<RebuildRecord> = {
  artifacts: [differs],
  verdict: { kind: 'unreproducible', reason: 'nondeterministic', detail: 'It varies.' },
};
const DRIFT: Partial<RebuildRecord> = {
  artifacts: [differs],
  verdict: { kind: 'inconclusive', reason: 'environment drift', detail: 'Not the environment.' },
};
const FAILED: Partial<RebuildRecord> = {
  artifacts: [],
  verdict: { kind: 'failed-to-build', detail: 'It ended with 2.' },
};

type Says = readonly [LabRebuilder, ...Partial<RebuildRecord>[]];

/** The answer of a policy about what rebuilders say, each of one or more records. */
async function ask(policy: Uint8Array, ...says: readonly Says[]): Promise<Answer> {
  const bundles = await Promise.all(
    says.map(
      async ([rebuilder, ...records]) =>
        (
          await attest(
            rebuilder,
            records.flatMap((record) => statementsOf(sampleFacts(record))),
          )
        ).bundles,
    ),
  );
  const pieces = bundles.flat().map((bundle, index) => ({ place: `${index}`, bytes: bundleBytes(bundle) }));
  return verifyEvidence({ file: FILE, policy: await readPolicy(policy), at: AT }, { ...NO_EVIDENCE, bundles: pieces });
}

const one = sampleRebuilder('log.one.example');
const two = otherRebuilder('log.two.example');
const three = otherRebuilder('log.three.example');
const all = [policyRebuilder(one, 'one'), policyRebuilder(two, 'two'), policyRebuilder(three, 'three')];

describe('M of N', () => {
  it('holds as soon as M operators agree', async () => {
    const answer = await ask(policyBytes(all, { agree: 2 }), [one, {}], [three, {}]);
    expect(answer).toMatchObject({
      holds: true,
      agreeing: ['one.example', 'three.example'],
      reproducedIndependently: true,
    });
  });

  it('does not hold with one less, and says who agrees', async () => {
    const answer = await ask(policyBytes(all, { agree: 2 }), [two, {}]);
    expect(answer).toMatchObject({ holds: false, failed: { code: 'POLICY_TOO_FEW' }, agreeing: ['two.example'] });
    expect(answer.sentence).toBe(`Not enough: 1 of 3 operators agree about ${FILE.name}, and the policy asks for 2.`);
  });

  it('counts two rebuilders of one operator once', async () => {
    const sisters = [all[0] ?? {}, { ...all[1], operator: 'one.example' }, all[2] ?? {}];
    const answer = await ask(policyBytes(sisters, { agree: 2 }), [one, {}], [two, {}]);
    expect(answer).toMatchObject({ failed: { code: 'POLICY_TOO_FEW' }, agreeing: ['one.example'] });
    expect(answer.voices).toHaveLength(2);
  });

  it('is not reproduced independently by one operator alone, whatever the policy asks for', async () => {
    const answer = await ask(policyBytes(all), [one, {}]);
    expect(answer).toMatchObject({ holds: true, reproducedIndependently: false });
  });

  it('holds by the same answer however often a statement is given', async () => {
    const bundle = (await attest(one, statementsOf(sampleFacts()))).bundles[0];
    const piece = (place: string) => ({ place, bytes: bundleBytes(bundle ?? ({} as never)) });
    const question = { file: FILE, policy: await readPolicy(policyBytes(all)), at: AT };
    const answer = verifyEvidence(question, { ...NO_EVIDENCE, bundles: [piece('a'), piece('b')] });
    expect(answer.voices.map(({ place }) => place)).toEqual(['a']);
  });
});

describe('what speaks against a file', () => {
  it('is louder than that enough agree', async () => {
    const answer = await ask(policyBytes(all, { agree: 2 }), [one, {}], [two, {}], [three, UNREPRODUCIBLE]);
    expect(answer.failed).toEqual({ rule: 'nobody disagrees', code: 'POLICY_DISAGREEMENT' });
    expect(answer.sentence).toBe(
      `DISAGREEMENT: three.example says that ${FILE.name} is not what its source gives, and one.example and two.example that it is.`,
    );
  });

  it('is told beside the answer where the policy only wants to hear of it', async () => {
    const policy = policyBytes(all, { agree: 2, disagreement: 'report' });
    const answer = await ask(policy, [one, {}], [two, {}], [three, UNREPRODUCIBLE]);
    expect(answer.holds).toBe(true);
    expect(answer.sentence).toContain('BUT three.example signed otherwise');
  });

  it('of one operator about itself is a contradiction, and that operator does not count', async () => {
    const refused = await ask(policyBytes(all), [one, {}, { ...UNREPRODUCIBLE, id: 'abcdefghij25' }]);
    expect(refused.failed).toEqual({ rule: 'nobody contradicts', code: 'POLICY_CONTRADICTION' });
    const reported = await ask(policyBytes(all, { disagreement: 'report' }), [
      one,
      {},
      { ...UNREPRODUCIBLE, id: 'abcdefghij25' },
    ]);
    expect(reported).toMatchObject({ holds: false, agreeing: [], failed: { code: 'POLICY_TOO_FEW' } });
  });

  it('of one rebuild in two words is a contradiction, even if one of them says nothing', async () => {
    const answer = await ask(policyBytes(all), [one, {}, DRIFT]);
    expect(answer.failed?.code).toBe('POLICY_CONTRADICTION');
  });

  it('is a failed build only where the policy says so', async () => {
    const silent = await ask(policyBytes(all), [one, {}], [two, FAILED]);
    expect(silent).toMatchObject({
      holds: true,
      voices: [{ word: 'reproducible' }, { word: 'failed-to-build', says: 'nothing' }],
    });
    const counted = await ask(policyBytes(all, { against: ['failed-to-build'] }), [one, {}], [two, FAILED]);
    expect(counted.failed?.code).toBe('POLICY_DISAGREEMENT');
  });

  it('is never what says nothing', async () => {
    const answer = await ask(policyBytes(all), [one, {}], [two, DRIFT]);
    expect(answer).toMatchObject({ holds: true, agreeing: ['one.example'] });
  });

  it('by a key that was not valid then is nothing', async () => {
    const rebuilders = [
      all[0] ?? {},
      { ...all[1], keys: [{ key: publicKeyText(two.signer), until: '2026-01-01T00:00:00Z' }] },
    ];
    const answer = await ask(policyBytes(rebuilders), [one, {}], [two, UNREPRODUCIBLE]);
    expect(answer).toMatchObject({ holds: true, voices: [{}, { discounted: { code: 'POLICY_KEY_NOT_VALID' } }] });
  });
});

describe('a rotated key', () => {
  it('counts for what it signed while it was valid, beside the one that came after', async () => {
    const after = otherRebuilder('log.one.example');
    const keys = [
      { key: publicKeyText(one.signer), until: '2026-01-02T12:00:00Z' },
      { key: publicKeyText(after.signer), from: '2026-01-02T12:00:00Z' },
    ];
    const policy = policyBytes([{ ...all[0], keys }]);
    const answer = await ask(policy, [one, {}]);
    expect(answer).toMatchObject({ holds: true, voices: [{ keyid: one.signer.keyid }] });
    const early = await ask(policy, [{ ...after, logSigner: one.logSigner, logKey: one.logKey }, {}]);
    expect(early.failed?.code).toBe('POLICY_KEY_NOT_VALID');
  });
});

describe('one file of several', () => {
  it('is judged by its own bytes and not by the word about the whole rebuild', async () => {
    const doc = { ...sized, name: 'less-doc_668-1_all.deb' };
    const answer = await ask(policyBytes(all), [
      one,
      {
        artifacts: [
          { kind: 'identical', name: FILE.name, published, rebuilt: published },
          { ...differs, name: doc.name, published: { ...doc, sha256: 'a'.repeat(64) } },
        ],
        verdict: { kind: 'unreproducible', reason: 'different', detail: 'less-doc differs.' },
      },
    ]);
    expect(answer).toMatchObject({ holds: true, voices: [{ word: 'reproducible' }] });
  });
});

describe('others', () => {
  it('count by their own kind of statements', async () => {
    const { rebuilderd, oss } = lab;
    const policy = await readPolicy(
      policyBytes(
        [
          { name: 'debian', operator: 'debian', kind: 'rebuilderd', keys: [{ key: publicKeyText(rebuilderd) }] },
          { name: 'oss', operator: 'google', kind: 'oss-rebuild', keys: [{ key: publicKeyText(oss) }] },
        ],
        { agree: 2, verdicts: ['reproducible', 'equivalent'] },
      ),
    );
    const answer = async (rebuilt: string, materials?: Record<string, unknown>) => {
      const lines = await envelopesBy(oss, OSS_PAYLOAD_TYPE, ossStatements(FILE.sha256, rebuilt));
      const link = await linkBy(rebuilderd, FILE.sha256, materials);
      return verifyEvidence(
        { file: FILE, policy, at: AT },
        {
          ...NO_EVIDENCE,
          links: [{ place: 'link', bytes: Buffer.from(JSON.stringify(link)) }],
          ossRebuild: [{ place: 'oss', bytes: Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')) }],
        },
      );
    };
    expect(await answer(FILE.sha256)).toMatchObject({ holds: true, reproducedIndependently: true });
    const equivalent = await answer('d'.repeat(64));
    expect(equivalent).toMatchObject({ holds: true, reproducedIndependently: false });
    expect(equivalent.voices.map(({ word }) => word)).toEqual(['reproducible', 'equivalent']);
    expect(await answer(FILE.sha256, {})).toMatchObject({ holds: true, reproducedIndependently: false });
  });
});

describe('a summary', () => {
  it('says that a file was reproduced only where independent operators agree', async () => {
    const facts = { verifier: 'https://verifier.example/', reproof: '0.1.0', inputs: ['b'.repeat(64), 'a'.repeat(64)] };
    const levels = (answer: Answer) => summaryStatement({ ...answer, ...facts }).predicate;
    expect(levels(await ask(policyBytes(all, { agree: 2 }), [one, {}], [two, {}]))).toMatchObject({
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_UNEVALUATED', 'SLSA_BUILD_REPRODUCED'],
      inputAttestations: [{ digest: { sha256: 'a'.repeat(64) } }, { digest: { sha256: 'b'.repeat(64) } }],
    });
    expect(levels(await ask(policyBytes(all), [one, {}])).verifiedLevels).toEqual(['SLSA_BUILD_LEVEL_UNEVALUATED']);
    expect(levels(await ask(policyBytes(all, { agree: 2 }), [one, {}]))).toMatchObject({
      verificationResult: 'FAILED',
      verifiedLevels: ['FAILED'],
    });
  });
});

describe('evidence of a real rebuild', () => {
  const facts = realFacts();
  const [comparison] = statementsOf(facts);
  const file = { name: comparison?.subject[0]?.name ?? '', sha256: comparison?.subject[0]?.digest.sha256 ?? '' };

  it('is what the record says', () => {
    const { predicate } = readComparison(statementBytes(comparison ?? ({} as never)));
    expect([file.name, predicate.verdict.kind, predicate.artifact.verdict]).toEqual([
      'dns-root-data_2025080400~deb13u1_all.deb',
      'reproducible',
      'identical',
    ]);
  });

  it('holds here, and each bundle of it by the verifier of sigstore', async () => {
    const { bundles } = await attest(one, statementsOf(facts));
    const policy = await readPolicy(policyBytes([policyRebuilder(one, 'one', { maxAgeDays: 36_500 })]));
    const pieces = bundles.map((bundle) => ({ place: 'x', bytes: bundleBytes(bundle) }));
    const at = Date.parse('2027-01-01T00:00:00Z');
    expect(verifyEvidence({ file, policy, at }, { ...NO_EVIDENCE, bundles: pieces })).toMatchObject({ holds: true });
    const root = JSON.parse(trustedRootText(one));
    for (const bundle of bundles) verifyLoggedBySigstore(bundle, one.signer, root);
    const [broken] = structuredClone(bundles);
    edit(broken, 'verificationMaterial.tlogEntries.0.inclusionProof.hashes.0', () =>
      Buffer.alloc(32).toString('base64'),
    );
    expect(() => verifyLoggedBySigstore(broken, one.signer, root)).toThrow();
  });
});

describe('docs/verify.md', () => {
  it('has a policy that can be read', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/verify.md'), 'utf8');
    const text = /^```yaml\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
    const policy = await readPolicy(Buffer.from(text));
    expect([policy.agree, policy.operators, policy.rebuilders.map(({ kind }) => kind)]).toEqual([
      2,
      3,
      ['reproof', 'rebuilderd', 'oss-rebuild'],
    ]);
    expect(writeVerifierKey(policy.rebuilders[0]?.log?.key ?? policy.witnesses[0] ?? ({} as never))).toContain(
      'log.rebuilder.example',
    );
  });
});
