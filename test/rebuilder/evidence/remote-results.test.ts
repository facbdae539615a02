import { describe, expect, it, onTestFinished } from 'vitest';
import { type Bundle, readComparison } from '../../../attest/index.ts';
import { sha256Of } from '../../../model/index.ts';
import {
  attestPendingResults,
  attestResult,
  dataKeys,
  type EvidenceKeeper,
  openDataEvidence,
} from '../../../rebuilder/evidence/index.ts';
import { statementRoutes } from '../../../rebuilder/server/index.ts';
import type { LeasedJob } from '../../../rebuilder/store/jobs/types.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { fakeBytes, seedFakeInput } from '../../helpers/fake-executor.ts';
import { verifyBySigstore } from '../../helpers/sigstore.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { ask, registered, serveWorkers } from '../../helpers/worker-lab.ts';

const FILE = 'hello_2.10-3_amd64.deb';
const BYTES = fakeBytes(FILE);
const CONTENT = { sha256: sha256Of(BYTES), size: BYTES.length };
const OTHER = Buffer.from('other bytes');
const now = (): Date => new Date();

type Listed = {
  readonly statements: readonly { readonly name: string; readonly keyid: string; readonly logIndex?: number }[];
};

/** A server with its evidence, to which a remote worker reports one result. */
async function reporting(change: Record<string, unknown>, uploads: readonly Buffer[] = [BYTES]) {
  const folder = await temporaryFolder();
  const evidence: EvidenceKeeper = openDataEvidence({ dataFolder: folder, now });
  onTestFinished(() => evidence.close());
  const lab = await serveWorkers({ folder, groups: [statementRoutes(evidence)] });
  const { key } = await registered(lab.url);
  await lab.store.jobs.ask({ buildInputId: await seedFakeInput(lab.database) }, { kind: 'manual' });
  const { job, lease } = (await ask(lab.url, key, { path: '/api/worker/claim', body: { waitSeconds: 0 } })).body
    .job as LeasedJob;
  for (const bytes of uploads) {
    const path = `/api/worker/jobs/${job.id}/blobs/${sha256Of(bytes)}?lease=${lease}`;
    await ask(lab.url, key, { method: 'PUT', path, bytes });
  }
  const result = {
    startedAt: '2026-01-01T00:00:00.000Z',
    builtAt: '2026-01-01T00:10:00.000Z',
    verdict: 'reproducible',
    artifacts: [{ name: 'hello', fileName: FILE, verdict: 'identical', published: CONTENT, rebuilt: CONTENT }],
    ...change,
  };
  const answer = await ask(lab.url, key, { path: `/api/worker/jobs/${job.id}/result`, body: { lease, result } });
  expect(answer.body).toMatchObject({ kind: 'recorded', id: 1 });
  const get = async <T>(path: string): Promise<T> => (await (await fetch(`${lab.url}${path}`)).json()) as T;
  return { lab, folder, evidence, get, context: { ...lab, evidence, version: '1.2.3' } };
}

const differing = (verdict: object) => ({
  ...verdict,
  artifacts: [
    {
      name: 'hello',
      fileName: FILE,
      verdict: 'differs',
      published: CONTENT,
      rebuilt: { sha256: sha256Of(OTHER), size: OTHER.length },
    },
  ],
});

