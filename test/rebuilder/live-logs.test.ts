import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLiveLogs } from '../../rebuilder/live-logs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** A folder of a process whose number is past the last there can be. */
const DEAD = '4194305:1:00000000-0000-0000-0000-000000000000:1_0011223344556677';

async function files(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function openLogs(maxBytes = 1024 ** 2) {
  const folder = await temporaryFolder();
  const logs = await openLiveLogs(folder, { maxBytes });
  onTestFinished(() => logs.close());
  const follow = (jobId: number, from = 0, signal = new AbortController().signal) =>
    logs.follow(jobId, { from, idleMillis: 60_000, signal });
  const read = async (jobId: number, from = 0) => {
    const pieces = await Array.fromAsync(follow(jobId, from) ?? []);
    return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString('latin1');
  };
  return { folder, logs, follow, read };
}

describe('live logs', () => {
  it('give every follower all of it, from the byte it asks for', async () => {
    const { logs, read } = await openLogs();
    const log = await logs.begin(7);
    const text = Array.from({ length: 40_000 }, (_, index) => `${index}\n`).join('');
    const reading = [read(7), read(7, 100_000), read(7, 1e9)];
    for (let start = 0; start < text.length; start += 9973)
      await log.write(Buffer.from(text.slice(start, start + 9973)));
    const late = read(7, 5);
    await log.end();
    expect(await Promise.all(reading.slice(0, 1))).toEqual([text]);
    expect(await late).toBe(text.slice(5));
    expect(text.endsWith((await reading[1]) ?? 'x')).toBe(true);
  });

  it('keep no more than is allowed', async () => {
    const { logs, read } = await openLogs(10);
    const log = await logs.begin(1);
    await log.write(Buffer.from('123456'));
    await log.write(Buffer.from('789012345'));
    const reading = read(1);
    await log.end();
    expect(await reading).toBe('1234567890');
  });

  it('are of one lease: a new beginning ends the old one', async () => {
    const { logs, read } = await openLogs();
    const first = await logs.begin(1);
    await first.write(Buffer.from('old'));
    const reading = read(1);
    const second = await logs.begin(1);
    expect(await reading).toBe('old');
    await first.write(Buffer.from('late'));
    await second.write(Buffer.from('new'));
    const again = read(1);
    await second.end();
    await first.end();
    expect(await again).toBe('new');
  });

  it('leave nothing behind, and find nothing of a dead process', async () => {
    const { folder, logs, follow } = await openLogs();
    const log = await logs.begin(1);
    const stop = new AbortController();
    const pieces = follow(1, 0, stop.signal)![Symbol.asyncIterator]();
    const waiting = pieces.next();
    await log.end();
    expect((await waiting).done).toBe(true);
    expect(follow(1)).toBeUndefined();
    expect(await files(folder)).toEqual([]);
    await logs.begin(2);
    expect(await files(folder)).toHaveLength(1);
    await mkdir(path.join(folder, DEAD));
    await writeFile(path.join(folder, DEAD, '1-1.log'), 'of a dead process');
    await (await openLiveLogs(folder, { maxBytes: 1 })).close();
    expect(await files(folder)).toHaveLength(1);
    await logs.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('of several processes in one folder leave each other alone', async () => {
    const { folder, logs, read } = await openLogs();
    const log = await logs.begin(1);
    await log.write(Buffer.from('before, '));
    const opening = Array.from({ length: 20 }, () => openLiveLogs(folder, { maxBytes: 1 }));
    const begun = await Promise.all(Array.from({ length: 20 }, (_, index) => logs.begin(100 + index)));
    for (const other of await Promise.all(opening)) await other.close();
    expect(await files(folder)).toHaveLength(21);
    await log.write(Buffer.from('after'));
    const reading = read(1);
    await Promise.all([log, ...begun].map(({ end }) => end()));
    expect(await reading).toBe('before, after');
  });

  it('tell a follower of silence', async () => {
    const { logs } = await openLogs();
    await logs.begin(1);
    const stop = new AbortController();
    const pieces = logs.follow(1, { from: 0, idleMillis: 1, signal: stop.signal })![Symbol.asyncIterator]();
    expect((await pieces.next()).value).toEqual({ offset: 0, bytes: new Uint8Array(0) });
    stop.abort();
    expect((await pieces.next()).done).toBe(true);
  });
});
