import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { crashService } from '../helpers/crash-service.ts';
import { postgresOfFile } from '../helpers/postgres.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const postgres = postgresOfFile();
const size = { workers: 4, jobs: 60, kills: 8, stalls: 1, leaseSeconds: 2, buildMilliseconds: 60 };

// The whole of it, 1,000 jobs and 100 kills, is bench/crash-queue.ts.
describe('every job is recorded exactly once, whichever servers and workers are killed', () => {
  it('with one server on SQLite', async () => {
    const folder = await temporaryFolder();
    const report = await crashService({ ...size, servers: 1, folder, database: path.join(folder, 'data') });
    expect(report.faults).toEqual([]);
    expect(report.killed.servers + report.killed.workers).toBe(size.kills);
    expect(report.leases).toMatchObject({ ended: size.jobs });
  }, 180_000);

  it('with two servers on PostgreSQL', async () => {
    const folder = await temporaryFolder();
    const report = await crashService({ ...size, servers: 2, folder, database: await postgres.database() });
    expect(report.faults).toEqual([]);
    expect(report.killed.servers + report.killed.workers).toBe(size.kills);
    expect(report.leases).toMatchObject({ ended: size.jobs });
  }, 180_000);
});
