/**
 * Servers and workers killed at random over a queue: whether every job is recorded exactly once.
 *
 *   node bench/crash-queue.ts [--database postgres://…] [--servers 2] [--workers 4] [--jobs 1000] [--kills 100]
 *                             [--stalls 10] [--lease SECONDS] [--build MILLISECONDS]
 *
 * Servers are the service itself, each on a port of its own; workers speak to them by HTTP, two to each. Without a
 * database a PostgreSQL server of its own is started from Debian's package; `--database sqlite` is a SQLite file in a
 * temporary folder, for one server. Ends with status 1 where anything was lost, doubled or abused.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crashService } from '../test/helpers/crash-service.ts';
import { startPostgres } from '../test/helpers/postgres-server.ts';

const { values } = parseArgs({
  options: {
    database: { type: 'string' },
    servers: { type: 'string', default: '2' },
    workers: { type: 'string', default: '4' },
    jobs: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '100' },
    stalls: { type: 'string', default: '10' },
    lease: { type: 'string', default: '3' },
    build: { type: 'string', default: '100' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'reproof-crash-'));
const server = values.database === undefined ? await startPostgres() : undefined;
const named = values.database === 'sqlite' ? join(folder, 'data') : values.database;
try {
  const report = await crashService({
    folder,
    database: named ?? (await server?.database()) ?? folder,
    servers: Number(values.servers),
    workers: Number(values.workers),
    jobs: Number(values.jobs),
    kills: Number(values.kills),
    stalls: Number(values.stalls),
    leaseSeconds: Number(values.lease),
    buildMilliseconds: Number(values.build),
  });
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  if (report.faults.length > 0) process.exitCode = 1;
} finally {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
}
