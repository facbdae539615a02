import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { publicKeyText, readProvenance, WORKER_BUILDER_ID } from '../../../attest/index.ts';
import { readPack } from '../../../attest/pack/index.ts';
import { NO_EVIDENCE, readPolicy, verifyEvidence } from '../../../attest/verify/index.ts';
import { canonicalJson, lockDigest, planDigest, sha256Of } from '../../../model/index.ts';
import { attestResult, dataKeys, openDataEvidence } from '../../../rebuilder/evidence/index.ts';
import { evidenceRoutes, registerApi, statementRoutes } from '../../../rebuilder/server/index.ts';
import { keyIdOf } from '../../../rebuilder/signed-request/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { makeDeb } from '../../helpers/debian-packages.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { leaseTestified, TESTIFIED, type TestifiedJob } from '../../helpers/testified-job.ts';
import {
  attest,
  otherRebuilder,
  packBytes,
  policyBytes,
  policyRebuilder,
  statementsOf,
} from '../../helpers/verify-lab.ts';
import { serveWorkers } from '../../helpers/worker-lab.ts';

const now = (): Date => new Date();

/** A server with its evidence, and a worker that has a job. */
async function serving(asked: Parameters<typeof leaseTestified>[1] = {}) {
  const folder = await temporaryFolder();
  const evidence = openDataEvidence({ dataFolder: folder, now });
  onTestFinished(() => evidence.close());
  const keys = dataKeys({ dataFolder: folder, now });
  const groups = [registerApi, statementRoutes(evidence), evidenceRoutes({ dataFolder: folder, evidence, keys })];
  const lab = await serveWorkers({ folder, groups });
  const job = await leaseTestified(lab, asked);
  const failures: string[] = [];
  const context = { ...lab, evidence, version: '1.2.3', onMissing: (text: string) => failures.push(text) };
  const provenance = async () => {
    const kept = (await evidence.statements('result-1')).find(({ name }) => name.endsWith('.provenance'));
    return kept === undefined ? undefined : readProvenance(Buffer.from(kept.envelope.payload, 'base64'));
  };
  const names = async () => (await evidence.statements('result-1')).map(({ name }) => name);
  return { folder, lab, job, evidence, keys, context, failures, provenance, names };
}

/** What somebody else signed who rebuilt the same package on his own. */
async function otherOperator({ content, testimony }: TestifiedJob) {
  const { record } = attestedRebuild();
  const file = { name: TESTIFIED, ...content };
  const [attempt] = record.attempts;
  if (attempt === undefined) throw new Error('it was built');
  const facts = {
    plan: testimony.plan,
    record: {
      ...record,
      planDigest: planDigest(testimony.plan),
      attempts: [{ ...attempt, artifacts: [file] }],
      artifacts: [{ kind: 'identical' as const, name: TESTIFIED, published: file, rebuilt: file }],
    },
  };
  const rebuilder = otherRebuilder();
  return { rebuilder, pack: await packBytes(rebuilder, await attest(rebuilder, statementsOf(facts))) };
}

