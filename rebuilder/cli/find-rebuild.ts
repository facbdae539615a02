import { isReproofError, type RebuildRecord, ReproofError } from '../../model/index.ts';
import { parseTarget } from '../ecosystem/debian/target.ts';
import type { RebuildSummary, Store } from '../store/index.ts';

const ID_PATTERN = /^[0-9a-z]{12}$/;
const MOST_LOOKED_AT = 10_000;

/**
 * Finds a rebuild by its id, by a source package (the newest of it: less, debian:less=668-1, pkg:deb/debian/less), or
 * by the beginning of an id, in this order. Throws RECORD_UNKNOWN, TARGET_SYNTAX.
 */
export async function findRebuild(store: Store, wanted: string): Promise<RebuildSummary> {
  const byId = async (): Promise<RebuildSummary | undefined> => {
    try {
      return await store.rebuild(wanted);
    } catch (error) {
      if (isReproofError(error, 'RECORD_UNKNOWN')) return undefined;
      throw error;
    }
  };
  const found = (ID_PATTERN.test(wanted) ? await byId() : undefined) ?? (await newestOf(store, wanted));
  if (found !== undefined) return found;
  if (/[:=/]/.test(wanted))
    throw new ReproofError('RECORD_UNKNOWN', `looking for a rebuild of ${JSON.stringify(wanted)}: there is none`);
  return store.rebuild(wanted);
}

async function newestOf(store: Store, wanted: string): Promise<RebuildSummary | undefined> {
  const text = /^[a-z0-9][a-z0-9+.-]+(?:=|$)/.test(wanted) ? `debian:${wanted}` : wanted;
  if (!/^(?:debian|pkg):/.test(text)) return undefined;
  const target = parseTarget(text);
  if (target.kind !== 'name') return undefined;
  const { name, version, suite, architecture } = target;
  const all = await store.rebuilds({
    source: name,
    ...(suite === undefined ? {} : { suite }),
    limit: MOST_LOOKED_AT,
  });
  return all.find(
    (summary) =>
      (version === undefined || summary.version === version) &&
      (architecture === undefined || summary.architecture === architecture),
  );
}

/** The same, and its record. Throws RECORD_UNKNOWN for an unfinished one, too. */
export async function findRecord(store: Store, wanted: string): Promise<RebuildRecord> {
  const { id, lastStage } = await findRebuild(store, wanted);
  const record = await store.record(id);
  if (record !== undefined) return record;
  const far = lastStage === undefined ? 'no stage is done' : `${lastStage} was its last stage`;
  throw new ReproofError(
    'RECORD_UNKNOWN',
    `reading the record of rebuild ${id}: it is unfinished, ${far}; go on with reproof resume ${id}`,
    {
      context: { id },
    },
  );
}
