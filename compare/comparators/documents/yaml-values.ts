import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Scalar } from 'yaml';
import type { JsonEntry, JsonValue } from '../../../formats/index.ts';

const DEPTH = 200;

export type YamlValues = {
  readonly documents: readonly JsonValue[];
  /** By the names of anchors, in the order they stand: the paths of what aliases of that name mean from there on. */
  readonly anchors: readonly JsonEntry[];
};

/**
 * The documents of a YAML text as values that can be compared by path; undefined for what is no YAML, has keys that are
 * no scalars, or is nested deeper than people write. Aliases are not followed, so nothing grows. The caller bounds the
 * length of the text: the parser takes seconds for a megabyte.
 */
export function readYaml(text: string): YamlValues | undefined {
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
    if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
    const anchors: JsonEntry[] = [];
    const read = documents.map(({ contents }, index) =>
      new Reader(anchors).value(contents, { path: documents.length === 1 ? '' : `[${index}]`, depth: 0 }),
    );
    return { documents: read, anchors };
  } catch (error) {
    // The parser runs out of stack on hostile nesting, and no list of what else it throws is kept.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

type Place = { readonly path: string; readonly depth: number };

class Reader {
  readonly #anchors: JsonEntry[];

  constructor(anchors: JsonEntry[]) {
    this.#anchors = anchors;
  }

  value(node: unknown, place: Place): JsonValue {
    const { path, depth } = place;
    if (depth > DEPTH) throw new RangeError('YAML nested too deep');
    if (isAlias(node)) return { kind: 'literal', text: `*${node.source}` };
    this.#keep(node, `at ${path === '' ? 'the top' : path}`);
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }) => this.#entry(key, value, place));
      return tagged(node.tag, { kind: 'object', entries });
    }
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.value(item, { path: `${path}[${index}]`, depth: depth + 1 }));
      return tagged(node.tag, { kind: 'array', items });
    }
    return isScalar(node) ? scalarOf(node) : { kind: 'literal', text: 'null' };
  }

  #entry(key: unknown, value: unknown, { path, depth }: Place): JsonEntry {
    if (!isScalar(key)) throw new RangeError('YAML with a key that is no scalar');
    const name = nameOf(key.value);
    this.#keep(key, `at a key of ${path === '' ? 'the top' : path}: ${name}`);
    const inside = { path: path === '' ? name : `${path}.${name}`, depth: depth + 1 };
    return { key: name, text: JSON.stringify(name), value: this.value(value, inside) };
  }

  #keep(node: unknown, where: string): void {
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    const { anchor } = node;
    if (anchor === undefined) return;
    this.#anchors.push({ key: anchor, text: JSON.stringify(anchor), value: { kind: 'literal', text: where } });
  }
}

function scalarOf({ tag, value, source }: Scalar): JsonValue {
  if (typeof value !== 'string') return tagged(tag, { kind: 'literal', text: source ?? String(value) });
  return tagged(tag, { kind: 'string', text: JSON.stringify(value) });
}

/** Of texts that would be none without quotes (YAML 1.2.2 section 10.3.2), with the quotes: the number 1 is another key. */
function nameOf(key: unknown): string {
  return typeof key === 'string' && NO_TEXT.test(key) ? JSON.stringify(key) : String(key);
}
const NO_TEXT =
  /^(?:|~|null|true|false|0o[0-7]+|0x[\da-f]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?|[-+]?\.inf|\.nan)$/i;

/** A value with a tag is another value than without. */
function tagged(tag: string | undefined, value: JsonValue): JsonValue {
  return tag === undefined ? value : { kind: 'object', entries: [{ key: tag, text: JSON.stringify(tag), value }] };
}
