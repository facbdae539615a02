/**
 * What a service bears: thousands of followers of a live log, some of whom take nothing, then junk as fast as this
 * machine can make it, slow and half-open connections, and bodies at and past each limit, while an honest client reads
 * lists and a worker keeps its lease. Prints how long honest requests took, and the server's memory.
 * Run: node bench/service-abuse.ts [FOLDER] [FOLLOWERS] [SECONDS OF JUNK]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [given, followers = '2000', junkSeconds = '30'] = process.argv.slice(2);
const folder = given ?? mkdtempSync(path.join(tmpdir(), 'reproof-abuse-'));
/** More than the sockets of one that takes nothing hold, tcp(7). */
const LOG_BYTES = 12 * 1024 ** 2;
const STUCK_SHARE = 0.05;

type Told = Readonly<Record<string, unknown>>;

function start(name: string, ...argv: readonly string[]): ChildProcess {
  return fork(path.join(import.meta.dirname, 'abuse', `${name}.ts`), argv, { execArgv: [] });
}
async function told(child: ChildProcess, key: string): Promise<Told> {
  for (;;) {
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([status]) => Promise.reject(new Error(`a child ended with ${status} before ${key}`))),
    ])) as [Told];
    if (key in message) return message;
  }
}

const server = start('server', folder, String(LOG_BYTES));
const { port, job, token, signup } = (await told(server, 'port')) as Record<
  'port' | 'job' | 'token' | 'signup',
  string
>;
const memory = (): Record<string, number> =>
  Object.fromEntries(
    [...readFileSync(`/proc/${server.pid}/status`, 'latin1').matchAll(/^(VmHWM|VmRSS):\s+(\d+) kB/gm)].map(
      ([, name, kilobytes]) => [name ?? '', Math.round(Number(kilobytes) / 1024)],
    ),
  );
const samples: number[] = [];
// What ends early ends all.
process.once('exit', () => [server, honest].map((child) => child.kill('SIGKILL')));
process.once('SIGTERM', () => process.exit(1));
process.once('SIGINT', () => process.exit(1));
const sampling = setInterval(() => samples.push(memory().VmRSS ?? 0), 1_000);
const honest = start('honest', String(port), signup);
const part = async (name: string, work: () => Promise<Told>): Promise<void> => {
  samples.length = 0;
  honest.send({ reset: true });
  const begun = performance.now();
  const result = await work();
  honest.send({ report: true });
  const seen = await told(honest, 'p99');
  console.log(`${name}, ${((performance.now() - begun) / 1000).toFixed(1)} s:`, JSON.stringify(result));
  console.log(`  honest: ${JSON.stringify(seen)}`);
  console.log(`  server, MiB: ${JSON.stringify(memory())}; each second: ${samples.join(' ')}`);
};

await part('nothing else', async () => ({ seconds: await sleep(5_000, 5) }));
await part('followers', async () => {
  const stuck = Math.round(Number(followers) * STUCK_SHARE);
  const child = start('followers', String(port), String(job), followers, String(stuck), String(LOG_BYTES));
  await told(child, 'open');
  server.send({ write: true });
  return told(child, 'whole');
});
await part('junk', async () => {
  const child = start('junk', String(port), junkSeconds);
  return told(child, 'perSecond');
});
await part('slow and half-open connections', async () => told(start('slow', String(port)), 'closed'));
const bodies = start('bodies', String(port), token);
await part('bodies of nobody', () => told(bodies, 'refused'));
await part('bodies of an operator', async () => {
  bodies.send({ go: true });
  return told(bodies, 'answered');
});
await part('nothing else, afterwards', async () => ({ seconds: await sleep(5_000, 5) }));
clearInterval(sampling);
honest.kill();
const stopping = performance.now();
server.send({ stop: true });
const [status] = (await once(server, 'exit')) as [number];
console.log(`stopped with ${status} in ${((performance.now() - stopping) / 1000).toFixed(1)} s`);
if (given === undefined) rmSync(folder, { recursive: true });
process.exit(status);
