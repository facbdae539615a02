import type { Migration } from 'kysely/migration';
import { rebuildsMigration } from './0001-rebuilds.ts';
import { cachesMigration } from './0002-caches.ts';
import { packagesMigration } from './0003-packages.ts';
import { jobsMigration } from './0004-jobs.ts';
import { resultsMigration } from './0005-results.ts';
import { accessMigration } from './0006-access.ts';
import { retentionMigration } from './0007-retention.ts';
import { causesMigration } from './0008-causes.ts';
import { dutiesMigration } from './0009-duties.ts';
import { testimoniesMigration } from './0010-testimonies.ts';

/** Every step from an empty file to today's tables, by name, in order. A step that was released is never changed. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-rebuilds': rebuildsMigration,
  '0002-caches': cachesMigration,
  '0003-packages': packagesMigration,
  '0004-jobs': jobsMigration,
  '0005-results': resultsMigration,
  '0006-access': accessMigration,
  '0007-retention': retentionMigration,
  '0008-causes': causesMigration,
  '0009-duties': dutiesMigration,
  '0010-testimonies': testimoniesMigration,
};
