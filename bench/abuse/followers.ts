/** Followers of bench/service-abuse.ts: each compares what it is told with what was written; some read nothing. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { textLine } from './text.ts';

process.once('disconnect', () => process.exit(1));
const [port = '', job = '', all = '0', stuck = '0', logBytes = '0'] = process.argv.slice(2);
const expected = createHash('sha256').update('begun\n');
for (let written = 0, line = 0; written < Number(logBytes); line++) {
  const text = `${textLine(line)}\n`;
  expected.update(text);
  written += text.length;
}
const digest = expected.digest('hex');

const counts = { whole: 0, wrong: 0, stuck: Number(stuck), stuckCut: 0 };
const sockets: Socket[] = [];
const open = (index: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: `127.0.1.${1 + (index % 200)}` });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.write(`GET /api/queue/${job}/log HTTP/1.1\r\nhost: x\r\n\r\n`);
      resolve(socket);
    });
  });

/** Reads chunked server-sent events of text alone, without keeping them. */
function follow(socket: Socket): void {
  const hash = createHash('sha256');
  let rest = Buffer.alloc(0);
  let events = '';
  let isHead = true;
  let isEnded = false;
  socket.on('data', (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    if (isHead) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      isHead = false;
      rest = rest.subarray(end + 4);
    }
    for (;;) {
      const line = rest.indexOf('\r\n');
      if (line < 0) break;
      const size = Number.parseInt(rest.toString('latin1', 0, line), 16);
      if (rest.length < line + 2 + size + 2) break;
      events += rest.toString('latin1', line + 2, line + 2 + size);
      rest = rest.subarray(line + 2 + size + 2);
    }
    const blocks = events.split('\n\n');
    events = blocks.pop() ?? '';
    for (const block of blocks) {
      const told = block.indexOf('data: ');
      if (block.includes('event: end')) isEnded = true;
      else if (told >= 0) hash.update((JSON.parse(block.slice(told + 6)) as { text: string }).text);
    }
    if (isEnded) socket.destroy();
  });
  socket.once('close', () => {
    if (isEnded && hash.digest('hex') === digest) counts.whole++;
    else counts.wrong++;
    tellWhenDone();
  });
}

/** Reads nothing until all others are done; then it sees whether it was cut. */
function ignore(socket: Socket): void {
  socket.pause();
}

let begun = 0;
function tellWhenDone(): void {
  if (counts.whole + counts.wrong < Number(all) - Number(stuck)) return;
  const seconds = (performance.now() - begun) / 1000;
  // Longer than twice the server's idle time: what it wrote before may begin to be taken within the first.
  setTimeout(() => {
    let left = Number(stuck);
    for (const socket of sockets) {
      let text = '';
      socket.on('data', (data) => {
        text = (text + data.toString('latin1')).slice(-200);
      });
      socket.once('close', () => {
        if (!text.includes('event: end')) counts.stuckCut++;
        if (--left === 0) process.send?.({ ...counts, seconds }, () => process.exit(0));
      });
      socket.resume();
    }
    if (left === 0) process.send?.({ ...counts, seconds }, () => process.exit(0));
  }, 130_000);
}

for (let index = 0; index < Number(all); index++) {
  const socket = await open(index);
  socket.on('error', () => {});
  if (index < Number(stuck)) {
    ignore(socket);
    sockets.push(socket);
  } else follow(socket);
}
begun = performance.now();
process.send?.({ open: true });
