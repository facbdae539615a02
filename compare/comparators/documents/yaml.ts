import type { JsonValue } from '../../../formats/index.ts';
import type { LeafComparator } from '../../types.ts';
import { describeChanges, jsonChanges } from './json-changes.ts';
import { explainAsText } from './text.ts';
import { readTextPair } from './text-pair.ts';
import type { YamlValues } from './yaml-values.ts';

const BYTES = 256 * 1024;
const FIELDS = 50;

/** YAML, told by its name: which values differ, by path, or that the same is written otherwise; and its lines. */
export const yaml: LeafComparator = {
  kind: 'leaf',
  id: 'yaml',
  recognizes: (_head, name) => /\.ya?ml$/.test(name),
  async *explain(left, right, context) {
    const texts = await readTextPair(left, right, Math.min(BYTES, context.budget.limits.textBytes));
    // Its parser is larger than all that reads packages.
    const { readYaml } = await import('./yaml-values.ts');
    const [old, now] = texts?.map(readYaml) ?? [];
    if (old === undefined || now === undefined) {
      yield { kind: 'declined' };
      return;
    }
    yield* explainAsText(left, right, context);
    const values = jsonChanges(whole(old.documents), whole(now.documents), FIELDS);
    const named = ({ anchors: entries }: YamlValues): JsonValue => ({ kind: 'object', entries });
    const anchors = jsonChanges(named(old), named(now), FIELDS);
    // Where an anchor stands elsewhere, the same alias is another value.
    yield* describeChanges({ ...values, equal: values.equal && anchors.equal }, 'YAML');
    yield { kind: 'fields', fields: anchors.fields.map((field) => ({ ...field, name: `anchor ${field.name}` })) };
  },
};

/** One document alone, several as a list. */
function whole(documents: readonly JsonValue[]): JsonValue {
  const [only] = documents;
  return documents.length === 1 && only !== undefined ? only : { kind: 'array', items: documents };
}
