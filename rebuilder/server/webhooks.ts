import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReproofError } from '../../model/index.ts';
import type { Poster } from '../fetch/index.ts';
import type { Delivery, Webhook } from '../store/access/types.ts';
import type { ServiceStore } from '../store/index.ts';
import type { Result } from '../store/results/types.ts';
import type { ServerLog } from './context.ts';
import type { WebhookEvent } from './schemas/access.ts';

/** Read again behind the newest result that was looked at: another server's may be written later with a lower id. */
const OVERLAP = 100;
const RESULTS_AT_ONCE = 200;
const MOST_PAGES = 50;
const DELIVERIES_AT_ONCE = 16;
const HOLD_SECONDS = 120;
const FIRST_WAIT_SECONDS = 30;
/** With doubling waits: given up after about 17 hours. */
const MOST_TRIES = 12;

export type WebhookSender = {
  readonly store: ServiceStore;
  readonly poster: Poster;
  readonly now: () => Date;
  readonly log: ServerLog;
  /** Between two looks for new results. */
  readonly pauseMilliseconds: number;
};

/** Tells webhooks of results until `signal` aborts. Any number of servers may do so over one database. */
export async function runWebhooks(sender: WebhookSender, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await tellWebhooks(sender, signal);
    } catch (error) {
      sender.log({ level: 'error', message: 'telling webhooks failed', facts: { error: String(error) } });
    }
    await sleep(sender.pauseMilliseconds, undefined, { signal }).catch(() => {});
  }
}

/** One round: puts what is new on its way, then sends what is due. */
export async function tellWebhooks(sender: WebhookSender, signal: AbortSignal): Promise<void> {
  const { access } = sender.store;
  const webhooks = (await access.webhooks()).filter(({ disabledAt }) => disabledAt === undefined);
  if (webhooks.length === 0) return;
  for (const webhook of webhooks) await putNew(sender.store, webhook);
  const byId = new Map(webhooks.map((webhook) => [webhook.id, webhook]));
  const due = await access.takeDeliveries(DELIVERIES_AT_ONCE, HOLD_SECONDS);
  await Promise.all(
    due.map(async (delivery) => {
      const webhook = byId.get(delivery.webhookId);
      if (webhook !== undefined) await send(sender, { webhook, delivery }, signal);
    }),
  );
}

async function putNew(store: ServiceStore, webhook: Webhook): Promise<void> {
  const records = await newResults(store, Math.max(0, webhook.lastResultId - OVERLAP));
  const [newest] = records;
  if (newest === undefined || newest.id <= webhook.lastResultId) return;
  const events = records
    // What was there before the webhook was made stays untold.
    .filter((result) => result.builtAt >= webhook.createdAt || result.id > webhook.lastResultId)
    .flatMap((result) =>
      eventsOf(result)
        .filter((event) => webhook.events.includes(event))
        .map((event) => ({ event, resultId: result.id })),
    );
  await store.access.putDeliveries(webhook.id, events.reverse(), newest.id);
}

/** Results above an id, newest first; only the newest where there are very many. */
async function newResults(store: ServiceStore, above: number): Promise<readonly Result[]> {
  const found: Result[] = [];
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const last = found.at(-1)?.id;
    const page = {
      direction: 'descending',
      limit: RESULTS_AT_ONCE,
      ...(last === undefined ? {} : { after: last }),
    } as const;
    const { records } = await store.results.results({}, page);
    found.push(...records.filter(({ id }) => id > above));
    const oldest = records.at(-1)?.id;
    if (oldest === undefined || oldest <= above || records.length < RESULTS_AT_ONCE) break;
  }
  return found;
}

function eventsOf(result: Result): readonly WebhookEvent[] {
  const { change } = result;
  return [
    'result',
    ...(result.decides ? ['verdict' as const] : []),
    ...(change === 'regression' || change === 'fixed' ? [change] : []),
  ];
}

async function send(
  { store, poster, now, log }: WebhookSender,
  { webhook, delivery }: { readonly webhook: Webhook; readonly delivery: Delivery },
  signal: AbortSignal,
): Promise<void> {
  const result = await store.results.result(delivery.resultId);
  if (result === undefined)
    return store.access.deliveryEnded(delivery.id, { kind: 'failed', error: 'its result is gone' });
  const at = String(Math.floor(now().getTime() / 1000));
  const body = JSON.stringify({ id: delivery.id, event: delivery.event, rebuild: result });
  const headers = {
    'x-reproof-event': delivery.event,
    'x-reproof-delivery': String(delivery.id),
    'x-reproof-timestamp': at,
    'x-reproof-signature': signatureOf(webhook.secret, at, body),
  };
  const error = await poster.post(webhook.url, { body, headers }, signal).then(
    (status) => (status >= 200 && status < 300 ? undefined : `it answered ${status}`),
    (cause: unknown) => (isReproofError(cause) ? cause.message : String(cause)).slice(0, 300),
  );
  if (error === undefined) return store.access.deliveryEnded(delivery.id, { kind: 'delivered' });
  log({ level: 'warn', message: 'a webhook was not reached', facts: { webhook: webhook.id, error } });
  const wait = FIRST_WAIT_SECONDS * 2 ** (delivery.tries - 1);
  const nextTryAt = new Date(now().getTime() + wait * 1000).toISOString();
  await store.access.deliveryEnded(delivery.id, {
    kind: 'failed',
    error,
    ...(delivery.tries < MOST_TRIES ? { nextTryAt } : {}),
  });
}

/** `sha256=` and the HMAC-SHA256, in hex, of the time (seconds since 1970), a dot and the body. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
