import { isReproofError, type RebuildRecord, ReproofError } from '../../model/index.ts';
import type { RebuildSummary, Store } from '../store/index.ts';

const ID_PATTERN = /^[0-9a-z]{12}$/;
/** deb-src-control(5): what a source package's name and version are made of. */
const TARGET_PATTERN = /^(?:debian:)?([a-z0-9][a-z0-9+.-]+)(?:[=@]([0-9A-Za-z.+:~-]+))?$/;
const MOST_LOOKED_AT = 10_000;

/**
 * Finds a rebuild by its id, by a source package (the newest of it: less, debian:less, less=668-1), or by the
 * beginning of an id. Throws RECORD_UNKNOWN.
 */
export async function findRebuild(store: Store, wanted: string): Promise<RebuildSummary> {
  if (ID_PATTERN.test(wanted)) {
    const found = await store.rebuild(wanted).catch((error: unknown) => {
      if (!isReproofError(error, 'RECORD_UNKNOWN')) throw error;
    });
    if (found !== undefined) return found;
  }
  const [, source, version] = TARGET_PATTERN.exec(wanted) ?? [];
  if (source !== undefined) {
    const all = await store.rebuilds({ source, limit: version === undefined ? 1 : MOST_LOOKED_AT });
    const newest = all.find((summary) => version === undefined || summary.version === version);
    if (newest !== undefined) return newest;
  }
  if (/[:=@]/.test(wanted))
    throw new ReproofError('RECORD_UNKNOWN', `looking for a rebuild of ${JSON.stringify(wanted)}: there is none`);
  return store.rebuild(wanted);
}

/** The same, and its record. Throws RECORD_UNKNOWN for an unfinished one, too. */
export async function findRecord(store: Store, wanted: string): Promise<RebuildRecord> {
  const { id, lastStage } = await findRebuild(store, wanted);
  const record = await store.record(id);
  if (record !== undefined) return record;
  throw new ReproofError(
    'RECORD_UNKNOWN',
    `reading the record of rebuild ${id}: it is unfinished (${lastStage === undefined ? 'no stage is' : `as far as ${lastStage}`} done)`,
    { context: { id } },
  );
}
