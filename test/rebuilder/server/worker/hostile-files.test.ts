import { describe, expect, it } from 'vitest';
import { readLinkKey, writeLinkKey } from '../../../../attest/index.ts';
import { sha256Of } from '../../../../model/index.ts';
import { registerApi, registerRebuilderd } from '../../../../rebuilder/server/index.ts';
import type { LeasedJob } from '../../../../rebuilder/store/jobs/types.ts';
import { fakeBytes, seedFakeInput } from '../../../helpers/fake-executor.ts';
import { ask, registered, serveWorkers } from '../../../helpers/worker-lab.ts';

const FILE = 'hello_2.10-3_amd64.deb';
const PUBLISHED = fakeBytes(FILE);
const EVIL = Buffer.from('<!doctype html><script>alert(1)</script>\n\u001b]0;owned\u0007\u001b[2J\u202e{"a":1}\n');
const sized = (bytes: Buffer) => ({ sha256: sha256Of(bytes), size: bytes.length });

/** A server on which a worker has put the same hostile bytes as a log, a difference, a report and a record. */
async function withHostileFiles() {
  const retry = { baseHours: 24, limits: {} };
  const signer = readLinkKey(writeLinkKey(Buffer.alloc(32, 1)));
  const lab = await serveWorkers({ groups: [registerApi, registerRebuilderd({ signer, retry })] });
  const { key } = await registered(lab.url);
  const buildInputId = await seedFakeInput(lab.database);
  await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
  const claimed = await ask(lab.url, key, { path: '/api/worker/claim', body: { waitSeconds: 0 } });
  const { job, lease } = claimed.body.job as LeasedJob;
  const evil = sha256Of(EVIL);
  const path = `/api/worker/jobs/${job.id}/blobs/${evil}?lease=${lease}`;
  await ask(lab.url, key, { method: 'PUT', path, bytes: EVIL });
  const result = {
    startedAt: '2026-01-01T00:00:00.000Z',
    builtAt: '2026-01-01T00:00:00.000Z',
    verdict: 'unreproducible',
    log: { sha256: evil, bytes: EVIL.length, truncated: false },
    record: evil,
    artifacts: [
      {
        name: 'hello',
        fileName: FILE,
        verdict: 'differs',
        published: sized(PUBLISHED),
        rebuilt: sized(EVIL),
        difference: evil,
        report: evil,
      },
    ],
  };
  const reported = await ask(lab.url, key, { path: `/api/worker/jobs/${job.id}/result`, body: { lease, result } });
  const { id } = (await lab.store.results.resultOfJob(job.id)) ?? { id: 0 };
  const [artifact] = await lab.store.results.artifacts(id);
  return { lab, reported, paths: { id, artifact: artifact?.id ?? 0 } };
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

describe('what a worker uploads', () => {
  it('is nothing but text or JSON to a browser, wherever it is served', async () => {
    const { lab, reported, paths } = await withHostileFiles();
    expect(reported.body).toMatchObject({ kind: 'recorded' });
    const { id, artifact } = paths;
    for (const [path, type] of [
      [`/api/rebuilds/${id}/log`, TEXT],
      [`/api/rebuilds/${id}/record`, JSON_TYPE],
      [`/api/rebuilds/${id}/artifacts/${artifact}/report`, TEXT],
      [`/api/rebuilds/${id}/artifacts/${artifact}/difference`, JSON_TYPE],
      [`/api/v1/builds/${id}/log`, TEXT],
      [`/api/v1/builds/${id}/artifacts/${artifact}/diffoscope`, TEXT],
      [`/api/v0/builds/${id}/log`, TEXT],
      [`/api/v0/builds/${id}/diffoscope`, TEXT],
    ] as const) {
      const answer = await fetch(`${lab.url}${path}`, { headers: { accept: 'text/html' } });
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, type]);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      const bytes = Buffer.from(await answer.arrayBuffer());
      // Text is for terminals too; JSON is the very bytes, whose digest is known.
      if (type === TEXT) expect(bytes.toString()).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202e]/);
      else expect(bytes.equals(EVIL)).toBe(true);
    }
  });

  it('is given out by no address of its digest', async () => {
    const { lab } = await withHostileFiles();
    const answer = await fetch(`${lab.url}/api/artifacts/sha256:${sha256Of(EVIL)}`);
    expect(answer.headers.get('content-type')).toBe(JSON_TYPE);
    expect(await answer.text()).not.toContain('<script>');
  });
});
