import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { isSha256 } from '../../../model/index.ts';
import { type OpenedStore, openBlobs, openStore, STORE_FILE } from '../../../rebuilder/store/index.ts';
import { closedAfterTest } from '../../contract/store.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

type Written = { readonly id: string; readonly sha256: string };
type Writer = ChildProcessByStdio<null, Readable, null>;

const program = path.join(import.meta.dirname, '../../helpers/store-writer.ts');

function startWriter(folder: string, rebuilds: number | 'stall'): Writer {
  return spawn(process.execPath, [program, folder, String(rebuilds)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What a writer said it had stored; it is killed after `killAfter` lines. */
async function listen(writer: Writer, killAfter = Number.POSITIVE_INFINITY): Promise<readonly Written[]> {
  const closed = once(writer, 'close');
  const written: Written[] = [];
  for await (const line of createInterface(writer.stdout)) {
    if (written.push(JSON.parse(line)) >= killAfter) writer.kill('SIGKILL');
  }
  await closed;
  return written;
}

async function expectWhole(store: OpenedStore, written: readonly Written[], folder: string): Promise<void> {
  const blobs = await openBlobs(path.join(folder, 'blobs'));
  for (const { id, sha256 } of written) {
    const [source, plan] = await store.stages(id);
    expect(source?.value).toHaveLength(40_000);
    expect(plan?.value).toBe(source?.value);
    expect(Buffer.concat(await Array.fromAsync(blobs.read(sha256)))).toHaveLength(50_000);
  }
}

describe('processes', () => {
  // The writer is killed wherever it is when the line arrives: the store, the blobs' temporary folder or between.
  it.each([1, 2, 5, 9])(
    'killed after %i rebuilds leave all they said was stored, and nothing half',
    async (killAfter) => {
      const folder = await temporaryFolder();
      const written = await listen(startWriter(folder, 1000), killAfter);
      expect(written.length).toBeGreaterThanOrEqual(killAfter);
      expect(written.length).toBeLessThan(1000);
      const store = closedAfterTest(await openStore(folder));
      await expectWhole(store, written, folder);
      for (const { id } of await store.rebuilds({ limit: 10_000 }))
        for (const stage of await store.stages(id)) expect(stage.value).toHaveLength(40_000);
      const raw = new Sqlite(path.join(folder, STORE_FILE));
      expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
      raw.close();
      const blobs = await openBlobs(path.join(folder, 'blobs'));
      expect(await readdir(path.join(folder, 'blobs', 'tmp'))).toEqual([]);
      const names = await readdir(path.join(folder, 'blobs', 'sha256'), { recursive: true });
      const digests = names.map((name) => path.basename(name)).filter(isSha256);
      expect(digests.length).toBeGreaterThanOrEqual(killAfter);
      for (const digest of digests) for await (const _ of blobs.read(digest));
    },
  );

  it('remove, when they open the blobs, what a killed one was writing', async () => {
    const folder = await temporaryFolder();
    const temporary = path.join(folder, 'blobs', 'tmp');
    await listen(startWriter(folder, 'stall'), 1);
    expect(await readdir(temporary)).toHaveLength(1);
    await openBlobs(path.join(folder, 'blobs'));
    expect(await readdir(temporary)).toEqual([]);
  });

  it('write into one store at once', async () => {
    const folder = await temporaryFolder();
    const written = (await Promise.all([1, 2].map(() => listen(startWriter(folder, 15))))).flat();
    expect(written).toHaveLength(30);
    const store = closedAfterTest(await openStore(folder));
    await expectWhole(store, written, folder);
    const ids = (await store.rebuilds({ limit: 100 })).map((summary) => summary.id);
    expect(ids.toSorted()).toEqual(written.map(({ id }) => id).toSorted());
  });
});
