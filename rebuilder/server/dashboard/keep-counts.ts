import { setTimeout as sleep } from 'node:timers/promises';
import type { App, ServerContext } from '../context.ts';
import { overviewFacts } from './overview.ts';
import { packagesFacts } from './packages.ts';

/** How often it is looked whether counts still hold, which takes some milliseconds. */
const EVERY_MILLISECONDS = 5_000;

/**
 * Has what the first pages count counted before they are asked for, from when the server listens until it closes: a
 * result or a sync changes it, and of a million results it takes 100 ms and more, aside.
 */
export function keepCounts(app: App, context: Pick<ServerContext, 'store' | 'now' | 'log'>): void {
  const closing = new AbortController();
  const { signal } = closing;
  let counting: Promise<void> | undefined;
  const keep = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(EVERY_MILLISECONDS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      await count(context).catch((error: unknown) => {
        if (!signal.aborted)
          context.log({ level: 'error', message: 'keeping counts ready failed', facts: { error: String(error) } });
      });
    }
  };
  app.addHook('onListen', async () => {
    counting = keep();
  });
  app.addHook('onClose', async () => {
    closing.abort();
    await counting;
  });
}

async function count(context: Pick<ServerContext, 'store' | 'now'>): Promise<void> {
  const { packages, results } = context.store;
  // One after the other: what somebody waits for is counted beside them.
  await packages.causes({});
  await packages.reasons({});
  await packages.counts({});
  await results.results({ change: ['regression'] }, { limit: 1 });
  await overviewFacts(context);
  await packagesFacts(context, {});
  await packagesFacts(context, { blocks: 'yes' });
}
