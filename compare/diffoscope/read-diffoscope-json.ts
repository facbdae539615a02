import { type Difference, ReproofError } from '../../model/index.ts';
import { escapeText } from '../escape.ts';
import { differenceNode } from '../types.ts';

/** What one report may take of the tree: asked for each node and each diff. */
export type Room = { readonly takeNode: () => boolean; readonly takeBytes: (bytes: number) => boolean };

const DEPTH = 200;

/**
 * diffoscope's JSON (its format version 1) as nodes of kind `diffoscope`. What there is no room for is left out, and its
 * parent says so. Throws FORMAT_MALFORMED.
 */
export function readDiffoscopeJson(text: string, room: Room): Difference {
  const value = parsed(text);
  if (!isRecord(value) || value['diffoscope-json-version'] !== 1) throw malformed('its version');
  return nodeOf(value, 0, room);
}

function nodeOf(value: unknown, depth: number, room: Room): Difference {
  if (!isRecord(value)) throw malformed('a node');
  const { source1, source2, unified_diff: diff, comments = [], details = [] } = value;
  if (typeof source1 !== 'string' || typeof source2 !== 'string') throw malformed('the name of a node');
  if (!Array.isArray(details) || !Array.isArray(comments)) throw malformed('what is in a node');
  const children: Difference[] = [];
  let left = 0;
  for (const child of details) {
    if (depth < DEPTH && room.takeNode()) children.push(nodeOf(child, depth + 1, room));
    else left++;
  }
  const notes = comments.map((comment) => escapeText(String(comment)));
  if (left > 0) notes.push(`${left} more are left out: a limit was reached`);
  const lines = typeof diff === 'string' ? diffText(diff) : '';
  const kept = lines !== '' && room.takeBytes(lines.length);
  if (lines !== '' && !kept) notes.push('its lines are left out: the limit of the report was reached');
  const names =
    source1 === source2 ? {} : { left: { name: escapeText(source1) }, right: { name: escapeText(source2) } };
  return {
    ...differenceNode(escapeText(source1), 'diffoscope', names),
    ...(kept ? { diff: lines } : {}),
    notes,
    children,
    truncated: left > 0 || (lines !== '' && !kept),
  };
}

function diffText(diff: string): string {
  const lines = diff.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${escapeText(line)}\n`).join('');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReproofError('FORMAT_MALFORMED', 'reading the JSON of diffoscope: it is not JSON', { cause });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(what: string): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading the JSON of diffoscope: ${what} is not as it should be`);
}
