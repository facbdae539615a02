import { generateKeyPairSync } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keySigner } from '../../../attest/index.ts';
import { openCheckpoint } from '../../../attest/tlog/checkpoint.ts';
import { rawEd25519, verifierKey } from '../../../attest/tlog/note-key.ts';
import { type MonitorResult, monitorLog } from '../../../attest/tlog/reader/monitor-log.ts';
import { folderSource } from '../../../attest/tlog/reader/tile-source.ts';
import { filledLog, fillLog, openSampleLog, SAMPLE_ORIGIN, sampleEntry } from '../../helpers/sample-log.ts';
import { sampleLogSigner } from '../../helpers/statement-keys.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const key = verifierKey(SAMPLE_ORIGIN, 1, rawEd25519(sampleLogSigner().publicKey));

const grow = (folder: string, first: number, last: number): Promise<void> => fillLog(folder, { first, last });

async function copyOf(folder: string): Promise<string> {
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true });
  return copy;
}

describe('a monitor', () => {
  const watch = (folder: string, memory: string, address = 'https://log.example'): Promise<MonitorResult> =>
    monitorLog(folderSource(folder), { memory, address, key });

  it('remembers a log, and proves that it grew', async () => {
    const [folder, memory] = [await filledLog(3), await temporaryFolder()];
    expect(await watch(folder, memory)).toMatchObject({ kind: 'first', size: 3, isKeyGiven: true });
    expect(await watch(folder, memory)).toMatchObject({ kind: 'consistent', from: 3, size: 3 });
    await grow(folder, 3, 700);
    expect(await watch(folder, memory)).toMatchObject({ kind: 'consistent', from: 3, size: 700 });
    await grow(folder, 700, 701);
    expect(await watch(folder, memory)).toMatchObject({ kind: 'consistent', from: 700, size: 701 });
  });

  it('sounds an alarm for a log that forked, and keeps both checkpoints', async () => {
    for (const [before, mine, others] of [
      [3, [3, 10], [50, 60]],
      [3, [3, 10], [50, 70]],
      [300, [300, 310], [400, 800]],
    ] as const) {
      const folder = await filledLog(before);
      const fork = await copyOf(folder);
      const memory = await temporaryFolder();
      await grow(folder, mine[0], mine[1]);
      await grow(fork, others[0], others[1]);
      await watch(folder, memory);
      const result = await watch(fork, memory);
      expect(result).toMatchObject({ kind: 'alarm', alarm: 'forked', from: mine[1] });
      if (result.kind !== 'alarm') throw new Error('no alarm');
      const kept = await Promise.all(result.evidence.map((file) => readFile(file)));
      const sizes = kept.map((bytes) => openCheckpoint(bytes, key).checkpoint.size);
      expect(sizes).toEqual([mine[1], result.size]);
      // What is remembered stays, so that the alarm stays.
      expect(await watch(fork, memory)).toEqual(result);
      expect(await watch(folder, memory)).toMatchObject({ kind: 'consistent' });
    }
  });

  it('sounds an alarm for a log that shrank', async () => {
    const folder = await filledLog(3);
    const old = await copyOf(folder);
    const memory = await temporaryFolder();
    await grow(folder, 3, 5);
    await watch(folder, memory);
    expect(await watch(old, memory)).toMatchObject({ kind: 'alarm', alarm: 'shrunk', from: 5, size: 3 });
  });

  it('finds a fork between two addresses of one log', async () => {
    const folder = await filledLog(3);
    const fork = await copyOf(folder);
    await grow(folder, 3, 4);
    await grow(fork, 7, 9);
    const memory = await temporaryFolder();
    await watch(folder, memory, 'https://one.example');
    expect(await watch(fork, memory, 'https://two.example')).toMatchObject({ kind: 'alarm', alarm: 'forked' });
  });

  it('takes the key from the log once, and no other key afterwards', async () => {
    const folder = await filledLog(3);
    const memory = await temporaryFolder();
    const address = 'https://log.example';
    const first = await monitorLog(folderSource(folder), { memory, address });
    expect(first).toMatchObject({ kind: 'first', isKeyGiven: false });
    const other = await temporaryFolder();
    const stranger = await openSampleLog(other, { signer: keySigner(generateKeyPairSync('ed25519').privateKey) });
    await stranger.append(sampleEntry(9));
    await stranger.close();
    for (const place of [address, 'https://elsewhere.example'])
      await expect(monitorLog(folderSource(other), { memory, address: place }), place).rejects.toMatchObject({
        code: 'LOG_SIGNATURE_INVALID',
      });
    expect(await monitorLog(folderSource(folder), { memory, address })).toMatchObject({ kind: 'consistent' });
  });

  it('remembers nothing of a log whose tiles are not what it signed, and calls that no fork', async () => {
    const folder = await filledLog(3);
    const memory = await temporaryFolder();
    await watch(folder, memory);
    await grow(folder, 3, 5);
    const tile = join(folder, 'tile/0/000.p/5');
    const good = await readFile(tile);
    await writeFile(
      tile,
      good.map((byte) => byte ^ 1),
    );
    await expect(watch(folder, memory)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    await rm(tile);
    await expect(watch(folder, memory)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    await writeFile(tile, good);
    expect(await watch(folder, memory)).toMatchObject({ kind: 'consistent', from: 3, size: 5 });
  });

  it('tells a folder that is no log from one', async () => {
    const memory = await temporaryFolder();
    await expect(monitorLog(folderSource(memory), { memory, address: 'x' })).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
    });
  });
});
