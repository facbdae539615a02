import type { Selectable } from 'kysely';
import { canonicalJson } from '../../../model/index.ts';
import type { Database } from '../database.ts';
import { pageById } from './paged.ts';
import type { DeliveryTable, WebhookTable } from './tables.ts';
import type { AccessStore, Delivery, Webhook } from './types.ts';

const ROWS_AT_ONCE = 500;

type WebhookMethods =
  | 'createWebhook'
  | 'webhooks'
  | 'removeWebhook'
  | 'putDeliveries'
  | 'takeDeliveries'
  | 'deliveryEnded'
  | 'deliveries';

/** Who is told of results, and what is on its way to them. */
export function webhookStore(database: Database): Pick<AccessStore, WebhookMethods> {
  return {
    createWebhook: (webhook) => createWebhook(database, webhook),
    webhooks: () =>
      database.read('listing webhooks', async (db) =>
        (await db.selectFrom('webhook').selectAll().orderBy('id').execute()).map(webhookOf),
      ),
    removeWebhook: (id) =>
      database.write('removing a webhook', async (db) => {
        await db.deleteFrom('delivery').where('webhook_id', '=', id).execute();
        const { numDeletedRows } = await db.deleteFrom('webhook').where('id', '=', id).executeTakeFirstOrThrow();
        return numDeletedRows === 1n;
      }),
    putDeliveries: (webhookId, events, lastResultId) => putDeliveries(database, { webhookId, events, lastResultId }),
    takeDeliveries: (limit, holdSeconds) => takeDeliveries(database, limit, holdSeconds),
    deliveryEnded: (id, outcome) => deliveryEnded(database, id, outcome),
    deliveries: (webhookId, page) =>
      database.read('listing deliveries', async (db) => {
        const of = db.selectFrom('delivery').where('webhook_id', '=', webhookId);
        const { total } = await of.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
        const rows = await pageById(of.selectAll(), page).execute();
        return { total: Number(total), records: rows.map(deliveryOf) };
      }),
  };
}

async function createWebhook(
  database: Database,
  webhook: Parameters<AccessStore['createWebhook']>[0],
): Promise<Webhook> {
  const row = {
    url: webhook.url,
    secret: webhook.secret,
    events: canonicalJson(webhook.events),
    created_at: database.now(),
    disabled_at: null,
    last_result_id: webhook.lastResultId,
  };
  return database.write('adding a webhook', async (db) => {
    const { id } = await db.insertInto('webhook').values(row).returning('id').executeTakeFirstOrThrow();
    return webhookOf({ id, ...row });
  });
}

async function putDeliveries(
  database: Database,
  put: {
    readonly webhookId: number;
    readonly events: readonly { readonly event: string; readonly resultId: number }[];
    readonly lastResultId: number;
  },
): Promise<void> {
  const now = database.now();
  const rows = put.events.map(({ event, resultId }) => ({
    webhook_id: put.webhookId,
    event,
    result_id: resultId,
    tries: 0,
    next_try_at: now,
    delivered_at: null,
    error: null,
  }));
  await database.write('putting events on their way', async (db) => {
    const { numUpdatedRows } = await db
      .updateTable('webhook')
      .set((set) => ({
        last_result_id: set
          .case()
          .when('last_result_id', '>', put.lastResultId)
          .then(set.ref('last_result_id'))
          .else(put.lastResultId)
          .end(),
      }))
      .where('id', '=', put.webhookId)
      .executeTakeFirstOrThrow();
    // It was removed meanwhile.
    if (numUpdatedRows === 0n) return;
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
      await db
        .insertInto('delivery')
        .values(rows.slice(start, start + ROWS_AT_ONCE))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
  });
}

async function takeDeliveries(database: Database, limit: number, holdSeconds: number): Promise<readonly Delivery[]> {
  const now = database.now();
  const until = new Date(Date.parse(now) + holdSeconds * 1000).toISOString();
  return database.write('taking events that are due', async (db) => {
    const due = await db
      .selectFrom('delivery')
      .select('id')
      .where('delivered_at', 'is', null)
      .where('next_try_at', '<=', now)
      .orderBy('next_try_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    if (due.length === 0) return [];
    const rows = await db
      .updateTable('delivery')
      .set((set) => ({ next_try_at: until, tries: set('tries', '+', 1) }))
      .where(
        'id',
        'in',
        due.map(({ id }) => id),
      )
      // Another server may have taken one since it was read.
      .where('next_try_at', '<=', now)
      .returningAll()
      .execute();
    return rows.map(deliveryOf).sort((left, right) => left.id - right.id);
  });
}

async function deliveryEnded(
  database: Database,
  id: number,
  outcome: Parameters<AccessStore['deliveryEnded']>[1],
): Promise<void> {
  await database.write('noting how a delivery ended', async (db) => {
    await db
      .updateTable('delivery')
      .set(
        outcome.kind === 'delivered'
          ? { delivered_at: database.now(), next_try_at: null, error: null }
          : { next_try_at: outcome.nextTryAt ?? null, error: outcome.error },
      )
      .where('id', '=', id)
      .execute();
  });
}

function webhookOf(row: Selectable<WebhookTable>): Webhook {
  return {
    id: row.id,
    url: row.url,
    secret: row.secret,
    events: JSON.parse(row.events) as readonly string[],
    createdAt: row.created_at,
    ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at }),
    lastResultId: row.last_result_id,
  };
}

function deliveryOf(row: Selectable<DeliveryTable>): Delivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    event: row.event,
    resultId: row.result_id,
    tries: row.tries,
    ...(row.next_try_at === null ? {} : { nextTryAt: row.next_try_at }),
    ...(row.delivered_at === null ? {} : { deliveredAt: row.delivered_at }),
    ...(row.error === null ? {} : { error: row.error }),
  };
}
