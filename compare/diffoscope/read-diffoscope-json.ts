import { type Difference, isReproofError, ReproofError } from '../../model/index.ts';
import { escapeText, shorten } from '../escape.ts';
import { differenceNode } from '../types.ts';
import { type JsonToken, JsonTokens } from './json-tokens.ts';

/** What one report may take of the tree: asked for each node and each diff. */
export type Room = {
  readonly takeNode: () => boolean;
  readonly takeBytes: (bytes: number) => boolean;
  /** Characters of one node's lines. */
  readonly diffCharacters: number;
  /** False leaves the top's dump of bytes out. */
  readonly topHex: boolean;
};

/** What it says of two files. `hex`: all it shows is a dump of their bytes. */
export type DiffoscopeTree = { readonly node: Difference; readonly hex: boolean };

/** Nodes inside each other; each is an object in an array of an object. */
const DEPTH = 200;
const NAME_CHARACTERS = 4_096;
const COMMENT_CHARACTERS = 2_000;
const COMMENTS = 20;

/**
 * diffoscope's JSON (its format version 1) as nodes of kind `diffoscope`, read as it comes: never more of it is held
 * than the tree that is kept. What there is no room for is left out, and its node says so; where `chunks` end with a
 * limit, what had come by then is kept. Undefined where nothing came. Throws FORMAT_MALFORMED, FORMAT_LIMIT, and what
 * `chunks` throws.
 */
export async function readDiffoscopeJson(
  chunks: AsyncIterable<Uint8Array>,
  room: Room,
): Promise<DiffoscopeTree | undefined> {
  const tree = new TreeBuilder(room);
  const tokens = new JsonTokens({ characters: room.diffCharacters, depth: 2 * DEPTH }, (token) => tree.take(token));
  const decoder = new TextDecoder();
  let came = false;
  try {
    for await (const chunk of chunks) {
      came ||= chunk.length > 0;
      tokens.push(decoder.decode(chunk, { stream: true }));
    }
  } catch (error) {
    const limit = isReproofError(error, 'PROGRAM_LIMIT', 'ARCHIVE_LIMIT');
    const partial = limit ? tree.cutOff(`${error.code}: ${error.message}`) : undefined;
    if (partial === undefined) throw error;
    return partial;
  }
  if (!came) return undefined;
  tokens.push(decoder.decode());
  tokens.end();
  return tree.whole();
}

/** One node while it is read. */
type Open = {
  source1?: string;
  source2?: string;
  diff?: { readonly text: string; readonly cut: boolean };
  hex: boolean;
  readonly comments: string[];
  moreComments: number;
  readonly children: Difference[];
  left: number;
};

/** What an object or array stands for: a node, the lists in one, or nothing that is kept. */
type Place = { readonly kind: 'node' | 'details' | 'comments' | 'other'; readonly node: Open; key?: string };

