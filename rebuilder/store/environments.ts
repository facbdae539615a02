import type { Selectable } from 'kysely';
import type { Sha256 } from '../../model/index.ts';
import type { Database } from './database.ts';
import type { EnvironmentTable } from './tables.ts';

/** What was made from a lock, and is held ready by an engine of this machine. Times are ISO 8601 in UTC. */
export type StoredEnvironment = {
  readonly lockDigest: Sha256;
  readonly rootfsDigest: Sha256;
  /** The engine's own id of the image. */
  readonly imageId: string;
  readonly engineId: string;
  readonly bytes: number;
  readonly createdAt: string;
  readonly lastUsedAt: string;
};

/**
 * Environments held ready: a cache, one for each lock and engine, that may be pruned. What stays, append-only, is
 * which root file systems each lock was ever seen to give.
 */
export interface Environments {
  /** What `engineId` holds ready for a lock, or undefined. */
  environment(lockDigest: Sha256, engineId: string): Promise<StoredEnvironment | undefined>;
  /** Notes a new environment, in place of the engine's earlier one for that lock. */
  saveEnvironment(made: Omit<StoredEnvironment, 'createdAt' | 'lastUsedAt'>): Promise<void>;
  /** Notes that an environment was used now. Unknown ones are not minded: they were pruned meanwhile. */
  touchEnvironment(lockDigest: Sha256, engineId: string): Promise<void>;
  /** All of them, the one unused for longest first. */
  environments(): Promise<readonly StoredEnvironment[]>;
  /** Forgets one, after its image was removed. */
  forgetEnvironment(lockDigest: Sha256, engineId: string): Promise<void>;
  /** Every root file system that a lock gave, sorted. More than one: it is not reproducible. */
  rootfsDigests(lockDigest: Sha256): Promise<readonly Sha256[]>;
}

/** Environments over any dialect's database. */
export function createEnvironments(database: Database): Environments {
  return {
    environment: (lockDigest, engineId) =>
      database.read(`looking up the environment of lock ${lockDigest}`, async (db) => {
        const row = await db
          .selectFrom('environment')
          .selectAll()
          .where('lock_digest', '=', lockDigest)
          .where('engine_id', '=', engineId)
          .executeTakeFirst();
        return row && fromRow(row);
      }),
    saveEnvironment: (made) => saveEnvironment(database, made),
    touchEnvironment: async (lockDigest, engineId) => {
      await database.write(`noting the use of environment ${lockDigest}`, (db) =>
        db
          .updateTable('environment')
          .set({ last_used_at: database.now() })
          .where('lock_digest', '=', lockDigest)
          .where('engine_id', '=', engineId)
          .execute(),
      );
    },
    environments: () =>
      database.read('listing environments', async (db) => {
        const rows = await db
          .selectFrom('environment')
          .selectAll()
          .orderBy('last_used_at')
          .orderBy('lock_digest')
          .orderBy('engine_id')
          .execute();
        return rows.map(fromRow);
      }),
    forgetEnvironment: async (lockDigest, engineId) => {
      await database.write(`forgetting environment ${lockDigest}`, (db) =>
        db.deleteFrom('environment').where('lock_digest', '=', lockDigest).where('engine_id', '=', engineId).execute(),
      );
    },
    rootfsDigests: (lockDigest) =>
      database.read(`listing what lock ${lockDigest} gave`, async (db) => {
        const rows = await db
          .selectFrom('rootfs')
          .select('rootfs_digest')
          .where('lock_digest', '=', lockDigest)
          .orderBy('rootfs_digest')
          .execute();
        return rows.map((row) => row.rootfs_digest);
      }),
  };
}

async function saveEnvironment(
  database: Database,
  made: Omit<StoredEnvironment, 'createdAt' | 'lastUsedAt'>,
): Promise<void> {
  const now = database.now();
  const values = {
    rootfs_digest: made.rootfsDigest,
    image_id: made.imageId,
    bytes: made.bytes,
    created_at: now,
    last_used_at: now,
  };
  await database.write(`noting environment ${made.lockDigest}`, async (db) => {
    await db
      .insertInto('environment')
      .values({ lock_digest: made.lockDigest, engine_id: made.engineId, ...values })
      .onConflict((conflict) => conflict.columns(['lock_digest', 'engine_id']).doUpdateSet(values))
      .execute();
    await db
      .insertInto('rootfs')
      .values({ lock_digest: made.lockDigest, rootfs_digest: made.rootfsDigest, seen_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

function fromRow(row: Selectable<EnvironmentTable>): StoredEnvironment {
  return {
    lockDigest: row.lock_digest,
    rootfsDigest: row.rootfs_digest,
    imageId: row.image_id,
    engineId: row.engine_id,
    // PostgreSQL's client gives a bigint as text.
    bytes: Number(row.bytes),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}
