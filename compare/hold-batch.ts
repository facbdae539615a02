import { isNote, noteOf } from './error-notes.ts';
import { bothOf } from './identity.ts';
import type { MemberHolder } from './member-holder.ts';
import type { Batch } from './member-nodes.ts';

/** The batch's contents; undefined when they could not be read together, and each is then tried alone. */
export async function holdBatch(
  holders: Readonly<Record<'left' | 'right', MemberHolder>>,
  batch: Batch,
  notes: string[],
): Promise<Readonly<Record<'left' | 'right', ReadonlyMap<string, Buffer>>> | undefined> {
  if (!batch.held) return undefined;
  try {
    const [left, right] = await bothOf(
      holders.left.hold(batch.pairs.map((pair) => pair.left)),
      holders.right.hold(batch.pairs.map((pair) => pair.right)),
    );
    return { left, right };
  } catch (error) {
    if (!isNote(error)) throw error;
    notes.push(noteOf(error));
    return undefined;
  }
}