describe('a result whose worker said how it built', () => {
  it('has provenance that names the worker and what was looked at here, and SBOMs as its word', async () => {
    const { job, context, failures, provenance, names, evidence } = await serving();
    const { testimony, key, content, report } = job;
    await report(testimony);
    expect(await attestResult(1, context)).toBe(6);
    expect(failures).toEqual([]);
    expect(await names()).toEqual([
      'less_668-1_amd64.deb.comparison',
      'less_668-1_amd64.deb.cyclonedx',
      'less_668-1_amd64.deb.spdx',
      'less_668-1_amd64.environment.cyclonedx',
      'less_668-1_amd64.environment.spdx',
      'less_668-1_amd64.provenance',
    ]);
    const made = await provenance();
    expect(made?.subject).toEqual([{ name: TESTIFIED, digest: { sha256: content.sha256 } }]);
    const { plan } = testimony;
    expect(made?.predicate).toMatchObject({
      buildDefinition: {
        externalParameters: { target: plan.target, basis: 'recorded', settings: plan.settings },
        internalParameters: {
          worker: { key: keyIdOf(key), checked: ['published-files', 'rebuilt-files', 'target'] },
        },
      },
      runDetails: {
        builder: { id: WORKER_BUILDER_ID, version: { reproof: '0.1.0', docker: '27.5.1' } },
        metadata: { invocationId: 'urn:reproof:rebuild:result-1', startedOn: '2026-01-02T03:04:05.000Z' },
        byproducts: [],
      },
    });
    const digests = made?.predicate.buildDefinition.resolvedDependencies.map(({ digest }) => digest?.sha256);
    for (const layer of plan.lock.layers) for (const { sha256 } of layer.packages) expect(digests).toContain(sha256);
    expect(digests).toEqual(
      expect.arrayContaining([lockDigest(plan.lock), planDigest(plan), testimony.rootfs, plan.source.dsc.sha256]),
    );
    const told = (await evidence.statements('result-1')).filter(({ name }) => name.includes('.environment.'));
    for (const { envelope } of told)
      expect(Buffer.from(envelope.payload, 'base64').toString()).toContain(`worker ${keyIdOf(key)}`);
  });

  it('is signed alike however often it is', async () => {
    const { job, context, evidence } = await serving();
    await job.report(job.testimony);
    await attestResult(1, context);
    const first = await evidence.statements('result-1');
    await attestResult(1, context);
    expect(await evidence.statements('result-1')).toEqual(first);
  });

  it('counts as the word of one of two rebuilders that reproduced it, and without a testimony as no provenance', async () => {
    for (const [testified, independently] of [
      [true, true],
      [false, false],
    ] as const) {
      const { folder, lab, job, keys, context } = await serving();
      await job.report(job.testimony, testified ? {} : { testimony: undefined });
      await attestResult(1, context);
      const answer = await fetch(`${lab.url}/api/rebuilds/1/evidence`);
      const ours = await readPack([new Uint8Array(await answer.arrayBuffer())]);
      const other = await otherOperator(job);
      const policy = policyBytes(
        [
          {
            ...{ name: 'ours', operator: 'ours.example' },
            keys: [{ key: publicKeyText(await keys.signer('statement')) }],
            log: { key: (await readFile(join(folder, 'log', 'log.vkey'), 'utf8')).trim() },
          },
          policyRebuilder(other.rebuilder, 'other'),
        ],
        { agree: 2 },
      );
      const file = { name: TESTIFIED, sha256: job.content.sha256 };
      const packs = [
        { place: 'ours', pack: ours },
        { place: 'other', pack: await readPack([other.pack]) },
      ];
      const question = { file, policy: await readPolicy(policy), at: Date.now() };
      expect(verifyEvidence(question, { ...NO_EVIDENCE, packs })).toMatchObject({
        holds: true,
        agreeing: ['other.example', 'ours.example'],
        reproducedIndependently: independently,
      });
    }
  });

  it('has an SBOM of its environment about those files alone whose digests are listed here', async () => {
    const { job, context, evidence } = await serving({ unlisted: 'less-doc' });
    const bytes = Buffer.from('whatever the worker says was published');
    const content = { sha256: sha256Of(bytes), size: bytes.length };
    const name = 'less-doc_668-1_amd64.deb';
    await job.upload(bytes);
    const { plan } = job.testimony;
    const [file] = plan.expected;
    if (file === undefined) throw new Error('one file is published');
    const said = { ...job.testimony, plan: { ...plan, expected: [...plan.expected, { ...file, ...content, name }] } };
    const other = { name: 'less-doc', fileName: name, verdict: 'identical', published: content, rebuilt: content };
    const answer = await job.report(said, { artifacts: [...(job.result.artifacts as readonly object[]), other] });
    expect(answer.body).toEqual({ kind: 'recorded', id: 1 });
    await attestResult(1, context);
    const subjects = new Map((await evidence.statements('result-1')).map((kept) => [kept.name, kept.subject]));
    expect(subjects.has(`${name}.comparison`)).toBe(false);
    const listed = [{ name: TESTIFIED, sha256: job.content.sha256 }];
    expect(subjects.get('less_668-1_amd64.environment.spdx')).toEqual(listed);
    expect(subjects.get('less_668-1_amd64.provenance')).toEqual([{ name, sha256: content.sha256 }, ...listed]);
  });

  it('that differs has provenance and SBOMs of the rebuilt file, and none of what is not kept', async () => {
    const { lab, job, context, provenance, names } = await serving();
    const control = { Package: 'less', Version: '668-1', Architecture: 'amd64' };
    const { bytes } = await makeDeb(await temporaryFolder(), control, { 'usr/bin/less': Buffer.from('other') });
    const rebuilt = { sha256: sha256Of(bytes), size: bytes.length };
    await job.upload(bytes);
    const artifacts = [{ name: 'less', fileName: TESTIFIED, verdict: 'differs', published: job.content, rebuilt }];
    await job.report(job.testimony, { verdict: 'unreproducible', reason: 'different', artifacts });
    await attestResult(1, context);
    expect((await provenance())?.subject).toEqual([{ name: TESTIFIED, digest: { sha256: rebuilt.sha256 } }]);
    const sboms = (await names()).filter((name) => name.startsWith(TESTIFIED) && !name.endsWith('.comparison'));
    expect(sboms).toEqual([`${TESTIFIED}.rebuilt.cyclonedx`, `${TESTIFIED}.rebuilt.spdx`]);
    expect(await lab.store.results.artifacts(1)).toMatchObject([{ checkedHere: false }]);
  });

  it('does not say that the suite or the published files were looked at where they are not the ones listed', async () => {
    const { job, context, provenance } = await serving({ release: 'stable' });
    const { plan } = job.testimony;
    const [file] = plan.expected;
    if (file === undefined) throw new Error('one file is published');
    const expected = [...plan.expected, { ...file, name: 'less-doc_668-1_all.deb' }];
    expect((await job.report({ ...job.testimony, plan: { ...plan, expected } })).body).toMatchObject({ id: 1 });
    await attestResult(1, context);
    const checked = (await provenance())?.predicate.buildDefinition.internalParameters.worker?.checked;
    expect(checked).toEqual(['rebuilt-files']);
  });

  it('has no provenance where what it says is more than a reader takes', async () => {
    const { job, context, names, failures } = await serving();
    const { plan } = job.testimony;
    const settings = { ...plan.settings, buildProfiles: ['x'.repeat(1000)] };
    const verified = Array.from({ length: 1000 }, (_, number) => ({
      ...({ kind: 'index', archive: 'debian', suite: 'x'.repeat(999), path: `${number}` } as const),
      sha256: '1'.repeat(64),
    }));
    expect((await job.report({ ...job.testimony, verified, plan: { ...plan, settings } })).body).toMatchObject({
      kind: 'recorded',
    });
    await attestResult(1, context);
    expect(await names()).toEqual(['less_668-1_amd64.deb.comparison']);
    expect(failures).toEqual([expect.stringContaining('result-1 has no provenance')]);
  });

  it('gives by its address what it ran with against the .buildinfo, as the worker’s word', async () => {
    const { lab, job } = await serving();
    await job.report(job.testimony);
    const answer = await fetch(`${lab.url}/api/rebuilds/1/environment`);
    expect(await answer.json()).toEqual({
      changes: [
        { name: 'base-files', theirs: '13.8' },
        { name: 'gcc-14', theirs: '14.2.0-19' },
      ],
      same: 0,
      by: 'worker',
    });
    expect(canonicalJson(await (await fetch(`${lab.url}/api/rebuilds/1/testimony`)).json())).toBe(
      canonicalJson(job.testimony),
    );
  });

  it('has none of both without a testimony', async () => {
    const { lab, job } = await serving();
    await job.report(job.testimony, { testimony: undefined });
    for (const part of ['environment', 'testimony'])
      expect((await fetch(`${lab.url}/api/rebuilds/1/${part}`)).status).toBe(404);
  });
});
