import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { publicKeyText } from '../../../attest/index.ts';
import { readPack } from '../../../attest/pack/index.ts';
import { NO_EVIDENCE, readPolicy, verifyEvidence } from '../../../attest/verify/index.ts';
import { sha256Of } from '../../../model/index.ts';
import { attestResult, dataKeys, openDataEvidence } from '../../../rebuilder/evidence/index.ts';
import { evidenceRoutes } from '../../../rebuilder/server/index.ts';
import type { LeasedJob } from '../../../rebuilder/store/jobs/types.ts';
import { fakeBytes, seedFakeInput } from '../../helpers/fake-executor.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { policyBytes } from '../../helpers/verify-lab.ts';
import { ask, registered, serveWorkers } from '../../helpers/worker-lab.ts';

const FILE = 'hello_2.10-3_amd64.deb';
const BYTES = fakeBytes(FILE);
const CONTENT = { sha256: sha256Of(BYTES), size: BYTES.length };
const now = (): Date => new Date();

it('a server gives the evidence of a rebuild as a pack that holds by a policy of its keys, and 404 for what is not stated', async () => {
  const folder = await temporaryFolder();
  const evidence = openDataEvidence({ dataFolder: folder, now });
  onTestFinished(() => evidence.close());
  const keys = dataKeys({ dataFolder: folder, now });
  const lab = await serveWorkers({ folder, groups: [evidenceRoutes({ dataFolder: folder, evidence, keys })] });
  const { key } = await registered(lab.url);
  await lab.store.jobs.ask({ buildInputId: await seedFakeInput(lab.database) }, { kind: 'manual' });
  const claim = await ask(lab.url, key, { path: '/api/worker/claim', body: { waitSeconds: 0 } });
  const { job, lease } = claim.body.job as LeasedJob;
  const path = `/api/worker/jobs/${job.id}/blobs/${CONTENT.sha256}?lease=${lease}`;
  await ask(lab.url, key, { method: 'PUT', path, bytes: BYTES });
  const result = {
    startedAt: '2026-01-01T00:00:00.000Z',
    builtAt: '2026-01-01T00:10:00.000Z',
    verdict: 'reproducible',
    artifacts: [{ name: 'hello', fileName: FILE, verdict: 'identical', published: CONTENT, rebuilt: CONTENT }],
  };
  await ask(lab.url, key, { path: `/api/worker/jobs/${job.id}/result`, body: { lease, result } });

  expect((await fetch(`${lab.url}/api/rebuilds/1/evidence`)).status).toBe(404);
  await attestResult(1, { ...lab, evidence, version: '1.2.3' });
  const answer = await fetch(`${lab.url}/api/rebuilds/1/evidence`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-tar']);
  const pack = await readPack([new Uint8Array(await answer.arrayBuffer())]);

  const ours = {
    name: 'ours',
    operator: 'ours',
    keys: [{ key: publicKeyText(await keys.signer('statement')) }],
    log: { key: (await readFile(join(folder, 'log', 'log.vkey'), 'utf8')).trim() },
  };
  const question = {
    file: { name: FILE, sha256: CONTENT.sha256 },
    policy: await readPolicy(policyBytes([ours])),
    at: Date.now(),
  };
  expect(verifyEvidence(question, { ...NO_EVIDENCE, packs: [{ place: 'served', pack }] })).toMatchObject({
    holds: true,
    voices: [{ word: 'reproducible', provenance: false, log: { index: 0 } }],
  });
  expect((await fetch(`${lab.url}/api/rebuilds/7/evidence`)).status).toBe(404);
});