class TreeBuilder {
  readonly #room: Room;
  readonly #places: Place[] = [];
  #top: DiffoscopeTree | undefined;
  #version: string | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  take(token: JsonToken): void {
    const place = this.#places.at(-1);
    switch (token.kind) {
      case 'open':
        this.#places.push(this.#placeOf(token.of, place));
        break;
      case 'close':
        this.#close(this.#places.pop() as Place);
        break;
      case 'key':
        (place as Place).key = token.text;
        break;
      default:
        if (place === undefined) throw malformed('its top');
        this.#value(token, place);
    }
  }

  whole(): DiffoscopeTree {
    if (this.#top === undefined || this.#version !== '1') throw malformed('its version');
    return this.#top;
  }

  /** What there is, when no more comes; undefined where that is nothing. */
  cutOff(why: string): DiffoscopeTree | undefined {
    if (this.#version !== '1') return undefined;
    while (this.#top === undefined) {
      const place = this.#places.pop();
      if (place === undefined) return undefined;
      if (place.kind !== 'node') continue;
      place.node.comments.push(why);
      place.node.left++;
      place.node.source1 ??= '';
      place.node.source2 ??= place.node.source1;
      this.#close(place);
    }
    return this.#top;
  }

  #placeOf(of: 'object' | 'array', place: Place | undefined): Place {
    if (place === undefined) {
      if (of !== 'object') throw malformed('its top');
      return { kind: 'node', node: newNode() };
    }
    const { node } = place;
    if (place.kind === 'node') {
      if (place.key === 'details' || place.key === 'comments') {
        if (of !== 'array') throw malformed('what is in a node');
        return { kind: place.key, node };
      }
      if (['source1', 'source2', 'unified_diff'].includes(place.key ?? '')) throw malformed('a member of a node');
      return { kind: 'other', node };
    }
    if (place.kind !== 'details') return { kind: 'other', node };
    if (of !== 'object') throw malformed('a node');
    if (this.#room.takeNode()) return { kind: 'node', node: newNode() };
    node.left++;
    return { kind: 'other', node };
  }

  #value(token: Extract<JsonToken, { kind: 'string' | 'literal' }>, { kind, node, key }: Place): void {
    if (kind === 'comments') {
      const text = shorten(token.text, COMMENT_CHARACTERS);
      if (node.comments.length < COMMENTS) node.comments.push(text);
      else node.moreComments++;
    }
    if (kind === 'details') throw malformed('a node');
    if (kind !== 'node') return;
    if (key === 'diffoscope-json-version' && this.#places.length === 1) this.#version = token.text;
    if (key === 'has_internal_linenos') node.hex = token.text === 'true';
    if (key === 'source1' || key === 'source2') {
      if (token.kind !== 'string') throw malformed('the name of a node');
      node[key] = shorten(token.text, NAME_CHARACTERS);
    }
    if (key === 'unified_diff' && token.kind === 'string') node.diff = token;
  }

  #close({ kind, node }: Place): void {
    if (kind !== 'node') return;
    const difference = this.#finished(node);
    const parent = this.#places.at(-1);
    if (parent !== undefined) parent.node.children.push(difference);
    else this.#top = { node: difference, hex: node.hex && node.children.length === 0 };
  }

  #finished({ source1, source2, diff, hex, comments, moreComments, children, left }: Open): Difference {
    if (source1 === undefined || source2 === undefined) throw malformed('the name of a node');
    const notes = comments.map(escapeText);
    if (moreComments > 0) notes.push(`${moreComments} comments more`);
    if (left > 0) notes.push(`${left} more are left out: a limit was reached`);
    const unwanted = hex && this.#places.length === 0 && !this.#room.topHex;
    const lines = diff === undefined || unwanted ? '' : diffText(diff);
    const kept = lines !== '' && this.#room.takeBytes(lines.length);
    if (lines !== '' && !kept) notes.push('its lines are left out: the limit of the report was reached');
    else if (diff?.cut === true && !unwanted)
      notes.push(`its lines end at the limit of ${this.#room.diffCharacters} characters for one node`);
    const names =
      source1 === source2 ? {} : { left: { name: escapeText(source1) }, right: { name: escapeText(source2) } };
    return {
      ...differenceNode(escapeText(source1), 'diffoscope', names),
      ...(kept ? { diff: lines } : {}),
      notes,
      children,
      truncated: left > 0 || (diff?.cut === true && !unwanted) || (lines !== '' && !kept),
    };
  }
}

function newNode(): Open {
  return { hex: false, comments: [], moreComments: 0, children: [], left: 0 };
}

/** Its lines, escaped; of lines that were cut only whole ones. */
function diffText({ text, cut }: { readonly text: string; readonly cut: boolean }): string {
  const lines = text.split('\n');
  if (cut || lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${escapeText(line)}\n`).join('');
}

function malformed(what: string): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading the JSON of diffoscope: ${what} is not as it should be`);
}
