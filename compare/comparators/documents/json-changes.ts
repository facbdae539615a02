import { decodeJsonString, type JsonEntry, type JsonValue } from '../../../formats/index.ts';
import type { FieldChange } from '../../../model/index.ts';
import { byBytes } from '../../pairing.ts';
import type { Explanation } from '../../types.ts';
import { dateReasons } from './dates.ts';
import { shownField } from './shown-field.ts';

/** What differs between two values, by path. */
export type JsonChanges = {
  /** At most `limit` of them, in order of their paths. */
  readonly fields: readonly FieldChange[];
  /** How many more there are. */
  readonly more: number;
  /** Objects and arrays that hold the same in another order. */
  readonly reordered: number;
  /** True when nothing but the order of keys and the spelling of strings may differ. */
  readonly equal: boolean;
};

/**
 * Compares by value: objects by key, arrays by what is left between their common beginning and end. Numbers are equal
 * when spelled alike; strings when they stand for the same characters.
 */
export function jsonChanges(left: JsonValue, right: JsonValue, limit: number): JsonChanges {
  const ids = new Ids();
  ids.of(left);
  ids.of(right);
  const fields: FieldChange[] = [];
  const found = { more: 0, reordered: 0 };
  const tell = (path: string, old: string | undefined, now: string | undefined): void => {
    if (fields.length >= limit) found.more++;
    else fields.push(shownField(path === '' ? 'value' : path, { left: old, right: now }));
  };
  const compare = (path: string, old: JsonValue, now: JsonValue): void => {
    if (old.kind === 'object' && now.kind === 'object') compareObjects(path, old.entries, now.entries);
    else if (old.kind === 'array' && now.kind === 'array') compareArrays(path, old.items, now.items);
    else if (ids.of(old) !== ids.of(now)) tell(path, brief(old), brief(now));
  };
  const compareObjects = (path: string, old: readonly JsonEntry[], now: readonly JsonEntry[]): void => {
    const [before, after] = [keyed(old), keyed(now)];
    const inBoth = (entries: ReadonlyMap<string, JsonValue>, other: ReadonlyMap<string, JsonValue>): string[] =>
      [...entries.keys()].filter((key) => other.has(key));
    const [order, newOrder] = [inBoth(before, after), inBoth(after, before)];
    if (order.some((key, index) => key !== newOrder[index])) found.reordered++;
    for (const key of [...new Set([...before.keys(), ...after.keys()])].sort(byBytes)) {
      const [one, other] = [before.get(key), after.get(key)];
      const inside = member(path, key);
      if (one !== undefined && other !== undefined) compare(inside, one, other);
      else tell(inside, one && brief(one), other && brief(other));
    }
  };
  const compareArrays = (path: string, old: readonly JsonValue[], now: readonly JsonValue[]): void => {
    const same = (one: JsonValue | undefined, other: JsonValue | undefined): boolean =>
      one !== undefined && other !== undefined && ids.of(one) === ids.of(other);
    const shared = Math.min(old.length, now.length);
    let start = 0;
    for (; start < shared && same(old[start], now[start]); start++)
      compare(`${path}[${start}]`, old[start] as JsonValue, now[start] as JsonValue);
    let tail = 0;
    while (tail < shared - start && same(old.at(-1 - tail), now.at(-1 - tail))) tail++;
    const [before, after] = [old.slice(start, old.length - tail), now.slice(start, now.length - tail)];
    if (before.length > 1 && ids.sameItems(before, after)) {
      found.reordered++;
      const range = `${path}[${start}..${start + before.length - 1}] in another order, begins with`;
      tell(range, brief(before[0] as JsonValue), brief(after[0] as JsonValue));
    } else if (before.length === after.length) {
      for (const [index, one] of before.entries()) compare(`${path}[${start + index}]`, one, after[index] as JsonValue);
    } else {
      const items = (values: readonly JsonValue[]): string | undefined =>
        values.length === 0 ? undefined : values.map(brief).slice(0, 5).join(', ') + (values.length > 5 ? ', …' : '');
      tell(`${path}[${start}…]`, items(before), items(after));
      tell(`${path} items`, String(old.length), String(now.length));
    }
    for (let back = tail; back > 0; back--) compare(path, old.at(-back) as JsonValue, now.at(-back) as JsonValue);
  };
  compare('', left, right);
  return { fields, ...found, equal: ids.of(left) === ids.of(right) };
}

/** What changed, as a leaf says it. `what` names the format. */
export function* describeChanges(
  { fields, more, reordered, equal }: JsonChanges,
  what: string,
): Generator<Explanation> {
  if (equal) yield { kind: 'note', text: `the same ${what} values` };
  if (fields.length > 0) yield { kind: 'fields', fields };
  if (more > 0) yield { kind: 'note', text: `${more} more ${what} values differ` };
  if (reordered > 0)
    yield {
      kind: 'reason',
      reason: { kind: 'order', evidence: `${what} keys or items in another order in ${reordered} places` },
    };
  yield* dateReasons(fields, `${what} value`);
}

/** Entries by their quoted keys; the second of a repeated key is told apart from the first. */
function keyed(entries: readonly JsonEntry[]): ReadonlyMap<string, JsonValue> {
  const times = new Map<string, number>();
  const named = new Map<string, JsonValue>();
  for (const { key, value } of entries) {
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    named.set(`${JSON.stringify(key)}${time === 1 ? '' : ` (${time})`}`, value);
  }
  return named;
}

function member(path: string, key: string): string {
  const plain = /^"([A-Za-z_$][\w$-]*)"(.*)$/.exec(key);
  if (plain === null) return `${path}[${key}]`;
  return `${path}${path === '' ? '' : '.'}${plain[1]}${plain[2]}`;
}

function brief(value: JsonValue): string {
  if (value.kind === 'object') return value.entries.length === 0 ? '{}' : `{… ${value.entries.length} keys}`;
  if (value.kind === 'array') return value.items.length === 0 ? '[]' : `[… ${value.items.length} items]`;
  return value.text;
}

/** A number for every value, the same for equal ones whatever the order of their keys. */
class Ids {
  readonly #byContent = new Map<string, number>();
  readonly #byValue = new Map<JsonValue, number>();

  of(value: JsonValue): number {
    const known = this.#byValue.get(value);
    if (known !== undefined) return known;
    const content = this.#contentOf(value);
    const id = this.#byContent.get(content) ?? this.#byContent.size;
    this.#byContent.set(content, id);
    this.#byValue.set(value, id);
    return id;
  }

  sameItems(one: readonly JsonValue[], other: readonly JsonValue[]): boolean {
    const counted = (values: readonly JsonValue[]): string =>
      Int32Array.from(values, (value) => this.of(value))
        .sort()
        .join();
    return one.length === other.length && counted(one) === counted(other);
  }

  #contentOf(value: JsonValue): string {
    if (value.kind === 'array') return `a${value.items.map((item) => this.of(item)).join()}`;
    if (value.kind === 'string') return `s${decodeJsonString(value.text)}`;
    if (value.kind !== 'object') return `n${value.text}`;
    const entries = [...keyed(value.entries)].map(([key, inner]) => `${key}:${this.of(inner)}`);
    return `o${entries.sort(byBytes).join()}`;
  }
}
