import { createAccessStore } from './access/access-store.ts';
import { insertAudit } from './access/audit.ts';
import type { AccessStore, AuditEntry } from './access/types.ts';
import type { Database, Queries } from './database.ts';
import { createJobStore } from './jobs/index.ts';
import type { JobStore } from './jobs/types.ts';

/** What people change: the queue, and who may do what. */
export type Changeable = { readonly jobs: JobStore; readonly access: AccessStore };

/**
 * Makes a change and notes it in the audit log in one transaction: neither is there without the other. `change` may run
 * again where another writer was in the way, and does nothing beside the stores it is given. Without an entry nothing is
 * noted.
 */
export type Noted = <T>(
  change: (stores: Changeable) => Promise<T>,
  entryOf: (value: T) => Omit<AuditEntry, 'id' | 'at'> | undefined,
) => Promise<T>;

/** Noted of any dialect's database. */
export function createNoted(database: Database): Noted {
  return (change, entryOf) =>
    database.write('changing and noting it', async (db) => {
      const inside = within(database, db);
      const value = await change({ jobs: createJobStore(inside), access: createAccessStore(inside) });
      const entry = entryOf(value);
      if (entry !== undefined) await insertAudit(db, { ...entry, at: database.now() });
      return value;
    });
}

/** The database as it is inside a transaction: what is read and written is part of that. */
function within(database: Database, db: Queries): Database {
  const here = <T>(_doing: string, work: (db: Queries) => Promise<T>): Promise<T> => work(db);
  return { ...database, read: here, readAside: here, write: here };
}
