import { readSphinxInventory } from '../../../formats/index.ts';
import { bothOf, readEach } from '../../identity.ts';
import { readWhole } from '../../read-whole.ts';
import type { LeafComparator } from '../../types.ts';
import { compareFacts } from './facts.ts';

/** Sphinx's objects.inv: project, version, and the objects, which stand compressed in it, line by line. */
export const sphinxInventory: LeafComparator = {
  kind: 'leaf',
  id: 'sphinx-inventory',
  recognizes: (head) => Buffer.from(head.subarray(0, 27)).toString('latin1') === '# Sphinx inventory version ',
  async *explain(left, right, { budget: { limits } }) {
    const [old, now] = await bothOf(readWhole(left, limits.textBytes), readWhole(right, limits.textBytes));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not compared as an inventory: longer than ${limits.textBytes} bytes` };
      return;
    }
    const [one, other] = readEach([old, now], (bytes) => readSphinxInventory(bytes, limits.textBytes));
    yield* compareFacts(one.facts, other.facts, 'inventory');
    yield { kind: 'lines', left: one.lines, right: other.lines };
    const [lines, newLines] = [one.lines.join('\n'), other.lines.join('\n')];
    if (lines === newLines)
      yield { kind: 'reason', reason: { kind: 'compression', evidence: 'the unpacked inventory is equal' } };
    else if (one.lines.toSorted().join('\n') === other.lines.toSorted().join('\n'))
      yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same objects in another order' } };
  },
};
