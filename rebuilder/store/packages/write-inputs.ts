import type { Queries } from '../database.ts';
import type { NewInput } from './changes.ts';
import { rowInserter } from './insert-rows.ts';
import { pieces } from './pieces.ts';

const PIECE = 200;

/** Ids in the order of the list, and which of them were stored before. */
export type WrittenInputs = { readonly ids: Int32Array; readonly before: ReadonlySet<number> };

/** Puts build inputs in, or finds those that are there by their keys. */
export async function insertInputs(
  db: Queries,
  inputs: readonly NewInput[],
  { distribution, now }: { readonly distribution: string; readonly now: string },
): Promise<WrittenInputs> {
  const ids = new Int32Array(inputs.length);
  const before = new Set<number>();
  const insert = rowInserter(db, 'build_input', ['id', 'key']);
  let at = 0;
  for (const piece of pieces(inputs, PIECE)) {
    const inserted = await insert(
      piece.map(({ key, release, source, version, architecture, component, url }) => ({
        key,
        distribution,
        source,
        version,
        architecture,
        release,
        component,
        url,
        added_at: now,
        build_failures: 0,
        our_failures: 0,
        differing: 0,
      })),
    );
    const byKey = new Map(inserted.map((row) => [row.key, row.id]));
    const missing = piece.filter(({ key }) => !byKey.has(key)).map(({ key }) => key);
    if (missing.length > 0) {
      const there = await db.selectFrom('build_input').select(['id', 'key']).where('key', 'in', missing).execute();
      for (const row of there) {
        byKey.set(row.key, row.id);
        before.add(row.id);
      }
    }
    for (const { key } of piece) ids[at++] = byKey.get(key) as number;
  }
  return { ids, before };
}
