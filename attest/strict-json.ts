import { ReproofError } from '../model/index.ts';

export type JsonLimits = { readonly bytes: number; readonly depth: number };

/**
 * Reads JSON whose meaning no two readers can take differently: UTF-8 without a byte order mark, no member named twice
 * in an object, none named `__proto__`, no half of a surrogate pair, no number past what a double holds. `doing` says
 * what is read, for messages. Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED.
 */
export function parseStrictJson(bytes: Uint8Array, doing: string, limits: JsonLimits): unknown {
  if (bytes.length > limits.bytes)
    throw new ReproofError('EVIDENCE_LIMIT', `${doing}: it has ${bytes.length} bytes, ${limits.bytes} are allowed`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: it is not UTF-8`, { cause });
  }
  // Depth is looked at first: a parser's own stack is no limit of ours.
  checkDepth(text, doing, limits.depth);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // The parser's message quotes what it read, which is not ours to repeat.
    throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: it is not JSON`, { cause });
  }
  checkTokens(text, doing);
  return value;
}

const NUMBER = /-?[0-9][0-9.eE+-]*/y;

function checkDepth(text: string, doing: string, limit: number): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at, doing) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > limit)
      throw new ReproofError('EVIDENCE_LIMIT', `${doing}: it is nested deeper than ${limit} at character ${at}`);
  }
}

/** The place behind a string's closing quote: the first that an even number of backslashes is before. */
function endOfString(text: string, start: number, doing: string): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: a string has no end, at character ${start}`);
}

/** `text` is JSON already: what is left to ask is what JSON.parse lets pass. */
function checkTokens(text: string, doing: string): void {
  const refuse = (why: string, at: number): never => {
    throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: ${why}, at character ${at}`);
  };
  /** The names of each open object; undefined for an open list. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? '';
    if (character === '"') {
      const end = endOfString(text, at, doing);
      const raw = text.slice(at + 1, end - 1);
      const string = raw.includes('\\') ? String(JSON.parse(text.slice(at, end))) : raw;
      if (!string.isWellFormed()) refuse('a string holds half a character', at);
      const names = open.at(-1);
      if (isName && names !== undefined) {
        if (names.has(string)) refuse('a member is named twice in one object', at);
        if (string === '__proto__') refuse('a member is named __proto__', at);
        names.add(string);
      }
      isName = false;
      at = end;
      continue;
    }
    if (character === '-' || (character >= '0' && character <= '9')) {
      NUMBER.lastIndex = at;
      const token = NUMBER.exec(text)?.[0] ?? character;
      if (!Number.isFinite(Number(token))) refuse('a number is too large', at);
      at += token.length;
      continue;
    }
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    if (character === '{') isName = true;
    else if (character === ',') isName = open.at(-1) !== undefined;
    at += 1;
  }
}

/** The bytes of base64 in its one spelling: padded, no blanks, no stray bits. Undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}
