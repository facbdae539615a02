import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../model/index.ts';
import { preparingResults } from '../../../rebuilder/server/index.ts';
import { openPieces } from '../../../rebuilder/server/pieces/index.ts';
import type { ResultEntry } from '../../../rebuilder/store/results/types.ts';
import { smallTree } from '../../helpers/rebuild-rows.ts';
import { serviceRows } from '../../helpers/service-data.ts';
import { openServiceLab, type ServiceLab } from '../../helpers/service-lab.ts';

async function recordWith(lab: ServiceLab, record: string) {
  const pieces = await openPieces(path.join(lab.folder, 'prepared'), lab.blobs);
  const logged: string[] = [];
  const results = preparingResults(lab.store.results, pieces, ({ message }) => void logged.push(message));
  const input = await serviceRows(lab.database).input({});
  await lab.store.jobs.ask({ buildInputId: input }, { kind: 'manual' });
  const capabilities = { architectures: ['*'] };
  const worker = await lab.store.access.registerWorker({
    name: 'w',
    key: 'k'.repeat(43),
    kind: 'reproof',
    capabilities,
  });
  const leased = await lab.store.jobs.claim({ id: worker.id, capabilities }, 60);
  const { sha256 } = await lab.blobs.put('record', [Buffer.from(record)] as never, 1e9);
  const entry: ResultEntry = {
    origin: 'ours',
    startedAt: '2026-01-01T00:00:00.000Z',
    builtAt: '2026-01-01T00:00:00.000Z',
    status: 'BAD',
    verdict: 'unreproducible',
    decides: true,
    record: sha256,
    artifacts: [],
  };
  const recorded = await results.record({ jobId: leased?.job.id ?? 0, lease: leased?.lease ?? 0 }, entry, {
    baseHours: 1,
    limits: {},
  });
  return { recorded, logged, sha256, pieces, prepared: path.join(lab.folder, 'prepared', sha256.slice(0, 2)) };
}

describe('a result that is recorded', () => {
  it('has what is large of it made ready before somebody looks', async () => {
    const lab = await openServiceLab();
    const diff = `${'+a line of a large difference\n'.repeat(30_000)}`;
    const differences = [{ ...smallTree, diff }];
    const { recorded, prepared, sha256, pieces } = await recordWith(lab, canonicalJson({ differences }));
    expect(recorded.kind).toBe('recorded');
    await expect.poll(() => readdir(prepared).catch(() => []), { timeout: 20_000 }).toEqual([`${sha256}.record`]);
    await pieces.close();
  });

  it('stands when that fails, which the log of the service says', async () => {
    const lab = await openServiceLab();
    const { recorded, logged, pieces } = await recordWith(lab, 'no record '.repeat(100_000));
    expect(recorded.kind).toBe('recorded');
    await expect.poll(() => logged, { timeout: 20_000 }).toEqual(['making a result ready to be read failed']);
    await pieces.close();
  });
});
