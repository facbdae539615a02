import type { Database } from '../database.ts';
import { auditStore } from './audit.ts';
import { tokenStore } from './tokens.ts';
import type { AccessStore } from './types.ts';
import { webhookStore } from './webhooks.ts';
import { workerStore } from './workers.ts';

/** Who may do what, over any dialect's database. */
export function createAccessStore(database: Database): AccessStore {
  return { ...tokenStore(database), ...workerStore(database), ...auditStore(database), ...webhookStore(database) };
}