describe('a result of a worker on another machine', () => {
  it('whose bytes came here is stated as seen here, logged, and given as a bundle', async () => {
    const { folder, get, context } = await reporting({});
    expect(await attestResult(1, context)).toBe(1);
    const { statements } = await get<Listed>('/api/rebuilds/1/statements');
    const key = await dataKeys({ dataFolder: folder, now }).signer('statement');
    expect(statements).toMatchObject([{ name: `${FILE}.comparison`, keyid: key.keyid, logIndex: 0 }]);
    const bundle = await get<Bundle>(`/api/rebuilds/1/statements/${encodeURIComponent(`${FILE}.comparison`)}`);
    expect(bundle.verificationMaterial.tlogEntries).toHaveLength(1);
    verifyBySigstore({ ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [] } }, key);
    const { subject, predicate } = readComparison(Buffer.from(bundle.dsseEnvelope.payload, 'base64'));
    expect(subject).toEqual([{ name: FILE, digest: { sha256: CONTENT.sha256 } }]);
    expect(predicate).toMatchObject({
      observation: 'bytes-compared-here',
      rebuild: { id: 'result-1', startedOn: '2026-01-01T00:00:00.000Z' },
      verdict: { kind: 'reproducible' },
      artifact: { verdict: 'identical' },
      evidence: { logs: [], reports: [] },
    });
    const envelope = await get(`/api/rebuilds/1/statements/${encodeURIComponent(`${FILE}.comparison`)}?form=envelope`);
    expect(envelope).toEqual(bundle.dsseEnvelope);
  });

  it('that differs is stated all the same', async () => {
    const { evidence, context } = await reporting(differing({ verdict: 'unreproducible', reason: 'different' }), [
      OTHER,
    ]);
    expect(await attestResult(1, context)).toBe(1);
    const [kept] = await evidence.statements('result-1');
    const { predicate } = readComparison(Buffer.from(kept?.envelope.payload ?? '', 'base64'));
    expect(predicate).toMatchObject({ verdict: { kind: 'unreproducible' }, artifact: { verdict: 'differs' } });
  });

  const missing = [{ name: 'hello', fileName: FILE, verdict: 'missing', published: CONTENT }];
  it.each([
    ['failed, for only the worker saw that', { verdict: 'failed-to-build', artifacts: missing }, []],
    [
      'lacks a file, for only the worker saw that',
      { verdict: 'unreproducible', reason: 'different', artifacts: missing },
      [],
    ],
    ['has a reason that is none of ours', differing({ verdict: 'unreproducible', reason: 'because' }), [OTHER]],
  ])('is not signed where it %s', async (_, change, uploads) => {
    const { get, context, evidence } = await reporting(change, uploads);
    expect(await attestResult(1, context)).toBe(0);
    expect(await get('/api/rebuilds/1/statements')).toEqual({ statements: [] });
    expect(await evidence.has('result-1')).toBe(false);
  });

  it('does not pass off the statements of another rebuild as its own', async () => {
    const { evidence, get, context } = await reporting({ rebuildId: '7q2mk4zr5xwa' });
    await evidence.attest(attestedRebuild('reproducible', '7q2mk4zr5xwa'));
    expect(await get('/api/rebuilds/1/statements')).toEqual({ statements: [] });
    await attestResult(1, context);
    expect((await get<Listed>('/api/rebuilds/1/statements')).statements.map(({ name }) => name)).toEqual([
      `${FILE}.comparison`,
    ]);
  });

  it('that was not signed when it came is signed by the next look, once', async () => {
    const { context, evidence } = await reporting({});
    const failures: string[] = [];
    const look = { signal: new AbortController().signal, onError: (id: string) => failures.push(id) };
    await attestPendingResults(context, look);
    const before = await evidence.statements('result-1');
    await attestPendingResults(context, look);
    expect(await evidence.statements('result-1')).toEqual(before);
    expect([before.length, failures]).toEqual([1, []]);
  });

  it('of a rebuilderd worker is never stated as ours', async () => {
    const { lab, context, get } = await reporting({});
    const worker = await lab.store.access.registerWorker({
      name: 'foreign',
      key: 'rebuilderd:1',
      kind: 'rebuilderd',
      capabilities: { architectures: ['amd64'] },
    });
    const [first] = await lab.store.results.artifacts(1);
    const { id: _, resultId: __, ...artifact } = first as NonNullable<typeof first>;
    const at = '2026-01-01T00:00:00.000Z';
    const id = await lab.store.results.importResult(1, {
      ...{ origin: 'rebuilderd', workerId: worker.id, startedAt: at, builtAt: at },
      ...{ status: 'GOOD', verdict: 'reproducible', decides: true, artifacts: [artifact] },
    });
    expect(await attestResult(id, context)).toBe(0);
    expect(await get(`/api/rebuilds/${id}/statements`)).toEqual({ statements: [] });
  });

  it('is told from one of this process, which has the statements of its record', async () => {
    const { lab, context, evidence, get } = await reporting({});
    const worker = await lab.store.access.registerWorker({
      ...{ name: 'local here', key: 'local:1', kind: 'local', capabilities: { architectures: ['amd64'] } },
    });
    const at = '2026-01-01T00:00:00.000Z';
    const id = await lab.store.results.importResult(1, {
      ...{ origin: 'ours', workerId: worker.id, rebuildId: '7q2mk4zr5xwa', startedAt: at, builtAt: at },
      ...{ status: 'GOOD', verdict: 'reproducible', decides: true, artifacts: [] },
    });
    await evidence.attest(attestedRebuild('reproducible', '7q2mk4zr5xwa'));
    expect(await attestResult(id, context)).toBe(0);
    const { statements } = await get<Listed>(`/api/rebuilds/${id}/statements`);
    expect(statements.map(({ name }) => name)).toContain('less_668-1_amd64.provenance');
    expect((await fetch(`${lab.url}/api/rebuilds/${id}/statements/less_668-1_amd64.provenance`)).status).toBe(404);
    expect(
      (await fetch(`${lab.url}/api/rebuilds/${id}/statements/less_668-1_amd64.provenance?form=envelope`)).status,
    ).toBe(200);
  });

  it('has no statement of a name that it has not, and there is none of a result that is not there', async () => {
    const { lab } = await reporting({});
    for (const path of ['1/statements/x', '1/statements/..%2Fx', '7/statements', '7/statements/x'])
      expect((await fetch(`${lab.url}/api/rebuilds/${path}`)).status).toBe(404);
  });
});
