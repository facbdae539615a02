import type { MarkupAttribute, MarkupToken } from '../../../formats/index.ts';
import type { FieldChange } from '../../../model/index.ts';
import { byBytes } from '../../pairing.ts';
import { shownField } from './shown-field.ts';

/** What differs between two documents of one structure, by path. */
export type MarkupChanges = {
  /** At most `limit`, in document order. */
  readonly fields: readonly FieldChange[];
  readonly more: number;
  /** True when both have the same elements and pieces in the same places: nothing is left out of `fields` and `more`. */
  readonly aligned: boolean;
  /** Elements whose attributes stand in another order. */
  readonly reordered: number;
};

/** Levels told in a path; documents of people have fewer. */
const LEVELS = 64;

/** Pieces that count: white space alone does not, and stretches of it count as one blank. */
export function withoutBlanks(tokens: readonly MarkupToken[]): readonly MarkupToken[] {
  return tokens
    .map((token) =>
      token.kind === 'text' ? { kind: token.kind, text: token.text.replace(BLANKS, ' ').replace(/^ | $/g, '') } : token,
    )
    .filter((token) => token.kind !== 'text' || token.text !== '');
}

/** White space of XML and HTML (Infra, "ASCII whitespace"): a blank that keeps a line together is text. */
const BLANKS = /[ \t\n\f\r]+/g;

/** Compares piece by piece as far as both sides have the same kinds of pieces. Attributes are compared by name. */
export function markupChanges(
  left: readonly MarkupToken[],
  right: readonly MarkupToken[],
  limit: number,
): MarkupChanges {
  const fields: FieldChange[] = [];
  const path = new Path();
  let more = 0;
  let reordered = 0;
  const tell = (step: string, old: string | undefined, now: string | undefined): void => {
    if (old === now) return;
    if (fields.length >= limit) more++;
    else {
      const trimmed = { left: old?.trim(), right: now?.trim() };
      const values = trimmed.left === trimmed.right ? { left: old, right: now } : trimmed;
      fields.push(shownField(`${path}/${step}`, values));
    }
  };
  for (const [index, old] of left.entries()) {
    const now = right[index];
    if (now === undefined || !alike(old, now)) return { fields, more, aligned: false, reordered };
    path.pass(old);
    if (old.kind === 'open' && now.kind === 'open') {
      const label = old.name === 'meta' ? metaName(old.attributes, now.attributes) : '';
      const [before, after] = [named(old.attributes), named(now.attributes)];
      if (before.size === after.size && [...before.keys()].join('\0') !== [...after.keys()].join('\0')) reordered++;
      for (const name of [...new Set([...before.keys(), ...after.keys()])].sort(byBytes))
        tell(`${label}@${name}`, before.get(name), after.get(name));
    } else if ('text' in old && 'text' in now) tell(`${old.kind}()`, old.text, now.text);
  }
  return { fields, more, aligned: left.length === right.length, reordered };
}

/** One piece a line, for a document that has no lines of its own. Attributes as they stand. */
export function markupLines(tokens: readonly MarkupToken[]): readonly string[] {
  let depth = 0;
  return tokens.map((token) => {
    if (token.kind === 'close') depth--;
    const line = '  '.repeat(Math.max(0, Math.min(depth, 32))) + lineOf(token);
    if (token.kind === 'open' && !token.empty) depth++;
    return line;
  });
}

function lineOf(token: MarkupToken): string {
  switch (token.kind) {
    case 'open': {
      const attributes = token.attributes.map(({ name, value }) => ` ${name}="${value}"`).join('');
      return `<${token.name}${attributes}${token.empty ? '/' : ''}>`;
    }
    case 'close':
      return `</${token.name}>`;
    case 'comment':
      return `<!--${token.text}-->`;
    case 'cdata':
      return `<![CDATA[${token.text}]]>`;
    case 'instruction':
      return `<?${token.text}>`;
    case 'declaration':
      return `<!${token.text}>`;
    case 'text':
      return token.text;
    default:
      return token satisfies never;
  }
}

function alike(old: MarkupToken, now: MarkupToken): boolean {
  if (old.kind === 'open' && now.kind === 'open') return old.name === now.name && old.empty === now.empty;
  return old.kind === now.kind && !('name' in old && 'name' in now && old.name !== now.name);
}

/** What an HTML meta element is about, where both sides say the same. */
function metaName(left: readonly MarkupAttribute[], right: readonly MarkupAttribute[]): string {
  const [old, now] = [left, right].map(
    (attributes) => attributes.find(({ name }) => /^(?:name|property|http-equiv|itemprop)$/.test(name))?.value,
  );
  return old !== undefined && old === now ? `${old}/` : '';
}

/** By name; a repeated one is told apart by its place. */
function named(attributes: readonly MarkupAttribute[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [index, { name, value }] of attributes.entries())
    values.set(values.has(name) ? `${name} (${index + 1})` : name, value);
  return values;
}

/** Where in the document a piece stands, as a path of element names with their number among those of one name. */
class Path {
  readonly #levels: { readonly name: string; readonly seen: Map<string, number> }[] = [];
  readonly #top = new Map<string, number>();
  /** Elements that are open below the levels told. */
  #below = 0;
  #emptied: string | undefined;

  pass(token: MarkupToken): void {
    if (this.#emptied !== undefined) this.#close(this.#emptied);
    this.#emptied = undefined;
    if (token.kind === 'close') this.#close(token.name);
    if (token.kind !== 'open') return;
    this.#open(token.name);
    if (token.empty || VOID.has(token.name)) this.#emptied = token.name;
  }

  #open(name: string): void {
    if (this.#levels.length >= LEVELS) {
      this.#below++;
      return;
    }
    const seen = this.#levels.at(-1)?.seen ?? this.#top;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    this.#levels.push({ name: count === 1 ? name : `${name}[${count}]`, seen: new Map() });
  }

  /** An end tag that fits no open element is passed over; those that HTML leaves out are made up for. */
  #close(name: string): void {
    if (this.#below > 0) {
      this.#below--;
      return;
    }
    const found = this.#levels.findLastIndex((level) => level.name === name || level.name.startsWith(`${name}[`));
    if (found >= 0) this.#levels.length = found;
  }

  toString(): string {
    return this.#levels.map((level) => `/${level.name}`).join('');
  }
}

/** Elements that HTML never closes. */
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
