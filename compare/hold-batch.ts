import { bufferSource } from './buffer-source.ts';
import type { ByteSource } from './byte-source.ts';
import { isNote, noteOf } from './error-notes.ts';
import { bothOf } from './identity.ts';
import type { MemberHolder } from './member-holder.ts';
import type { Batch } from './member-nodes.ts';
import type { MemberSet } from './members.ts';
import type { DifferingPair } from './pairing.ts';

type Both<Side> = Readonly<Record<'left' | 'right', Side>>;

/** A pair of a batch with what it is read from. */
export type HeldPair = Both<ByteSource> & { readonly pair: DifferingPair };

/** The pairs of a batch, in memory; from their containers when they could not be read together. */
export async function holdBatch(
  members: Both<MemberSet>,
  holders: Both<MemberHolder>,
  batch: Batch,
  notes: string[],
): Promise<readonly HeldPair[]> {
  const held = await heldBytes(holders, batch, notes);
  const source = (side: 'left' | 'right', pair: DifferingPair): ByteSource => {
    const bytes = held?.[side].get(pair[side].key);
    return bytes === undefined ? members[side].source(pair[side]) : bufferSource(pair[side].name, bytes);
  };
  return batch.pairs.map((pair) => ({ pair, left: source('left', pair), right: source('right', pair) }));
}

/** Undefined when they could not be read together, and each is then tried alone. */
async function heldBytes(
  holders: Both<MemberHolder>,
  batch: Batch,
  notes: string[],
): Promise<Both<ReadonlyMap<string, Buffer>> | undefined> {
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
