import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rawEd25519, verifierKey } from '../../../attest/tlog/note-key.ts';
import { folderSource } from '../../../attest/tlog/reader/tile-source.ts';
import { verifyLog } from '../../../attest/tlog/reader/verify-log.ts';
import { crashLog } from '../../helpers/crash-log.ts';
import { openTestLog, SAMPLE_ORIGIN, sampleEntry } from '../../helpers/sample-log.ts';
import { sampleLogSigner } from '../../helpers/statement-keys.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const WRITER = join(import.meta.dirname, '../../helpers/log-writer.ts');

describe('a log whose writers are killed', () => {
  it('loses no acknowledged entry and shows one history', { timeout: 180_000 }, async () => {
    const report = await crashLog({
      folder: join(await temporaryFolder(), 'log'),
      entries: 400,
      kills: 10,
      together: 8,
      random: Math.random,
    });
    expect(report).toMatchObject({ kills: 10, acknowledged: 400, size: 400, faults: [] });
  });
});

describe('a log whose files may grow no more', () => {
  it('refuses entries, loses none that it took, and goes on when they may', { timeout: 60_000 }, async () => {
    const folder = join(await temporaryFolder(), 'log');
    // 200 blocks of 512 bytes: a bundle of some 170 entries.
    const child = spawn(
      'sh',
      ['-c', 'ulimit -f 200 && exec "$@"', 'sh', process.execPath, WRITER, folder, '0', '250', '20'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const closed = once(child, 'close');
    const lines = Buffer.concat(await Array.fromAsync(child.stdout))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect((await closed)[0]).toBe(0);
    const logged = lines.filter(({ kind }) => kind === 'logged');
    const refused = lines.filter(({ kind }) => kind === 'refused');
    expect(logged.length).toBeGreaterThan(100);
    expect(refused.length).toBeGreaterThan(20);
    expect([...new Set(refused.map(({ code }) => code))]).toEqual(['STORE_FAILED']);
    const key = verifierKey(SAMPLE_ORIGIN, 1, rawEd25519(sampleLogSigner().publicKey));
    expect(await verifyLog(folderSource(folder), { key })).toMatchObject({ size: logged.length, faults: [] });
    const log = await openTestLog(folder);
    for (const { number, index } of [logged[0], logged.at(-1)])
      expect((await log.append(sampleEntry(number))).index).toBe(index);
    expect((await log.append(sampleEntry(refused[0].number))).index).toBe(logged.length);
  });
});
