import { type JsonLimits, type JsonValue, readJson } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { escapeText } from '../../escape.ts';
import { ofBoth } from '../../identity.ts';
import type { Explanation, LeafComparator } from '../../types.ts';
import { describeChanges, jsonChanges } from './json-changes.ts';
import { prettyJson } from './json-lines.ts';
import { explainAsText } from './text.ts';
import { hasReadableLines, readTextPair, sameButForMark } from './text-pair.ts';

const LIMITS: JsonLimits = { depth: 200, values: 400_000 };
const FIELDS = 50;

/**
 * JSON and JSON lines: which values differ, by path; or that only the spelling, the order of keys or the white space
 * does. The lines that differ are always shown: the file's own, or its values one a line where it has no lines.
 */
export const json: LeafComparator = {
  kind: 'leaf',
  id: 'json',
  recognizes: (head) =>
    /^(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*(?:["{[\]]|-?\d|true\b|false\b|null\b))/.test(
      Buffer.from(head.subarray(0, 512)).toString('latin1'),
    ),
  async *explain(left, right, context) {
    const texts = await readTextPair(left, right, context.budget.limits.textBytes);
    const values = texts === undefined ? { why: undefined } : readBoth(texts, left.name.endsWith('.json'));
    if (texts === undefined || 'why' in values) {
      yield { kind: 'declined', ...('why' in values && values.why !== undefined ? { why: values.why } : {}) };
      return;
    }
    const [old, now] = values.read;
    const changes = jsonChanges(old, now, FIELDS);
    const [lines, newLines] = [prettyJson(old), prettyJson(now)];
    const sameText = lines.length === newLines.length && lines.every((line, index) => line === newLines[index]);
    if (texts.every(hasReadableLines) || sameText) yield* explainAsText(left, right, context);
    else yield { kind: 'lines', left: lines, right: newLines };
    yield* describeChanges(changes, 'JSON');
    if (!sameButForMark(texts)) yield* spelling(changes, sameText);
  },
};

function* spelling({ equal, reordered }: ReturnType<typeof jsonChanges>, sameText: boolean): Generator<Explanation> {
  if (!equal || reordered > 0) return;
  if (sameText) yield { kind: 'reason', reason: { kind: 'whitespace', evidence: 'the same JSON but for white space' } };
  else yield { kind: 'reason', reason: { kind: 'encoding', evidence: 'the same JSON strings, escaped otherwise' } };
}

type Both = { readonly read: readonly [JsonValue, JsonValue] } | { readonly why: string | undefined };

/** Text that only begins like JSON is no fault worth a note, unless its name says that it should be. */
function readBoth(texts: readonly [string, string], named: boolean): Both {
  try {
    const [old, now] = ofBoth(...texts, (one) => readJson(one, LIMITS));
    const [one, other] = [old[0] as JsonValue, now[0] as JsonValue];
    if (old.length === 1 && now.length === 1) return { read: [one, other] };
    return {
      read: [
        { kind: 'array', items: old },
        { kind: 'array', items: now },
      ],
    };
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return { why: named ? `not compared as JSON: ${escapeText(error.code)}` : undefined };
  }
}
