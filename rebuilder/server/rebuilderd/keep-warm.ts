import { setTimeout as sleep } from 'node:timers/promises';
import type { App, ServerContext } from '../context.ts';
import type { KeptLists } from './kept-lists.ts';

/** How often it is looked whether something is missing: after a sync all is. */
const EVERY_MILLISECONDS = 15_000;
/** After each piece, which takes some milliseconds: whoever asks meanwhile is served. */
const PAUSE_MILLISECONDS = 20;

/** Has the list of everything ready before it is asked for, from when the server listens until it closes. */
export function keepWarm(app: App, { log }: Pick<ServerContext, 'log'>, lists: KeptLists): void {
  const closing = new AbortController();
  const { signal } = closing;
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal, ref: false });
  let warming: Promise<void> | undefined;
  const keep = async (): Promise<void> => {
    while (!signal.aborted) {
      await lists
        .warm(() => pause(PAUSE_MILLISECONDS))
        .catch((error: unknown) => {
          if (!signal.aborted)
            log({ level: 'error', message: 'keeping a list ready failed', facts: { error: String(error) } });
        });
      await pause(EVERY_MILLISECONDS).catch(() => {});
    }
  };
  app.addHook('onListen', async () => {
    warming = keep();
  });
  app.addHook('onClose', async () => {
    closing.abort();
    await warming;
  });
}
