import { setTimeout as pause } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { ReproofError, sha256Of } from '../../model/index.ts';
import type { Executor } from '../../rebuilder/queue/index.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import type { BlobStore } from '../../rebuilder/store/index.ts';
import type { ResultEntry } from '../../rebuilder/store/results/types.ts';
import { type SeededInput, seedInput } from './seed-inputs.ts';

/** The bytes that a fake build makes of a file, and that were published of it. */
export function fakeBytes(fileName: string): Buffer {
  return Buffer.from(`the bytes of ${fileName}\n`.repeat(100));
}

/** An input whose published files are what fake builds make. */
export async function seedFakeInput(database: Database, input: SeededInput = {}): Promise<number> {
  const id = await seedInput(database, input);
  await database.write('publishing fake files', async (db) => {
    const files = await db
      .selectFrom('binary_package')
      .select(['id', 'file_name'])
      .where('build_input_id', '=', id)
      .execute();
    for (const file of files) {
      const bytes = fakeBytes(file.file_name);
      const content = { sha256: sha256Of(bytes), size: bytes.length };
      await db.updateTable('binary_package').set(content).where('id', '=', file.id).execute();
    }
  });
  return id;
}

export type FakeBuild = {
  /** How long each build takes, or that of a source. */
  readonly millis: number | ((source: string) => number);
  /** Changes what a build reports. */
  readonly change?: (entry: ResultEntry) => ResultEntry;
};

/** Builds nothing, and leaves what a reproducible build leaves: rebuilt files, a log, a record. */
export function fakeExecutor(blobs: BlobStore, { millis, change = (entry) => entry }: FakeBuild): Executor {
  const put = async (bytes: Buffer): Promise<string> => (await blobs.put('fake', one(bytes), bytes.length)).sha256;
  return {
    run: async ({ job, input }, watch) => {
      const startedAt = new Date().toISOString();
      watch.stage('build');
      watch.log(`building ${job.source}`);
      const takes = typeof millis === 'number' ? millis : millis(job.source);
      await pause(takes, undefined, { signal: watch.signal }).catch((cause) => {
        throw new ReproofError('INTERRUPTED', 'the fake build was stopped', { cause });
      });
      watch.log('done');
      const log = Buffer.from(`building ${job.source}\ndone\n`);
      const artifacts = await Promise.all(
        input.files.map(async (file) => {
          const bytes = fakeBytes(file.fileName);
          const rebuilt = { sha256: await put(bytes), size: bytes.length };
          const { name, version, architecture, fileName } = file;
          const base = { name, version, architecture, fileName, published: rebuilt, rebuilt };
          return { ...base, verdict: 'identical', status: 'GOOD', checkedHere: false } as const;
        }),
      );
      return change({
        origin: 'ours',
        startedAt,
        builtAt: new Date().toISOString(),
        status: 'GOOD',
        verdict: 'reproducible',
        detail: 'every file came out as published',
        decides: true,
        wallSeconds: takes / 1000,
        log: { sha256: await put(zstdCompressSync(log)), bytes: log.length, truncated: false },
        record: await put(Buffer.from(JSON.stringify({ job: job.id }))),
        artifacts,
      });
    },
  };
}

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
