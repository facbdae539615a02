import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { JsonEntry, JsonValue } from '../../../formats/index.ts';

const DEPTH = 200;

/**
 * The documents of a YAML text as values that can be compared by path; undefined for what is no YAML, has keys that are
 * no scalars, or is nested deeper than people write. Aliases are not followed, so nothing grows. The caller bounds the
 * length of the text: the parser takes seconds for a megabyte.
 */
export function readYaml(text: string): readonly JsonValue[] | undefined {
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
    if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
    return documents.map(({ contents }) => asValue(contents, 0));
  } catch (error) {
    // The parser runs out of stack on hostile nesting, and no list of what else it throws is kept.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function asValue(node: unknown, depth: number): JsonValue {
  if (depth > DEPTH) throw new RangeError('YAML nested too deep');
  if (isAlias(node)) return { kind: 'literal', text: `*${node.source}` };
  if (isMap(node)) return tagged(node.tag, { kind: 'object', entries: node.items.map((pair) => entryOf(pair, depth)) });
  if (isSeq(node))
    return tagged(node.tag, { kind: 'array', items: node.items.map((item) => asValue(item, depth + 1)) });
  if (!isScalar(node)) return { kind: 'literal', text: 'null' };
  if (typeof node.value === 'string') return tagged(node.tag, { kind: 'string', text: JSON.stringify(node.value) });
  return tagged(node.tag, { kind: 'literal', text: node.source ?? String(node.value) });
}

function entryOf({ key, value }: { readonly key: unknown; readonly value: unknown }, depth: number): JsonEntry {
  if (!isScalar(key)) throw new RangeError('YAML with a key that is no scalar');
  const name = String(key.value);
  return { key: name, text: JSON.stringify(name), value: asValue(value, depth + 1) };
}

/** A value with a tag is another value than without. */
function tagged(tag: string | undefined, value: JsonValue): JsonValue {
  return tag === undefined ? value : { kind: 'object', entries: [{ key: tag, text: JSON.stringify(tag), value }] };
}
