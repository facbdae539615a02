import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy that hands requests on, and for some of them breaks the connection once the server has answered. */
export type CuttingProxy = { readonly url: string; readonly cut: () => number };

/** Starts one in front of `upstream`, which cuts the first `times` answers whose path and text match. */
export async function startCuttingProxy(
  upstream: string,
  { path, answered = /^/, times }: { readonly path: RegExp; readonly answered?: RegExp; readonly times: number },
): Promise<CuttingProxy> {
  let cut = 0;
  const server = createServer((incoming, answer) => {
    const target = new URL(incoming.url ?? '/', upstream);
    const forwarded = request(target, { method: incoming.method, headers: incoming.headers });
    forwarded.once('response', async (response) => {
      const body = Buffer.concat(await Array.fromAsync(response));
      if (path.test(target.pathname) && answered.test(body.toString()) && cut < times) {
        cut += 1;
        incoming.socket.destroy();
        return;
      }
      answer.writeHead(response.statusCode ?? 502, response.headers).end(body);
    });
    forwarded.once('error', () => incoming.socket.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut: () => cut };
}
