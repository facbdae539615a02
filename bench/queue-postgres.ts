/**
 * The queue on PostgreSQL: what bench/queue.ts measures, then many claiming at once, and pg-boss beside it.
 *
 *   node bench/queue-postgres.ts [--jobs 20000] [--claims 500]
 *
 * Starts a server of its own from Debian's package, which flushes to the disk as it does in service.
 */
import { parseArgs } from 'node:util';
import { PgBoss } from 'pg-boss';
import { openDatabase } from '../rebuilder/store/index.ts';
import { createJobStore } from '../rebuilder/store/jobs/index.ts';
import { startPostgres } from '../test/helpers/postgres-server.ts';
import { benchQueue } from './queue.ts';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '20000' }, claims: { type: 'string', default: '500' } },
});
const [count, claims] = [Number(values.jobs), Number(values.claims)];
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const rate = (many: number, begun: number): string => `${((many / (performance.now() - begun)) * 1000).toFixed(0)}/s`;

const server = await startPostgres({ durable: true });
try {
  const address = await server.database();
  const database = await openDatabase(address);
  await benchQueue(database, { jobs: count, claims }, say);
  const jobs = createJobStore(database);
  await jobs.ask({ distribution: 'debian' }, { kind: 'new' });
  for (const workers of [1, 4, 8]) {
    const begun = performance.now();
    const taken = new Set<number>();
    const one = async (): Promise<void> => {
      for (let done = 0; done < claims / workers; done++) {
        const leased = await jobs.claim({ id: 1, capabilities: { architectures: ['*'] } }, 600);
        if (leased !== undefined) taken.add(leased.lease);
      }
    };
    await Promise.all(Array.from({ length: workers }, one));
    say(`claims by ${workers} at once: ${rate(taken.size, begun)}, ${taken.size} leases`);
  }
  await database.close();

  const boss = new PgBoss({ connectionString: await server.database('empty'), supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue('build');
  for (let at = 0; at < count; at += 500) {
    const messages = Array.from({ length: 500 }, (_, index) => ({ data: { job: at + index }, priority: -(index % 4) }));
    await boss.insert('build', messages);
  }
  const begun = performance.now();
  for (let done = 0; done < claims; done++) await boss.fetch('build');
  say(`pg-boss: fetch: ${rate(claims, begun)}`);

  // What waits until later is begun after what was ready before it: pg-boss goes by when a message was made.
  await boss.createQueue('order');
  await boss.send('order', { name: 'made first, ready later' }, { startAfter: 1 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  await boss.send('order', { name: 'made later, ready first' });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const order = [];
  for (let done = 0; done < 2; done++) order.push(...(await boss.fetch<{ name: string }>('order')));
  say(`pg-boss: order: ${order.map((message) => message.data.name).join(' < ')}`);
  await boss.stop({ graceful: false });
} finally {
  await server.remove();
}
