import { describe, expect, it } from 'vitest';
import { ReproofError } from '../../../model/index.ts';
import { type LogSenderOptions, openLogSender, type SendPiece } from '../../../rebuilder/worker/log-sender.ts';

const OPTIONS: LogSenderOptions = {
  pieceBytes: 10,
  waitingBytes: 30,
  gatherMillis: 5,
  endMillis: 50,
  patience: { firstMillis: 1, longestMillis: 4 },
};
const away = new ReproofError('SERVER_UNAVAILABLE', 'sending', { context: { passes: true } });

/** A server that writes down what comes, after failing as often as told. */
function server(failures = 0): { readonly send: SendPiece; readonly pieces: [number, string][] } {
  const pieces: [number, string][] = [];
  let left = failures;
  return {
    pieces,
    send: async (offset, bytes) => {
      if (left-- > 0) throw away;
      pieces.push([offset, Buffer.from(bytes).toString()]);
    },
  };
}

describe('a log on its way to a server', () => {
  it('goes in pieces of the allowed size, each with its place, and to its end', async () => {
    const { send, pieces } = server();
    const sender = openLogSender(send, OPTIONS);
    for (const text of ['one ', 'two ', 'three ', 'four ', 'five']) sender.write(Buffer.from(text));
    await sender.end();
    expect(pieces.map(([, text]) => text).join('')).toBe('one two three four five');
    expect(pieces.map(([offset]) => offset)).toEqual(
      pieces.map(
        (_, at) =>
          pieces
            .slice(0, at)
            .join()
            .replaceAll(/\d+,|,/g, '').length,
      ),
    );
    expect(Math.max(...pieces.map(([, text]) => text.length))).toBeLessThanOrEqual(10);
  });

  it('has pieces that failed sent again', async () => {
    const { send, pieces } = server(5);
    const sender = openLogSender(send, { ...OPTIONS, endMillis: 60_000 });
    sender.write(Buffer.from('text'));
    await sender.end();
    expect(pieces).toEqual([[0, 'text']]);
  });

  it('leaves out the oldest of what waits too long, and says where it goes on', async () => {
    const open = Promise.withResolvers<void>();
    const pieces: [number, string][] = [];
    const sender = openLogSender(async (offset, bytes) => {
      await open.promise;
      pieces.push([offset, Buffer.from(bytes).toString()]);
    }, OPTIONS);
    for (let at = 0; at < 10; at++) sender.write(Buffer.from(`line ${at}...\n`.padEnd(10)));
    open.resolve();
    await sender.end();
    for (const [offset, text] of pieces) expect(text).toBe(`line ${offset / 10}...\n`);
    expect(pieces.at(-1)?.[0]).toBe(90);
    expect(pieces.length).toBeLessThan(10);
  });

  it('ends in silence when the server refuses it, and takes no more', async () => {
    let tries = 0;
    const sender = openLogSender(async () => {
      tries += 1;
      throw new ReproofError('LEASE_LOST', 'sending');
    }, OPTIONS);
    sender.write(Buffer.from('0123456789'));
    await sender.end();
    sender.write(Buffer.from('0123456789'));
    await sender.end();
    expect(tries).toBe(1);
  });

  it('holds nobody up when the server never answers', async () => {
    const sender = openLogSender(
      (_offset, _bytes, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new ReproofError('INTERRUPTED', 'sending'))),
        ),
      OPTIONS,
    );
    sender.write(Buffer.from('0123456789'));
    await expect(sender.end()).resolves.toBeUndefined();
    const failing = openLogSender(server(Number.POSITIVE_INFINITY).send, {
      ...OPTIONS,
      patience: { firstMillis: 60_000, longestMillis: 60_000 },
    });
    failing.write(Buffer.from('0123456789'));
    await expect(failing.end()).resolves.toBeUndefined();
  });
});
