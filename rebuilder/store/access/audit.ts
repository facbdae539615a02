import { canonicalJson } from '../../../model/index.ts';
import type { Database } from '../database.ts';
import { pageById } from './paged.ts';
import type { AccessStore } from './types.ts';

/** Who changed what, when: written, never changed. */
export function auditStore(database: Database): Pick<AccessStore, 'audit' | 'auditLog'> {
  return {
    audit: (entry) =>
      database.write('noting a change', async (db) => {
        await db
          .insertInto('audit')
          .values({
            at: database.now(),
            actor: entry.actor,
            action: entry.action,
            subject: entry.subject,
            detail: canonicalJson(entry.detail ?? null),
          })
          .execute();
      }),
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
