import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openServiceLab } from '../../helpers/service-lab.ts';

async function openLimited(trustedProxies: readonly string[] = []) {
  const { listen } = await openServiceLab({ limits: { connectionsPerAddress: 2 }, server: { trustedProxies } });
  const port = Number(new URL(await listen()).port);
  /** Connects, asks from an address of this machine, and gives the status line, or none where it is cut. */
  return async (localAddress: string): Promise<{ readonly status: string; readonly leave: () => Promise<unknown> }> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    const answer = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])]);
    const leave = async (): Promise<void> => {
      socket.destroy();
      await once(socket, 'close');
    };
    return { status: String(answer[0]).split('\r\n')[0] ?? '', leave };
  };
}

describe('connections', () => {
  it('are limited for one address, and others still get theirs', async () => {
    const ask = await openLimited();
    const first = await ask('127.0.0.1');
    expect(first.status).toBe('HTTP/1.1 200 OK');
    expect((await ask('127.0.0.1')).status).toBe('HTTP/1.1 200 OK');
    expect((await ask('127.0.0.1')).status).toBe('');
    expect((await ask('127.0.0.2')).status).toBe('HTTP/1.1 200 OK');
    await first.leave();
    await expect.poll(async () => (await ask('127.0.0.1')).status).toBe('HTTP/1.1 200 OK');
  });

  it('of a proxy, which are those of all its clients, are not', async () => {
    const ask = await openLimited(['127.0.0.1']);
    for (let index = 0; index < 4; index++) expect((await ask('127.0.0.1')).status).toBe('HTTP/1.1 200 OK');
  });
});
