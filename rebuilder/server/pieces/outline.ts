import { REASON_KINDS, type ReasonKind } from '../../../model/index.ts';
import type { DiffPiece } from './diff-pieces.ts';
import { malformed } from './json-bytes.ts';

const PATH_CHARACTERS = 400;
const DETAIL_CHARACTERS = 200;
const KINDS: ReadonlySet<unknown> = new Set(REASON_KINDS);

/** What a list of nodes shows of each. Long texts are cut, and end with an ellipsis then. */
export type NodeOutline = {
  readonly path: string;
  readonly kind: string;
  readonly detail?: string;
  /** Kinds of reasons, each once. */
  readonly reasons: readonly ReasonKind[];
  /** Bytes of either side. `only`: the side that has it, where the other has none. */
  readonly left?: number;
  readonly right?: number;
  readonly only?: 'left' | 'right';
  /** How many lines its diff has, named values differ, notes there are. */
  readonly lines: number;
  readonly fields: number;
  readonly notes: number;
  readonly truncated: boolean;
};

/**
 * The outline of a node, of the JSON of what it holds beside its children and lines. Only what an outline tells is looked
 * at: who reads the node reads it whole. Throws FORMAT_MALFORMED.
 */
export function outlineOf(json: string, { pieces }: { readonly pieces: readonly DiffPiece[] }): NodeOutline {
  const body = objectOf(parsed(json));
  const { left, right, detail, truncated } = body;
  const [leftSize, rightSize] = [sizeOf(left), sizeOf(right)];
  const last = pieces.at(-1);
  const reasons = listOf(body.reasons ?? []).map((reason) => objectOf(reason).kind);
  if (typeof truncated !== 'boolean' || !reasons.every((kind) => KINDS.has(kind))) throw malformed('a node');
  if (listOf(body.children).length > 0) throw malformed('what is in a node');
  return {
    path: cut(body.path, PATH_CHARACTERS),
    kind: cut(body.kind, DETAIL_CHARACTERS),
    ...(detail === undefined ? {} : { detail: cut(detail, DETAIL_CHARACTERS) }),
    reasons: [...new Set(reasons)] as ReasonKind[],
    ...(leftSize === undefined ? {} : { left: leftSize }),
    ...(rightSize === undefined ? {} : { right: rightSize }),
    ...((left === undefined) === (right === undefined) ? {} : { only: left === undefined ? 'right' : 'left' }),
    lines: last === undefined ? 0 : last.line + last.lines,
    fields: listOf(body.fields ?? []).length,
    notes: listOf(body.notes).length,
    truncated,
  };
}

type Values = Readonly<Record<string, unknown>>;

function objectOf(value: unknown): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('a node');
  return value as Values;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed('a node');
  return value;
}

function sizeOf(side: unknown): number | undefined {
  if (side === undefined) return undefined;
  const { size } = objectOf(side);
  if (size !== undefined && !(Number.isSafeInteger(size) && (size as number) >= 0)) throw malformed('a node');
  return size as number | undefined;
}

function cut(text: unknown, characters: number): string {
  if (typeof text !== 'string') throw malformed('a node');
  return text.length <= characters ? text : `${text.slice(0, characters).toWellFormed()}…`;
}

/** JSON from a blob. Throws FORMAT_MALFORMED. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('what is in a node');
  }
}
