import { ReproofError } from '../model/index.ts';
import { type JsonLimits, type JsonValue, readJson } from './json.ts';

/**
 * The one value of a JSON text, plain, as JSON.parse gives it; but a key that stands twice in an object, a second value,
 * a lone surrogate and a byte order mark are refused: readers differ on what they mean. A key `__proto__` is a member
 * like any other. Throws FORMAT_MALFORMED, FORMAT_LIMIT.
 */
export function parseStrictJson(text: string, limits: JsonLimits): unknown {
  if (text.startsWith('\ufeff')) throw malformed('it begins with a byte order mark');
  if (!text.isWellFormed()) throw malformed('it holds a lone surrogate');
  const [value, ...more] = readJson(text, limits);
  if (value === undefined || more.length > 0) throw malformed('it holds more than one value');
  return plain(value);
}

function plain(value: JsonValue): unknown {
  switch (value.kind) {
    case 'array':
      return value.items.map(plain);
    case 'object': {
      const keys = new Set(value.entries.map(({ key }) => key));
      if (keys.size !== value.entries.length) throw malformed(`a key stands twice in one object: ${repeated(value)}`);
      // An escape may write a lone surrogate that the text itself does not hold.
      if (value.entries.some(({ key }) => !key.isWellFormed())) throw malformed('it holds a lone surrogate');
      return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
    }
    case 'string':
    case 'number':
    case 'literal':
      return scalar(value.text);
    default:
      return value satisfies never;
  }
}

function scalar(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'string' && !value.isWellFormed()) throw malformed('it holds a lone surrogate');
  if (typeof value === 'number' && !Number.isFinite(value)) throw malformed('a number is too large');
  return value;
}

function repeated({ entries }: Extract<JsonValue, { kind: 'object' }>): string {
  const seen = new Set<string>();
  const found = entries.find(({ key }) => seen.size === seen.add(key).size);
  return JSON.stringify(found?.key.slice(0, 80));
}

function malformed(why: string): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading JSON: ${why}`);
}
