import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readProvenance } from '../../attest/index.ts';
import { attestResult, openDataEvidence } from '../../rebuilder/evidence/index.ts';
import { testimonyOf } from '../../rebuilder/testimonies.ts';
import { labOptions } from '../helpers/engine-lab.ts';
import { startCli } from '../helpers/run-cli.ts';
import { seedInput } from '../helpers/seed-inputs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { SIGNUP, serveWorkers, type WorkerLab } from '../helpers/worker-lab.ts';

const TEN_MINUTES = 600_000;

type Line = { readonly kind: string } & Record<string, unknown>;

/** `reproof worker` in a process of its own, on the lab's folders, and its lines. */
async function startWorkerCommand(lab: WorkerLab) {
  const { dataFolder, cacheFolder, engine, snapshot, keyring } = labOptions();
  const where = ['--data', dataFolder, '--cache', cacheFolder, '--engine', engine];
  const from = ['--snapshot', snapshot, '--keyring', keyring, '--memory', '4G', '--disk', '8G'];
  const argv = ['worker', '--server', lab.url, '--name', 'engine-lab', '--signup', SIGNUP, ...where, ...from, '--json'];
  const child = startCli(await temporaryFolder(), argv);
  onTestFinished(() => void child.kill('SIGKILL'));
  const errors = Array.fromAsync(child.stderr, String);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const told = async (kind: string): Promise<Line> => {
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      const line = JSON.parse(next.value) as Line;
      if (line.kind === kind) return line;
    }
    throw new Error(`the worker ended before it told ${kind}: ${(await errors).join('')}`);
  };
  return { child, told };
}

/** What was recorded last, with its files and its log. */
async function lastResult({ store, blobs }: WorkerLab) {
  const { records } = await store.results.results({}, { direction: 'descending', limit: 1 });
  const [result] = records;
  const log = Buffer.concat(await Array.fromAsync(blobs.read(result?.log?.sha256 ?? '')));
  const artifacts = await store.results.artifacts(result?.id ?? 0);
  return { result, artifacts, log: zstdDecompressSync(log).toString() };
}

describe('a worker on another machine', () => {
  it(
    'rebuilds a package of the real archive, and the server sees for itself that the bytes are the published ones',
    async () => {
      const lab = await serveWorkers();
      const evidence = openDataEvidence({ dataFolder: lab.folder, now: () => new Date() });
      onTestFinished(() => evidence.close());
      const buildInputId = await seedInput(lab.database, {
        source: 'dns-root-data',
        version: '2025080400~deb13u1',
        architecture: 'all',
      });
      // As a client names files: by their addresses alone.
      await lab.database.write('forgetting digests', (db) =>
        db.updateTable('binary_package').set({ sha256: null, size: null }).execute(),
      );
      await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
      const { child, told } = await startWorkerCommand(lab);
      const line = await told('recorded');
      const first = await lastResult(lab);
      // A later point release may have taken that version's place.
      if (line.reason === 'source unavailable') return expect(first.result?.detail).toContain('TARGET_UNKNOWN');
      expect(first.result).toMatchObject({ origin: 'ours', status: 'GOOD', verdict: 'reproducible', exitStatus: 0 });
      expect(first.artifacts).toMatchObject([{ name: 'dns-root-data', verdict: 'identical', checkedHere: false }]);
      expect(first.log).toContain('dpkg-buildpackage');

      const [file] = first.artifacts;
      await lab.database.write('listing the digest', (db) =>
        db
          .updateTable('binary_package')
          .set({ sha256: file?.published?.sha256 ?? null, size: file?.published?.size ?? null })
          .execute(),
      );
      await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
      await told('recorded');
      const second = await lastResult(lab);
      expect(second.result).toMatchObject({ status: 'GOOD', change: 'same', workerId: first.result?.workerId });
      expect(second.artifacts).toMatchObject([{ verdict: 'identical', checkedHere: true }]);
      expect(await lab.blobs.path(file?.rebuilt?.sha256 ?? '')).toBeDefined();

      // What the worker alone saw is stated as its word: the whole environment, under its key.
      const id = second.result?.id ?? 0;
      const testimony = await testimonyOf(id, lab);
      expect(testimony?.plan).toMatchObject({
        target: { source: 'dns-root-data' },
        expected: [{ name: file?.fileName }],
      });
      expect(await attestResult(id, { ...lab, evidence, version: 'test' })).toBe(6);
      const kept = (await evidence.statements(`result-${id}`)).find(({ name }) => name.endsWith('.provenance'));
      const { subject, predicate } = readProvenance(Buffer.from(kept?.envelope.payload ?? '', 'base64'));
      expect(subject).toEqual([{ name: file?.fileName, digest: { sha256: file?.published?.sha256 } }]);
      expect(predicate.buildDefinition.internalParameters.worker?.checked).toEqual([
        'published-files',
        'rebuilt-files',
        'target',
      ]);
      expect(predicate.buildDefinition.resolvedDependencies.length).toBeGreaterThan(100);

      child.kill('SIGTERM');
      const [status] = await once(child, 'exit');
      expect(status).toBe(0);
    },
    TEN_MINUTES,
  );
});
