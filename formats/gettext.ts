import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';

/** One message: its context and its identifier (with its plural, after a NUL), and its translation. Bytes as latin1. */
export type GettextMessage = { readonly id: string; readonly text: string };

/** A .mo file, GNU gettext manual, section "The Format of GNU MO Files". */
export type MoFile = {
  readonly endian: 'little' | 'big';
  readonly revision: string;
  /** In the order of the table. */
  readonly messages: readonly GettextMessage[];
  /** Size of the hash table in entries. */
  readonly hashSize: number;
  /** The table of hashes, and where the two tables and it stand. */
  readonly hashTable: Buffer;
  readonly places: readonly number[];
};

/** Passing one throws FORMAT_LIMIT. Characters are those of all messages together. */
export type GettextLimits = { readonly messages: number; readonly characters: number };

/** Reads a whole .mo file. Throws FORMAT_MALFORMED (context `offset`) and FORMAT_LIMIT. */
export function readMo(bytes: Uint8Array, limits: GettextLimits): MoFile {
  const cursor = new ByteCursor(bytes, { what: 'gettext messages', little: true });
  const magic = cursor.u32('magic');
  if (magic === 0xde120495) cursor.little = false;
  else if (magic !== 0x950412de) cursor.seek(0).fail('magic');
  const revision = cursor.u32('revision');
  const count = cursor.u32('count');
  if (count > limits.messages) throw tooMuch('messages', limits.messages);
  const [ids, texts, hashSize, hashes] = [cursor.u32(), cursor.u32(), cursor.u32(), cursor.u32()];
  let characters = 0;
  const readText = (table: number, index: number): string => {
    cursor.seek(table + 8 * index);
    const [size, offset] = [cursor.u32('message'), cursor.u32('message')];
    characters += size;
    // Messages that lie upon each other are read as often as they are named.
    if (characters > limits.characters) throw tooMuch('characters', limits.characters);
    return cursor.seek(offset).take(size, 'message').toString('latin1');
  };
  const messages = Array.from({ length: count }, (_, index) => ({
    id: readText(ids, index),
    text: readText(texts, index),
  }));
  return {
    endian: cursor.little ? 'little' : 'big',
    revision: `${revision >>> 16}.${revision & 0xffff}`,
    messages,
    hashSize,
    hashTable: hashSize === 0 ? Buffer.alloc(0) : cursor.seek(hashes).take(4 * hashSize, 'hash table'),
    places: [ids, texts, hashes],
  };
}

function tooMuch(limit: keyof GettextLimits, value: number): ReproofError {
  return new ReproofError('FORMAT_LIMIT', `reading gettext messages: more than ${value} ${limit}`, {
    context: { limit, value },
  });
}

/** The lines `Name: value` of the message without an identifier. A line of another shape has no name. */
export function gettextHeader(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name = '', value = line] = /^([\w-]+): ?(.*)$/s.exec(line) ?? [];
    if (line !== '') fields.set(name, fields.has(name) ? `${fields.get(name)} ${value}` : value);
  }
  return fields;
}

/** A .po file: messages by identifier with what is said of each, and the lines of source references apart. */
export type PoEntry = GettextMessage & {
  /** Comments and flags (`#`, `#.`, `#,`, `#|`), without references; `#~` alone for a message that is obsolete. */
  readonly comments: readonly string[];
  /** From `#:` lines, in order. */
  readonly references: readonly string[];
};

/** Stands before each line of a message that is used no more. */
const OBSOLETE = '#~';
const KEYWORD = /^(?:#~ ?)?(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+(".*")$/;

/**
 * Reads a .po file as GNU gettext writes it (manual, section "The Format of PO Files"); undefined for a text that does
 * not keep to it. Strings stay as they are written, without their quotes. Throws FORMAT_LIMIT.
 */
export function readPo(text: string, limits: Pick<GettextLimits, 'messages'>): readonly PoEntry[] | undefined {
  const entries: PoEntry[] = [];
  let open = emptyEntry();
  let key: string | undefined;
  const close = (): void => {
    if (open.parts.size > 0 || open.comments.length + open.references.length > 0) entries.push(closed(open));
    if (entries.length > limits.messages) throw tooMuch('messages', limits.messages);
    open = emptyEntry();
    key = undefined;
  };
  for (const line of text.split('\n')) {
    const trimmed = line.trimEnd();
    const [, keyword, quoted] = KEYWORD.exec(trimmed) ?? [];
    if (trimmed === '') close();
    else if (keyword !== undefined && quoted !== undefined) {
      if (open.parts.has(keyword) || (open.parts.has('msgstr') && !keyword.startsWith('msgstr'))) close();
      if (trimmed.startsWith('#~') && !open.comments.includes(OBSOLETE)) open.comments.push(OBSOLETE);
      key = keyword;
      open.parts.set(keyword, [quoted.slice(1, -1)]);
    } else if (/^(?:#~ ?)?"(.*)"$/.test(trimmed)) {
      if (key === undefined) return undefined;
      open.parts.get(key)?.push(trimmed.slice(trimmed.indexOf('"') + 1, -1));
    } else if (trimmed.startsWith('#')) {
      if (open.parts.has('msgstr')) close();
      if (trimmed.startsWith('#:')) for (const one of trimmed.slice(2).trim().split(/\s+/)) open.references.push(one);
      else open.comments.push(trimmed);
    } else return undefined;
  }
  close();
  return entries;
}

type OpenEntry = {
  readonly comments: string[];
  readonly references: string[];
  readonly parts: Map<string, string[]>;
};

function emptyEntry(): OpenEntry {
  return { comments: [], references: [], parts: new Map() };
}

function closed({ comments, references, parts }: OpenEntry): PoEntry {
  const text = (key: string): string => parts.get(key)?.join('') ?? '';
  const id = ['msgctxt', 'msgid', 'msgid_plural'].filter((key) => parts.has(key)).map(text);
  const translations = [...parts.keys()].filter((key) => key.startsWith('msgstr'));
  return { id: id.join(' | '), text: translations.map(text).join(' | '), comments, references };
}
