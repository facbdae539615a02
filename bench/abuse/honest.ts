/** The honest client and operator of bench/service-abuse.ts: lists 20 times a second, a worker's heartbeat each second. */
import { Agent, request } from 'node:http';

process.once('disconnect', () => process.exit(1));
const [port = '', signup = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 8, localAddress: '127.0.0.9' });
const PATHS = [
  '/api/targets?limit=50',
  '/api/queue?limit=50',
  '/api/rebuilds',
  '/api/v1/packages/binary?limit=50',
  '/api/stats',
];
const TIMEOUT_MILLISECONDS = 10_000;
let times: number[] = [];
let failed: Record<string, number> = {};

const WORKER = { 'x-worker-key': Buffer.alloc(32, 7).toString('base64'), 'x-signup-secret': signup };

function ask(path: string): void {
  const begun = performance.now();
  const fail = (why: string): void => {
    failed[why] = (failed[why] ?? 0) + 1;
  };
  const asking = request(
    { port: Number(port), host: '127.0.0.1', path, agent, timeout: TIMEOUT_MILLISECONDS },
    (answer) => {
      answer.resume();
      answer.once('end', () => times.push(performance.now() - begun));
      if (answer.statusCode !== 200) fail(`${path} ${answer.statusCode}`);
    },
  );
  asking.on('timeout', () => asking.destroy(new Error('slow')));
  asking.on('error', (error) => fail(error.message));
  asking.end();
}

/** As a worker of rebuilderd says it. Gives the answer's text. */
function say(path: string, body: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...WORKER };
    const asking = request(
      { port: Number(port), host: '127.0.0.1', path, agent, method: 'POST', headers },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => {
          if ((answer.statusCode ?? 0) < 300) resolve(Buffer.concat(chunks).toString());
          else reject(new Error(`${path} ${answer.statusCode}`));
        });
      },
    );
    asking.on('error', reject);
    asking.end(JSON.stringify(body));
  });
}

await say('/api/v1/workers', { name: 'honest' });
const given = await say('/api/v1/queue/pop', { supported_backends: ['debian'], supported_architectures: ['amd64'] });
const { id: jobId } = (JSON.parse(given) as { Rebuild: { job: { id: number } } }).Rebuild.job;
let pings = 0;
setInterval(() => {
  say(`/api/v1/queue/${jobId}/ping`, {}).then(
    () => pings++,
    (error: Error) => (failed[error.message] = (failed[error.message] ?? 0) + 1),
  );
}, 1_000);

let turn = 0;
setInterval(() => ask(PATHS[turn++ % PATHS.length] ?? ''), 50);
process.on('message', (message: Readonly<Record<string, unknown>>) => {
  if ('reset' in message) [times, failed, pings] = [[], {}, 0];
  if ('report' in message) {
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
    process.send?.({
      requests: sorted.length,
      heartbeats: pings,
      failed,
      median: at(0.5),
      p99: at(0.99),
      most: at(0.9999),
    });
  }
});
