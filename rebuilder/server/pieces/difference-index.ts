import { ReproofError } from '../../../model/index.ts';
import { DiffCutter, type DiffPiece, type PieceLimits } from './diff-pieces.ts';
import { JsonBytes, malformed } from './json-bytes.ts';
import { type NodeOutline, outlineOf } from './outline.ts';

/** A stretch of the blob; no bytes where there is none. */
export type Span = { readonly at: number; readonly end: number };

export const NO_SPAN: Span = { at: 0, end: 0 };

/** What is known of a node: where its parts stand in the blob, and what a list of nodes shows of it. */
export type IndexedNode = {
  /** Numbers of nodes count in reading order: a node, then what is in it. -1 for the trees themselves. */
  readonly number: number;
  readonly parent: number;
  readonly children: readonly number[];
  /** How many nodes there are in it, itself included. */
  readonly size: number;
  readonly whole: Span;
  readonly inner: Span;
  readonly diff: Span;
  readonly picture: Span;
  readonly pieces: readonly DiffPiece[];
  readonly outline: NodeOutline;
};

export type TreeIndex = {
  readonly nodes: readonly IndexedNode[];
  /** The numbers of the trees' top nodes. */
  readonly trees: readonly number[];
  /** Of a record: what it holds beside its trees, as JSON. */
  readonly rest?: string;
};

export type IndexLimits = PieceLimits & {
  readonly nodes: number;
  /** Of what a node holds beside its lines, picture and children; and of a record beside its trees. */
  readonly bodyBytes: number;
  readonly depth: number;
};

type Open = {
  readonly kind: 'node' | 'record';
  readonly number: number;
  readonly parent: number;
  readonly begin: number;
  readonly children: number[];
  readonly seen: Set<string>;
  readonly parts: Buffer[];
  partBytes: number;
  key: string;
  inner: Span;
  diff: Span;
  picture: Span;
  pieces: readonly DiffPiece[];
};

type Frame = { readonly kind: 'node' | 'record' | 'children' | 'other'; readonly at: number };

/** Of a node's members, these are left in the blob. */
const LEFT = { children: '[]', diff: '""', picture: '0' } as const;
/** Brackets of a node that are not its children's. */
const BODY_DEPTH = 8;

/**
 * Reads a tree of differences, or a record and the trees in it, as its bytes come, and says where everything stands. Of
 * the blob no more is held than one node without its lines and children; the index grows with the number of nodes.
 * Throws FORMAT_MALFORMED, FORMAT_LIMIT.
 */
export class TreeIndexer {
  readonly #of: 'tree' | 'record';
  readonly #limits: IndexLimits;
  readonly #json: JsonBytes;
  readonly #nodes: IndexedNode[] = [];
  readonly #trees: number[] = [];
  readonly #open: Open[] = [];
  readonly #frames: Frame[] = [];
  #count = 0;
  #rest: string | undefined;
  #cutter: DiffCutter | undefined;
  #stringAt = 0;
  /** Where what has still to be taken into the open node's body begins, in the chunk; -1: nothing is taken. */
  #takeFrom = -1;
  #chunk: Buffer = Buffer.alloc(0);
  #base = 0;

