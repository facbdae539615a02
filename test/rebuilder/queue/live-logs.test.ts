import { describe, expect, it } from 'vitest';
import { createLiveLogs, LIVE_LOG_LIMITS, type LogPiece } from '../../../rebuilder/queue/index.ts';

const limits = { ...LIVE_LOG_LIMITS, pieceBytes: 100, keepBytes: 1000, pieceMilliseconds: 1 };
const never = new AbortController().signal;

async function all(pieces: AsyncIterable<LogPiece> | undefined): Promise<readonly LogPiece[]> {
  if (pieces === undefined) throw new Error('there is no such log');
  return Array.fromAsync(pieces);
}

const textOf = (pieces: readonly LogPiece[]): string => pieces.map(({ text }) => text).join('');

describe('live logs', () => {
  it('give a follower what was written before and what comes, and end with the build', async () => {
    const logs = createLiveLogs(limits);
    logs.append(1, 'before\n');
    const following = all(logs.follow(1, { signal: never }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    logs.append(1, 'later\n');
    logs.append(2, 'of another build\n');
    logs.end(1);
    const pieces = await following;
    expect(textOf(pieces)).toBe('before\nlater\n');
    expect(pieces.map(({ id }) => id)).toEqual(pieces.map((_, index) => index + 1));
    expect(logs.follow(1, { signal: never })).toBeUndefined();
  });

  it('know nothing of a job that writes none', () => {
    const logs = createLiveLogs(limits);
    logs.append(1, '');
    logs.end(7);
    expect(logs.follow(1, { signal: never })).toBeUndefined();
  });

  it('go on after the piece a follower had last', async () => {
    const logs = createLiveLogs(limits);
    for (const word of ['a', 'b', 'c']) logs.append(1, word.repeat(100));
    const following = all(logs.follow(1, { signal: never, after: 2 }));
    const ahead = all(logs.follow(1, { signal: never, after: 99 }));
    logs.append(1, 'd'.repeat(100));
    logs.end(1);
    expect((await following).map(({ id, text }) => [id, text[0]])).toEqual([
      [3, 'c'],
      [4, 'd'],
    ]);
    expect(textOf(await ahead)[0]).toBe('d');
  });

  it('keep so much and no more, and say how much a slow follower missed', async () => {
    const logs = createLiveLogs(limits);
    logs.append(1, 'x'.repeat(100));
    const follower = logs.follow(1, { signal: never })?.[Symbol.asyncIterator]();
    expect((await follower?.next())?.value).toEqual({ id: 1, text: 'x'.repeat(100), skippedBytes: 0 });
    for (let piece = 0; piece < 100; piece++) logs.append(1, `${piece % 10}`.repeat(100));
    const next = (await follower?.next())?.value as LogPiece;
    expect(next).toEqual({ id: 92, text: '0'.repeat(100), skippedBytes: 9000 });
    const late = logs.follow(1, { signal: never });
    logs.end(1);
    const kept = await all(late);
    expect(kept.map(({ skippedBytes }) => skippedBytes)).toEqual([9100, ...Array.from({ length: 9 }, () => 0)]);
    expect(Buffer.byteLength(textOf(kept))).toBe(1000);
  });

  it('cut one text that is longer than all that is kept', async () => {
    const logs = createLiveLogs(limits);
    logs.append(1, 'ä'.repeat(100_000));
    const following = all(logs.follow(1, { signal: never }));
    logs.end(1);
    const bytes = Buffer.byteLength(textOf(await following));
    expect(bytes).toBeGreaterThan(500);
    expect(bytes).toBeLessThanOrEqual(1000);
  });

  it('bound the number of small pieces too', async () => {
    const logs = createLiveLogs({ ...limits, keepPieces: 3, pieceBytes: 1 });
    for (const letter of 'abcdefg') logs.append(1, letter);
    const following = all(logs.follow(1, { signal: never }));
    logs.end(1);
    expect(textOf(await following)).toBe('efg');
  });

  it('let a follower go that stops, while others go on', async () => {
    const logs = createLiveLogs(limits);
    const controller = new AbortController();
    logs.append(1, 'one');
    const stopped = all(logs.follow(1, { signal: controller.signal }));
    const others = Array.from({ length: 50 }, () => all(logs.follow(1, { signal: never })));
    await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    expect(textOf(await stopped)).toBe('one');
    logs.append(1, 'two');
    logs.end(1);
    for (const other of others) expect(textOf(await other)).toBe('onetwo');
  });
});
