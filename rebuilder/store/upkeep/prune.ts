import type { Sha256 } from '../../../model/index.ts';
import type { Database } from '../database.ts';
import type { BlobStore } from '../types.ts';
import { alone } from './alone.ts';
import { type HeldBlob, type Holder, rebuildHolders, resultHolders } from './holders.ts';

/** What is kept for how long. Undefined: for ever. */
export type RetentionRules = {
  readonly logSeconds?: number;
  readonly fileSeconds?: number;
  /** So many of the newest of each build input keep everything, however old; 1 at least. */
  readonly newest: number;
  /** What nothing refers to stays so long after it was put: somebody may be about to. */
  readonly graceSeconds: number;
};

export type Removed = { readonly blobs: number; readonly bytes: number };
export type Pruned = { readonly logs: Removed; readonly files: Removed; readonly orphans: Removed };

/**
 * Removes blobs that the rules let go, or only counts them. Records, differences, reports and attestations stay, and so
 * does everything of a result that decides now and of an unfinished rebuild. That a log or file went by a rule is noted
 * before it goes: a crash in between leaves it to the next time. Safe beside servers and workers; a backup of the data folder must not run, and does not: STORE_BUSY. Memory grows with the
 * number of blobs, about 100 bytes each.
 */
export async function prune(
  store: { readonly data: string; readonly database: Database; readonly blobs: BlobStore },
  rules: RetentionRules,
  { really }: { readonly really: boolean },
): Promise<Pruned> {
  const work = () => pruneBlobs(store, rules, really);
  return really ? alone(store.data, 'deleting what the rules let go', work) : work();
}

async function pruneBlobs(
  { database, blobs }: { readonly database: Database; readonly blobs: BlobStore },
  rules: RetentionRules,
  really: boolean,
): Promise<Pruned> {
  const now = database.now();
  const { kept, expired } = await judgeBlobs(database, rules, now);
  const putBefore = secondsBefore(now, rules.graceSeconds);
  const removed = { logs: { blobs: 0, bytes: 0 }, files: { blobs: 0, bytes: 0 }, orphans: { blobs: 0, bytes: 0 } };
  for await (const { sha256, size, storedAt } of blobs.list()) {
    if (kept.has(sha256) || storedAt >= putBefore) continue;
    const use = expired.get(sha256);
    if (really) {
      if (use !== undefined) await notePruned(database, { sha256, pruned_at: now, kind: use });
      if (!(await blobs.remove(sha256, putBefore))) continue;
    }
    const count = removed[use === undefined ? 'orphans' : use === 'log' ? 'logs' : 'files'];
    count.blobs++;
    count.bytes += size;
  }
  return removed;
}

/** Which blobs have to stay, and which only old holders refer to. */
async function judgeBlobs(database: Database, rules: RetentionRules, now: string) {
  const kept = new Set<Sha256>();
  const expired = new Map<Sha256, 'log' | 'file'>();
  const keeps = keeper(rules, now);
  const byRebuild = new Map<string, Stay>();
  const judge = (holder: Holder, stay: Stay): void => {
    for (const { sha256, use } of holder.blobs) {
      if (use === 'evidence' || stay[use]) kept.add(sha256);
      else expired.set(sha256, use);
    }
  };
  for await (const holder of resultHolders(database)) {
    const stay = keeps(holder);
    if (holder.rebuildId !== undefined) byRebuild.set(holder.rebuildId, stay);
    judge(holder, stay);
  }
  for await (const holder of rebuildHolders(database))
    judge(holder, byRebuild.get(holder.rebuildId ?? '') ?? keeps(holder));
  return { kept, expired };
}

type Stay = Readonly<Record<Exclude<HeldBlob['use'], 'evidence'>, boolean>>;

/** Says of holders, given the newest first, which of their blobs stay. */
function keeper(rules: RetentionRules, now: string): (holder: Holder) => Stay {
  const seen = new Map<string, number>();
  const since = (seconds: number | undefined): string => (seconds === undefined ? '' : secondsBefore(now, seconds));
  const logsSince = since(rules.logSeconds);
  const filesSince = since(rules.fileSeconds);
  return ({ group, at, kept }) => {
    const newer = seen.get(group) ?? 0;
    seen.set(group, newer + 1);
    const whole = kept || newer < Math.max(rules.newest, 1);
    return { log: whole || at >= logsSince, file: whole || at >= filesSince };
  };
}

/** Notes that a blob goes because a rule says so, before it goes. */
export async function notePruned(
  database: Database,
  row: { readonly sha256: Sha256; readonly pruned_at: string; readonly kind: string },
): Promise<void> {
  await database.write(`noting that blob ${row.sha256} goes`, (db) =>
    db
      .insertInto('pruned_blob')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}

function secondsBefore(time: string, seconds: number): string {
  return new Date(Date.parse(time) - seconds * 1000).toISOString();
}
