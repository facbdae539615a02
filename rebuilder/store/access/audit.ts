import { canonicalJson } from '../../../model/index.ts';
import type { Database, Queries } from '../database.ts';
import { pageById } from './paged.ts';
import type { AccessStore, AuditEntry } from './types.ts';

/** Who changed what, when: written, never changed. */
export function auditStore(database: Database): Pick<AccessStore, 'audit' | 'auditLog'> {
  return {
    audit: (entry) => database.write('noting a change', (db) => insertAudit(db, { ...entry, at: database.now() })),
    auditLog: (page) =>
      database.read('listing changes', async (db) => {
        const { total } = await db
          .selectFrom('audit')
          .select(({ fn }) => fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow();
        const rows = await pageById(db.selectFrom('audit').selectAll(), page).execute();
        return {
          total: Number(total),
          records: rows.map(({ id, at, actor, action, subject, detail }) => ({
            id,
            at,
            actor,
            action,
            subject,
            detail: JSON.parse(detail) as unknown,
          })),
        };
      }),
  };
}

/** Notes a change in the transaction that makes it. */
export async function insertAudit(db: Queries, entry: Omit<AuditEntry, 'id'>): Promise<void> {
  const { at, actor, action, subject, detail } = entry;
  await db
    .insertInto('audit')
    .values({ at, actor, action, subject, detail: canonicalJson(detail ?? null) })
    .execute();
}
