import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { crashQueue } from '../../helpers/crash-queue.ts';
import { postgresOfFile } from '../../helpers/postgres.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const server = postgresOfFile();
const size = { workers: 3, jobs: 30, kills: 6, leaseSeconds: 2, buildMilliseconds: 60, pauseMilliseconds: 300 };

// The whole of it, 1,000 jobs and 100 kills, is bench/crash-queue.ts.
describe('every job is recorded exactly once, whatever is killed', () => {
  it('with one server on SQLite', async () => {
    const folder = await temporaryFolder();
    const report = await crashQueue({ ...size, servers: 1, place: folder, blobs: path.join(folder, 'blobs') });
    expect(report.faults).toEqual([]);
    expect(report.claims).toBeGreaterThanOrEqual(size.jobs);
  }, 180_000);

  it('with two servers on PostgreSQL', async () => {
    const blobs = path.join(await temporaryFolder(), 'blobs');
    const report = await crashQueue({ ...size, servers: 2, place: await server.database(), blobs });
    expect(report.faults).toEqual([]);
    expect(report.claims).toBeGreaterThanOrEqual(size.jobs);
  }, 180_000);
});
