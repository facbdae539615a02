import { inStep } from '../../identity.ts';
import type { LeafComparator } from '../../types.ts';

const WITNESS_BYTES = 16;

/** Anything at all: where the first byte differs, how many do, and a few of them. The last to be asked. */
export const bytes: LeafComparator = {
  kind: 'leaf',
  id: 'bytes',
  recognizes: () => true,
  async *explain(left, right) {
    const sizes = [0, 0] as [number, number];
    let first: number | undefined;
    let differing = 0;
    const witness = [Buffer.alloc(0), Buffer.alloc(0)] as [Buffer, Buffer];
    const sample = (side: 0 | 1, piece: Uint8Array): void => {
      if (witness[side].length < WITNESS_BYTES)
        witness[side] = Buffer.concat([witness[side], piece.subarray(0, WITNESS_BYTES - witness[side].length)]);
    };
    for await (const step of inStep(left, right)) {
      sizes[0] += step.left.length;
      sizes[1] += step.right.length;
      let from = first === undefined ? -1 : 0;
      const common = Math.min(step.left.length, step.right.length);
      if (common > 0 && Buffer.compare(step.left, step.right) !== 0) {
        for (let index = 0; index < common; index++) {
          if (step.left[index] === step.right[index]) continue;
          differing++;
          if (from < 0) from = index;
        }
      } else if (common === 0 && from < 0) from = 0;
      if (from < 0) continue;
      first ??= step.offset + from;
      sample(0, step.left.subarray(from));
      sample(1, step.right.subarray(from));
    }
    if (first === undefined) return;
    const within = Math.min(...sizes);
    yield {
      kind: 'detail',
      text: `first difference at byte ${first}; ${differing} of ${within} bytes differ in place`,
      left: spaced(witness[0]),
      right: spaced(witness[1]),
    };
  },
};

function spaced(sample: Buffer): string {
  return sample.toString('hex').replace(/..(?=.)/g, '$& ');
}
