/** Junk of bench/service-abuse.ts: requests of no use, 10,000 a second or as many as are answered, and bytes that are none. */
import { connect, type Socket } from 'node:net';

process.once('disconnect', () => process.exit(1));
const [port = '', seconds = '30'] = process.argv.slice(2);
const AIM = 10_000;
const TICK_MILLISECONDS = 10;
const SOCKETS = 64;
const MOST_WAITING = 512;
const head = 'host: x\r\n';
const JUNK = [
  `GET /nothing/here HTTP/1.1\r\n${head}\r\n`,
  `DELETE /api/targets HTTP/1.1\r\n${head}\r\n`,
  `GET /api/targets?limit=-1 HTTP/1.1\r\n${head}\r\n`,
  `GET /api/targets?cursor=AAAA HTTP/1.1\r\n${head}\r\n`,
  `GET /api/rebuilds/99999999999999999999 HTTP/1.1\r\n${head}\r\n`,
  `GET /%zz HTTP/1.1\r\n${head}\r\n`,
  `POST /api/queue HTTP/1.1\r\n${head}authorization: Bearer wrong\r\ncontent-length: 0\r\n\r\n`,
  `POST /api/v1/builds HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
  `GET /api/artifacts/../../../etc/passwd HTTP/1.1\r\n${head}\r\n`,
  `GET /api/targets?search=${'a'.repeat(3_000)} HTTP/1.1\r\n${head}\r\n`,
];
const BROKEN = [
  'GET / HTTP/9.9\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  `GET / HTTP/1.1\r\n${head}x: ${'a'.repeat(20_000)}\r\n\r\n`,
  `POST / HTTP/1.1\r\n${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
  `POST /api/queue HTTP/1.1\r\n${head}transfer-encoding: chunked\r\n\r\nzz\r\n`,
  `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(3_000)}\r\n`,
  '\0'.repeat(1_000),
];

const statuses: Record<string, number> = {};
let waiting = 0;
let sent = 0;
let broken = 0;
let isOver = false;
let address = 0;

function open(): Socket {
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: `127.0.2.${1 + (address++ % 250)}` });
  let mine = 0;
  let rest = '';
  socket.on('data', (data) => {
    const text = rest + data.toString('latin1');
    const found = text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
    for (const line of found) statuses[line.slice(-3)] = (statuses[line.slice(-3)] ?? 0) + 1;
    mine -= found.length;
    waiting -= found.length;
    // What may be the beginning of a status line.
    rest = text.slice(-11).replace(/HTTP\/1\.1 \d{3}/, '');
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    waiting -= mine;
    if (!isOver) sockets[sockets.indexOf(socket)] = open();
  });
  return Object.assign(socket, {
    ask: (text: string) => {
      mine++;
      waiting++;
      sent++;
      socket.write(text);
    },
  });
}

function breakOne(index: number): void {
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: `127.0.3.${1 + (index % 250)}` });
  socket.on('error', () => {});
  socket.on('data', () => {});
  socket.once('connect', () => socket.write(BROKEN[index % BROKEN.length] ?? '', 'latin1'));
  broken++;
  setTimeout(() => socket.destroy(), 500);
}

const sockets = Array.from({ length: SOCKETS }, open);
const begun = performance.now();
const ticking = setInterval(() => {
  const due = ((performance.now() - begun) / 1000) * AIM;
  for (let batch = 0; sent + broken < due && batch < AIM / 50 && waiting < MOST_WAITING; batch++) {
    const socket = sockets[sent % SOCKETS] as Socket & { ask?: (text: string) => void };
    if (sent % 100 === 0) breakOne(broken);
    socket.ask?.(JUNK[sent % JUNK.length] ?? '');
  }
}, TICK_MILLISECONDS);
setTimeout(() => {
  clearInterval(ticking);
  isOver = true;
  const elapsed = (performance.now() - begun) / 1000;
  process.send?.({ perSecond: Math.round((sent + broken) / elapsed), sent, broken, statuses }, () => process.exit(0));
}, Number(seconds) * 1000);
