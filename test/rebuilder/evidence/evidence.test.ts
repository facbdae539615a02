import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { comparisonStatements, provenanceStatement, statementBytes } from '../../../attest/index.ts';
import { type ProgressEvent, sha256Of, type Verdict } from '../../../model/index.ts';
import { attestPending, dataKeys, leaveEvidence, openDataEvidence } from '../../../rebuilder/evidence/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { type EvidenceLab, openEvidenceLab, storeRecorded } from '../../helpers/evidence-lab.ts';
import { verifyBySigstore } from '../../helpers/sigstore.ts';

const WORDS = [
  'reproducible',
  'unreproducible',
  'failed-to-build',
  'inconclusive',
] as const satisfies readonly Verdict['kind'][];
const now = (): Date => new Date();

const recorded = (lab: EvidenceLab, word: Verdict['kind']) =>
  storeRecorded(lab.store, (id) => attestedRebuild(word, id));

function leave(lab: EvidenceLab, { record }: Awaited<ReturnType<typeof recorded>>, told: ProgressEvent[] = []) {
  const { store, evidence } = lab;
  return leaveEvidence(record, { id: record.id, store, evidence, now, report: (event) => told.push(event) });
}

async function logged(data: string): Promise<number> {
  const checkpoint = await readFile(join(data, 'log/checkpoint'), 'utf8');
  return Number(checkpoint.split('\n')[1]);
}

