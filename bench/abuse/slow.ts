/** Connections of bench/service-abuse.ts that say little: how long each kind is borne. */
import { connect } from 'node:net';

process.once('disconnect', () => process.exit(1));
const [port = ''] = process.argv.slice(2);
const EACH = 400;
const DRIP_MILLISECONDS = 1_000;
const KINDS: Readonly<Record<string, string>> = {
  'half open': '',
  'slow headers': 'GET / HTTP/1.1\r\nhost: x\r\nx: ',
  'slow body, refused': 'POST /api/v1/builds HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n',
  'slow body, no route': 'POST /nothing HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n',
};
const closed: Record<string, { connections: number; firstSeconds: number; lastSeconds: number }> = {};
let left = 0;
for (const [kind, text] of Object.entries(KINDS))
  for (let index = 0; index < EACH; index++) {
    left++;
    const begun = performance.now();
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: `127.0.4.${1 + (index % 250)}` });
    socket.on('error', () => {});
    socket.on('data', () => {});
    if (text !== '') socket.write(text);
    const drip = setInterval(
      () => text !== '' && socket.write(kind.endsWith('route') ? '1\r\na\r\n' : 'a'),
      DRIP_MILLISECONDS,
    );
    socket.once('close', () => {
      clearInterval(drip);
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      const seen = closed[kind] ?? { connections: 0, firstSeconds: seconds, lastSeconds: seconds };
      closed[kind] = { ...seen, connections: seen.connections + 1, lastSeconds: seconds };
      if (--left === 0) process.send?.({ closed }, () => process.exit(0));
    });
  }
