import { readdir } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLiveLogs } from '../../rebuilder/live-logs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

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

  it('leave nothing behind whatever becomes of the process, and may share their folder', async () => {
    const { folder, logs, follow, read } = await openLogs();
    const log = await logs.begin(1);
    const stop = new AbortController();
    const pieces = follow(1, 0, stop.signal)![Symbol.asyncIterator]();
    const waiting = pieces.next();
    await log.end();
    expect((await waiting).done).toBe(true);
    expect(follow(1)).toBeUndefined();
    const second = await logs.begin(2);
    await second.write(Buffer.from('kept'));
    expect(await readdir(folder)).toEqual([]);
    const other = await openLiveLogs(folder, { maxBytes: 1 });
    const reading = read(2);
    await second.end();
    expect(await reading).toBe('kept');
    await other.close();
  });

  it('give followers that are behind the same pieces, wherever they began, and never half a character', async () => {
    const { logs, follow } = await openLogs();
    const log = await logs.begin(1);
    const text = Buffer.from('aü€😀'.repeat(30_000));
    await log.write(text);
    const [first, second] = [follow(1, 0), follow(1, 3)].map((pieces) => Array.fromAsync(pieces ?? []));
    await log.end();
    const [all, late] = [(await first) ?? [], (await second) ?? []];
    expect(all.length).toBeGreaterThan(4);
    expect(all.slice(1).every((piece, index) => piece === late[index + 1])).toBe(true);
    expect(all.map(({ bytes }) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).join('')).toBe(
      text.toString(),
    );
  });

  it.each([1, 2, 3, 7])('give every byte of what is no UTF-8, written %i at a time', async (size) => {
    const { logs, read } = await openLogs();
    const log = await logs.begin(1);
    const text = Buffer.from('ff80e282f09f98c3e2f0f0f080bf', 'hex');
    const reading = read(1);
    for (let start = 0; start < text.length; start += size) await log.write(text.subarray(start, start + size));
    await log.end();
    expect(Buffer.from(await reading, 'latin1')).toEqual(text);
  });

  it('of several processes in one folder leave each other alone', async () => {
    const { folder, logs, read } = await openLogs();
    const log = await logs.begin(1);
    await log.write(Buffer.from('before, '));
    const opening = Array.from({ length: 20 }, () => openLiveLogs(folder, { maxBytes: 1 }));
    const begun = await Promise.all(Array.from({ length: 20 }, (_, index) => logs.begin(100 + index)));
    for (const other of await Promise.all(opening)) await other.close();
    expect(await readdir(folder)).toEqual([]);
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
