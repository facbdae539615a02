import { readKeyValues, readPropertiesDate } from '../../../formats/index.ts';
import { namedPairs } from '../../named-pairs.ts';
import type { Explanation } from '../../types.ts';
import { factsOfText } from './facts.ts';

const NAMES = /\.(?:properties|ini|desktop|cfg|toml|service|pc|conf)$/;

/** Files of keys and values, by their name or by the date that Java writes: keys that differ, and their order. */
export const keyValues = factsOfText({
  id: 'key-values',
  what: 'value',
  recognizes: (head, name) =>
    NAMES.test(name) || readPropertiesDate(Buffer.from(head.subarray(0, 2048)).toString('latin1')) !== undefined,
  facts: (text) => {
    const [date, values] = [readPropertiesDate(text), readKeyValues(text)];
    return values && [...(date === undefined ? [] : [{ name: 'date in a comment', value: date }]), ...values];
  },
  more: {
    read: (text) => (readKeyValues(text) ?? []).map(({ name }) => name),
    *explain(left, right): Generator<Explanation> {
      const { reordered } = namedPairs(left, right, (name) => name);
      if (reordered) yield { kind: 'reason', reason: { kind: 'order', evidence: 'keys in another order' } };
    },
  },
});
