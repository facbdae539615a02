import type { Selectable } from 'kysely';
import { canonicalJson, ReproofError } from '../../../model/index.ts';
import type { Database } from '../database.ts';
import type { Capabilities } from '../jobs/types.ts';
import type { Page, PageRequest } from '../page.ts';
import { insertAudit } from './audit.ts';
import { pageById } from './paged.ts';
import type { WorkerTable } from './tables.ts';
import type { AccessStore, Worker } from './types.ts';

type WorkerMethods = 'registerWorker' | 'workerByKey' | 'worker' | 'workers' | 'seen' | 'revokeWorker' | 'takeNonce';

/** Workers by their public keys, and the signed requests that were seen of each. */
export function workerStore(database: Database): Pick<AccessStore, WorkerMethods> {
  const find = async (column: 'id' | 'key', value: number | string): Promise<Worker | undefined> => {
    const row = await database.read('looking up a worker', (db) =>
      db.selectFrom('worker').selectAll().where(column, '=', value).executeTakeFirst(),
    );
    return row === undefined ? undefined : workerOf(row);
  };
  return {
    registerWorker: (worker) => registerWorker(database, worker),
    workerByKey: (key) => find('key', key),
    worker: (id) => find('id', id),
    workers: (page) => listWorkers(database, page),
    seen: (id, status) =>
      database.write('noting that a worker was heard of', async (db) => {
        await db
          .updateTable('worker')
          .set({ last_seen_at: database.now(), ...(status === undefined ? {} : { status }) })
          .where('id', '=', id)
          .execute();
      }),
    revokeWorker: (id) =>
      database.write('revoking a worker', async (db) => {
        const { numUpdatedRows } = await db
          .updateTable('worker')
          .set({ revoked_at: database.now() })
          .where('id', '=', id)
          .where('revoked_at', 'is', null)
          .executeTakeFirstOrThrow();
        return numUpdatedRows === 1n;
      }),
    takeNonce: (workerId, nonce, keepSeconds) => takeNonce(database, { workerId, nonce, keepSeconds }),
  };
}

async function registerWorker(
  database: Database,
  worker: Parameters<AccessStore['registerWorker']>[0],
): Promise<Worker> {
  const now = database.now();
  const current = {
    name: worker.name,
    last_seen_at: now,
    capabilities: canonicalJson(worker.capabilities),
    address: worker.address ?? null,
  };
  const { key, letInBy } = worker;
  return database.write('registering a worker', async (db) => {
    const known = await db.selectFrom('worker').select('id').where('key', '=', key).executeTakeFirst();
    const row = await db
      .insertInto('worker')
      .values({ ...current, key, kind: worker.kind, status: null, registered_at: now, revoked_at: null })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(current).where('worker.kind', '=', worker.kind))
      .returningAll()
      .executeTakeFirst();
    // Only one kind proves that it holds its key: the other must not speak for it.
    if (row === undefined)
      throw new ReproofError('ACCESS_DENIED', 'registering a worker: its key is that of a worker of another kind');
    if (known === undefined && letInBy !== undefined)
      await insertAudit(db, {
        at: now,
        actor: letInBy,
        action: 'worker.register',
        subject: `worker:${row.id}`,
        detail: { name: row.name, key, ...(row.address === null ? {} : { address: row.address }) },
      });
    return workerOf(row);
  });
}

async function listWorkers(database: Database, page: PageRequest<'id' | 'name'>): Promise<Page<Worker>> {
  return database.read('listing workers', async (db) => {
    const { total } = await db
      .selectFrom('worker')
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (page.sort !== 'name') {
      const rows = await pageById(db.selectFrom('worker').selectAll(), page).execute();
      return { total: Number(total), records: rows.map(workerOf) };
    }
    const down = page.direction === 'descending';
    let query = db.selectFrom('worker').selectAll();
    for (const [cursor, sign] of [
      [page.after, down ? '<' : '>'],
      [page.before, down ? '>' : '<'],
    ] as const) {
      if (cursor === undefined) continue;
      const at = await db.selectFrom('worker').select('name').where('id', '=', cursor).executeTakeFirst();
      if (at === undefined) return { total: Number(total), records: [] };
      query = query.where((where) =>
        where.or([where('name', sign, at.name), where.and([where('name', '=', at.name), where('id', sign, cursor)])]),
      );
    }
    query = query.orderBy('name', down ? 'desc' : 'asc').orderBy('id', down ? 'desc' : 'asc');
    const rows = await (page.limit === undefined ? query : query.limit(page.limit)).execute();
    return { total: Number(total), records: rows.map(workerOf) };
  });
}

async function takeNonce(
  database: Database,
  { workerId, nonce, keepSeconds }: { readonly workerId: number; readonly nonce: string; readonly keepSeconds: number },
): Promise<boolean> {
  const now = database.now();
  const oldest = new Date(Date.parse(now) - keepSeconds * 1000).toISOString();
  return database.write('noting a signed request', async (db) => {
    await db.deleteFrom('nonce').where('at', '<', oldest).execute();
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('nonce')
      .values({ worker_id: workerId, nonce, at: now })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  });
}

function workerOf(row: Selectable<WorkerTable>): Worker {
  return {
    id: row.id,
    name: row.name,
    key: row.key,
    kind: row.kind as Worker['kind'],
    ...(row.address === null ? {} : { address: row.address }),
    ...(row.status === null ? {} : { status: row.status }),
    registeredAt: row.registered_at,
    lastSeenAt: row.last_seen_at,
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
    capabilities: JSON.parse(row.capabilities) as Capabilities,
  };
}
