import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openRebuilder } from '../../../rebuilder/open-rebuilder.ts';
import { rebuilderExecutor, startLocalWorker, type WorkerEvent } from '../../../rebuilder/queue/index.ts';
import { openBlobs } from '../../../rebuilder/store/index.ts';
import { createJobStore } from '../../../rebuilder/store/jobs/index.ts';
import { resultWriter } from '../../../rebuilder/store/results/writer.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { labOptions } from '../../helpers/engine-lab.ts';
import { type SeededInput, seedInput } from '../../helpers/seed-inputs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const TEN_MINUTES = 600_000;

/** Runs one input of the real archive through a local worker, to what was recorded of it. */
async function build(input: SeededInput) {
  const options = labOptions();
  const rebuilder = await openRebuilder(options);
  const database = await openSqlite(join(await temporaryFolder(), 'queue.sqlite3'));
  const blobs = await openBlobs(join(options.dataFolder, 'blobs'));
  const [jobs, results] = [createJobStore(database), resultWriter(database)];
  const buildInputId = await seedInput(database, { architecture: 'all', ...input });
  // As a client names files: by their addresses alone.
  await database.write('forgetting digests', (db) =>
    db.updateTable('binary_package').set({ sha256: null, size: null }).execute(),
  );
  await jobs.ask({ buildInputId }, { kind: 'new' });
  const events: WorkerEvent[] = [];
  let live = '';
  const worker = startLocalWorker({
    jobs,
    results,
    executor: rebuilderExecutor({
      rebuilder,
      blobs,
      now: () => new Date(),
      nocheck: false,
      control: true,
      checkedHere: true,
    }),
    worker: { id: 1, capabilities: { architectures: ['amd64', 'all'], distributions: ['debian'] } },
    builds: 1,
    retry: { baseHours: 24, limits: {} },
    leaseSeconds: 540,
    heartbeatSeconds: 60,
    pollSeconds: 60,
    pauseSeconds: 60,
    logs: {
      append: (_jobId, text) => {
        live += text;
      },
      end: () => {},
    },
    onEvent: (event) => events.push(event),
    now: () => new Date(),
  });
  onTestFinished(async () => {
    await worker.stop({ graceSeconds: 0, stopSeconds: 60 });
    await rebuilder.close();
    await database.close();
  });
  await vi.waitFor(() => expect(events.map(({ kind }) => kind)).toContain('recorded'), {
    timeout: TEN_MINUTES,
    interval: 100,
  });
  const recorded = events.find((event) => event.kind === 'recorded');
  const result = await results.resultOfJob(recorded?.leased.job.id ?? 0);
  const log = Buffer.concat(await Array.fromAsync(blobs.read(result?.log?.sha256 ?? '')));
  return {
    result,
    entry: recorded?.entry,
    waiting: (await jobs.jobs({}, {})).records,
    live,
    log: zstdDecompressSync(log).toString(),
  };
}

describe('a queued job of the real archive', () => {
  it(
    'is rebuilt by a local worker to a recorded verdict, and can be followed meanwhile',
    async () => {
      const { result, entry, waiting, live, log } = await build({
        source: 'dns-root-data',
        version: '2025080400~deb13u1',
      });
      // A later point release may have taken that version's place.
      if (result?.reason === 'source unavailable') return expect(result.detail).toContain('TARGET_UNKNOWN');
      expect(result).toMatchObject({ status: 'GOOD', verdict: 'reproducible', change: 'first', exitStatus: 0 });
      expect(entry?.artifacts).toMatchObject([
        { name: 'dns-root-data', verdict: 'identical', status: 'GOOD', checkedHere: true },
      ]);
      expect(waiting).toEqual([]);
      expect(log).toContain('dpkg-buildpackage');
      expect(live).toContain('dpkg-buildpackage');
    },
    TEN_MINUTES,
  );

  it(
    'that the archive has moved on from is our failure, and is tried again',
    async () => {
      const { result, waiting, log } = await build({ source: 'dns-root-data', version: '1.0-1' });
      expect(result).toMatchObject({ status: 'FAIL', reason: 'source unavailable', decides: false });
      expect(waiting).toMatchObject([{ kind: 'retry', source: 'dns-root-data' }]);
      expect(log).toContain('1.0-1');
    },
    TEN_MINUTES,
  );
});