  constructor(of: 'tree' | 'record', limits: IndexLimits) {
    this.#of = of;
    this.#limits = limits;
    this.#json = new JsonBytes(
      { depth: 2 * limits.depth + BODY_DEPTH },
      {
        open: (kind, at) => this.#opened(kind, at),
        close: (_, end) => this.#closed(end),
        key: (text) => this.#named(text),
        stringBegins: (at) => this.#stringBegan(at),
        stringPart: (bytes, at) => this.#cutter?.push(bytes, at),
        stringEnds: (at) => this.#stringEnded(at),
      },
    );
  }

  push(chunk: Buffer): void {
    this.#chunk = chunk;
    if (this.#takeFrom >= 0) this.#takeFrom = 0;
    this.#json.push(chunk);
    if (this.#takeFrom >= 0) {
      this.#take(chunk.length);
      this.#takeFrom = 0;
    }
    this.#base += chunk.length;
  }

  finish(): TreeIndex {
    this.#json.end();
    return {
      nodes: this.#nodes,
      trees: this.#trees,
      ...(this.#rest === undefined ? {} : { rest: this.#rest }),
    };
  }

  #opened(kind: 'object' | 'array', at: number): void {
    const top = this.#frames.at(-1);
    const owner = this.#open.at(-1);
    if (top === undefined) {
      if (kind !== 'object') throw malformed('its top');
      this.#begin(this.#of === 'tree' ? 'node' : 'record', at);
    } else if (top.kind === 'children') {
      if (kind !== 'object') throw malformed('what is in a node');
      this.#begin('node', at);
    } else if (this.#holdsNodes(top, owner)) {
      if (kind !== 'array') throw malformed('what is in a node');
      this.#leave(at);
      this.#frames.push({ kind: 'children', at });
    } else this.#frames.push({ kind: 'other', at });
  }

  #holdsNodes(top: Frame, owner: Open | undefined): boolean {
    return (
      (top.kind === 'node' && owner?.key === 'children') || (top.kind === 'record' && owner?.key === 'differences')
    );
  }

  #begin(kind: 'node' | 'record', at: number): void {
    if (kind === 'node' && this.#count >= this.#limits.nodes)
      throw new ReproofError('FORMAT_LIMIT', `reading a tree of differences: more than ${this.#limits.nodes} nodes`);
    const owner = this.#open.at(-1);
    const number = kind === 'record' ? -1 : this.#count++;
    if (kind === 'node') (owner === undefined || owner.kind === 'record' ? this.#trees : owner.children).push(number);
    this.#frames.push({ kind, at });
    this.#open.push({
      kind,
      number,
      parent: owner === undefined || owner.kind === 'record' ? -1 : owner.number,
      begin: at,
      children: [],
      seen: new Set(),
      parts: [],
      partBytes: 0,
      key: '',
      inner: NO_SPAN,
      diff: NO_SPAN,
      picture: NO_SPAN,
      pieces: [],
    });
    this.#takeFrom = at - this.#base;
  }

  #closed(end: number): void {
    const frame = this.#frames.pop();
    const owner = this.#open.at(-1) as Open;
    if (frame?.kind === 'children') {
      owner.inner = { at: frame.at, end };
      this.#goOn(end, LEFT.children);
    } else if (frame?.kind === 'node' || frame?.kind === 'record') {
      this.#take(end - this.#base);
      this.#takeFrom = -1;
      this.#open.pop();
      this.#end(owner, end);
    } else if (owner.key === 'picture' && this.#frames.at(-1)?.kind === 'node' && frame !== undefined)
      owner.picture = { at: frame.at, end };
  }

  #end(node: Open, end: number): void {
    const body = Buffer.concat(node.parts).toString('utf8');
    if (node.kind === 'record') {
      this.#rest = body;
      return;
    }
    this.#nodes[node.number] = {
      number: node.number,
      parent: node.parent,
      children: node.children,
      size: this.#count - node.number,
      whole: { at: node.begin, end },
      inner: node.inner,
      diff: node.diff,
      picture: node.picture,
      pieces: node.pieces,
      outline: outlineOf(body, node),
    };
  }

  #named(key: string): void {
    const top = this.#frames.at(-1);
    const owner = this.#open.at(-1);
    if (owner === undefined || (top?.kind !== 'node' && top?.kind !== 'record')) return;
    if (owner.seen.has(key)) throw malformed('a member of a node');
    owner.seen.add(key);
    owner.key = key;
  }

  #stringBegan(at: number): void {
    if (this.#frames.at(-1)?.kind !== 'node' || this.#open.at(-1)?.key !== 'diff') return;
    // The quote belongs to what is left in the blob.
    this.#leave(at - 1);
    this.#stringAt = at;
    this.#cutter = new DiffCutter(at, this.#limits);
  }

  #stringEnded(at: number): void {
    if (this.#cutter === undefined) return;
    const owner = this.#open.at(-1) as Open;
    owner.diff = { at: this.#stringAt, end: at };
    owner.pieces = this.#cutter.finish();
    this.#cutter = undefined;
    this.#goOn(at + 1, LEFT.diff);
  }

  /** What comes from here on is left in the blob. */
  #leave(at: number): void {
    this.#take(at - this.#base);
    this.#takeFrom = -1;
  }

  #goOn(end: number, standIn: string): void {
    this.#open.at(-1)?.parts.push(Buffer.from(standIn));
    this.#takeFrom = end - this.#base;
  }

  #take(to: number): void {
    const owner = this.#open.at(-1);
    if (owner === undefined || this.#takeFrom < 0 || to <= this.#takeFrom) return;
    owner.partBytes += to - this.#takeFrom;
    if (owner.partBytes > this.#limits.bodyBytes)
      throw new ReproofError(
        'FORMAT_LIMIT',
        `reading a tree of differences: a node with more than ${this.#limits.bodyBytes} bytes beside its lines`,
      );
    owner.parts.push(Buffer.from(this.#chunk.subarray(this.#takeFrom, to)));
  }
}
