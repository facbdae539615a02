import type { Migration } from 'kysely/migration';
import { rebuildsMigration } from './0001-rebuilds.ts';
import { cachesMigration } from './0002-caches.ts';

/** Every step from an empty file to today's tables, by name, in order. A step that was released is never changed. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-rebuilds': rebuildsMigration,
  '0002-caches': cachesMigration,
};