describe('the evidence of a record', () => {
  it.each(WORDS)('that is %s is signed, logged and kept, and right to sigstore', async (word) => {
    const lab = await openEvidenceLab();
    const facts = await recorded(lab, word);
    const left = await leave(lab, facts);
    expect(left).toMatchObject({ kind: 'left' });
    const kept = await lab.evidence.statements(facts.record.id);
    const expected = [...comparisonStatements(facts), provenanceStatement(facts)].filter((one) => one !== undefined);
    expect(kept.map(({ sha256 }) => sha256)).toEqual(
      expect.arrayContaining(expected.map((one) => sha256Of(statementBytes(one)))),
    );
    expect(kept.filter(({ name }) => name.includes('.environment.'))).toHaveLength(2);
    expect(kept).toHaveLength(expected.length + 2);
    expect(await logged(lab.data)).toBe(kept.length);
    const key = await dataKeys({ dataFolder: lab.data, now }).signer('statement');
    for (const { bundle, keyid } of kept) {
      expect(keyid).toBe(key.keyid);
      verifyBySigstore({ ...bundle, verificationMaterial: { ...bundle?.verificationMaterial, tlogEntries: [] } }, key);
    }
    expect((await lab.store.stages(facts.record.id)).map(({ stage }) => stage).slice(-2)).toEqual([
      'attest',
      'publish',
    ]);
  });

  it('is files of their own for every statement, that only their owner reads', async () => {
    const lab = await openEvidenceLab();
    const { record } = await recorded(lab, 'reproducible');
    await leave(lab, { record });
    const folder = join(lab.data, 'statements', record.id);
    expect(await readdir(folder)).toEqual([
      'less-doc_668-1_all.deb.comparison.dsse.json',
      'less-doc_668-1_all.deb.comparison.sigstore.json',
      'less_668-1_amd64.deb.comparison.dsse.json',
      'less_668-1_amd64.deb.comparison.sigstore.json',
      'less_668-1_amd64.environment.cyclonedx.dsse.json',
      'less_668-1_amd64.environment.cyclonedx.sigstore.json',
      'less_668-1_amd64.environment.spdx.dsse.json',
      'less_668-1_amd64.environment.spdx.sigstore.json',
      'less_668-1_amd64.provenance.dsse.json',
      'less_668-1_amd64.provenance.sigstore.json',
    ]);
    expect(
      execFileSync('find', [
        lab.data,
        '-perm',
        '/077',
        '-not',
        '-path',
        '*/log*',
        '-not',
        '-path',
        lab.data,
      ]).toString(),
    ).toBe('');
  });

  it('is neither signed nor logged a second time', async () => {
    const lab = await openEvidenceLab();
    const facts = await recorded(lab, 'unreproducible');
    await leave(lab, facts);
    const before = await lab.evidence.statements(facts.record.id);
    await leave(lab, facts);
    await lab.evidence.attest(facts);
    await lab.evidence.publish(facts.record.id);
    expect(await lab.evidence.statements(facts.record.id)).toEqual(before);
    expect(await logged(lab.data)).toBe(before.length);
  });

  it('goes on where a crash left it: signed and not logged, logged and not written, written and not noted', async () => {
    const lab = await openEvidenceLab();
    const facts = await recorded(lab, 'reproducible');
    const { id } = facts.record;
    await lab.evidence.attest(facts);
    const signed = (await lab.evidence.statements(id)).map(({ envelope }) => envelope);
    await lab.evidence.publish(id);
    for (const name of await readdir(join(lab.data, 'statements', id)))
      if (name.endsWith('.sigstore.json')) await rm(join(lab.data, 'statements', id, name));
    expect(await leave(lab, facts)).toMatchObject({ kind: 'left' });
    const kept = await lab.evidence.statements(id);
    expect(kept.map(({ envelope }) => envelope)).toEqual(signed);
    expect(kept.every(({ bundle }) => bundle !== undefined)).toBe(true);
    expect(await logged(lab.data)).toBe(5);
  });

  it('is made again where its files are gone, of the same statements', async () => {
    const lab = await openEvidenceLab();
    const facts = await recorded(lab, 'reproducible');
    await leave(lab, facts);
    const digests = (await lab.evidence.statements(facts.record.id)).map(({ sha256 }) => sha256);
    await rm(join(lab.data, 'statements'), { recursive: true });
    await leave(lab, facts);
    expect((await lab.evidence.statements(facts.record.id)).map(({ sha256 }) => sha256)).toEqual(digests);
  });

  it('keeps what an older key signed when the key is replaced', async () => {
    const lab = await openEvidenceLab();
    const facts = await recorded(lab, 'reproducible');
    await lab.evidence.attest(facts);
    await dataKeys({ dataFolder: lab.data, now }).replace('statement');
    await leave(lab, facts);
    const [old] = await dataKeys({ dataFolder: lab.data, now }).history();
    expect((await lab.evidence.statements(facts.record.id)).every(({ keyid }) => keyid === old?.keyid)).toBe(true);
  });

  it('says of a record without a published file that nothing is stated, and comes to its end', async () => {
    const lab = await openEvidenceLab();
    const facts = await storeRecorded(lab.store, (id) => {
      const { planDigest: _, environment: __, ...record } = attestedRebuild('inconclusive', id).record;
      return { record };
    });
    const told: ProgressEvent[] = [];
    expect(await leave(lab, facts, told)).toMatchObject({ kind: 'left', attested: { statements: [] } });
    expect(told).toContainEqual({ kind: 'note', text: expect.stringContaining('nothing is stated of any') });
    expect(await lab.store.recordedWithout('publish', 10)).toEqual([]);
    expect(await lab.evidence.has(facts.record.id)).toBe(false);
  });

  it('that fails is told and tried again, and the record stays what it is', async () => {
    const lab = await openEvidenceLab();
    const facts = await recorded(lab, 'failed-to-build');
    await dataKeys({ dataFolder: lab.data, now }).signer('statement');
    await chmod(join(lab.data, 'keys/statement.pem'), 0o644);
    const told: ProgressEvent[] = [];
    expect(await leave(lab, facts, told)).toMatchObject({ kind: 'failed', error: { code: 'KEY_EXPOSED' } });
    expect(told).toContainEqual({ kind: 'note', text: expect.stringContaining(`reproof attest ${facts.record.id}`) });
    expect(await lab.store.record(facts.record.id)).toEqual(facts.record);
    await chmod(join(lab.data, 'keys/statement.pem'), 0o600);
    expect(await leave(lab, facts)).toMatchObject({ kind: 'left' });
  });

  it('that somebody changed on the disk is not shown', async () => {
    const lab = await openEvidenceLab();
    const facts = await recorded(lab, 'inconclusive');
    await leave(lab, facts);
    const file = join(lab.data, 'statements', facts.record.id, 'less_668-1_amd64.deb.comparison.dsse.json');
    const envelope = JSON.parse(await readFile(file, 'utf8')) as { payload: string };
    const payload = Buffer.from(envelope.payload, 'base64').toString().replace('inconclusive', 'reproducible');
    await writeFile(file, JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }));
    await expect(lab.evidence.statements(facts.record.id)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

describe('what has no evidence yet', () => {
  const rest = (lab: EvidenceLab, failures: string[] = []) => ({
    ...lab,
    now,
    signal: new AbortController().signal,
    onError: (id: string) => failures.push(id),
  });

  it('gets it, however many there are, and past those that cannot have any', async () => {
    const lab = await openEvidenceLab();
    const good = [await recorded(lab, 'reproducible')];
    const bad = await storeRecorded(lab.store, (id) => {
      const { record, plan } = attestedRebuild('reproducible', id);
      return { record, plan: { ...plan, notes: ['another plan'] } };
    });
    for (const word of WORDS) good.push(await recorded(lab, word));
    const failures: string[] = [];
    expect(await attestPending(rest(lab, failures))).toBe(good.length);
    expect(failures).toEqual([bad.record.id]);
    expect(await lab.store.recordedWithout('publish', 10)).toEqual([bad.record.id]);
  });

  it('is left alone where every one fails', async () => {
    const lab = await openEvidenceLab();
    for (let number = 0; number < 8; number++) await recorded(lab, 'reproducible');
    const broken = openDataEvidence({
      dataFolder: lab.data,
      now,
      keys: { given: { statement: { kind: 'text', pem: '', named: 'REPROOF_KEYS_STATEMENT_PEM' } } },
    });
    const failures: string[] = [];
    expect(await attestPending({ ...rest(lab, failures), evidence: broken })).toBe(0);
    expect(failures).toHaveLength(5);
  });
});
