import { type Difference, isSha256, REASON_KINDS, type Reason, ReproofError } from '../../model/index.ts';
import { DEFAULT_COMPARE_LIMITS } from '../budget.ts';
import { COMPARISON_FORMAT, COMPARISON_VERSION, type ComparedInput, type Comparison, countsOf } from '../comparison.ts';
import { escapeText } from '../escape.ts';

type Values = Readonly<Record<string, unknown>>;

const DEPTH = 200;

/**
 * Reads a comparison from its JSON, such as to make another report of it. All text is escaped again: whoever wrote the
 * file may mean harm. Members of later versions are left out. Throws FORMAT_MALFORMED, FORMAT_LIMIT.
 */
export function readComparison(text: string): Comparison {
  const value = valuesOf(parsed(text), 'the comparison');
  if (value.format !== COMPARISON_FORMAT) throw malformed('its format');
  if (value.version !== COMPARISON_VERSION) throw malformed('its version');
  const difference = value.difference === undefined ? undefined : nodeOf(value.difference, 0);
  const programs = listOf(value.programs, 'programs').map((one) => {
    const { program, version } = valuesOf(one, 'a program');
    return { program: textOf(program, 'a program'), version: textOf(version, 'a version') };
  });
  const { identical, truncated } = value;
  if (typeof identical !== 'boolean' || identical !== (difference === undefined)) throw malformed('identical');
  const [left, right] = [inputOf(value.left), inputOf(value.right)];
  if (identical && (left.size !== right.size || left.sha256 !== right.sha256)) throw malformed('identical');
  return {
    format: COMPARISON_FORMAT,
    version: COMPARISON_VERSION,
    identical,
    left,
    right,
    ...(difference === undefined ? {} : { difference }),
    notes: textsOf(value.notes, 'notes'),
    programs,
    truncated: truncated === true,
    counts: countsOf(difference),
    limits: limitsOf(value.limits),
  };
}

function limitsOf(value: unknown): Comparison['limits'] {
  const given = valuesOf(value, 'limits');
  const entries = Object.entries(DEFAULT_COMPARE_LIMITS).map(([name, usual]) => [name, sizeOf(given[name]) ?? usual]);
  return Object.fromEntries(entries) as Comparison['limits'];
}

function inputOf(value: unknown): ComparedInput {
  const { kind, name, notes, ...rest } = valuesOf(value, 'an input');
  if (kind !== 'bytes' && kind !== 'folder' && kind !== 'set') throw malformed('the kind of an input');
  const { size, sha256 } = sideOf(rest);
  return {
    kind,
    name: textOf(name, 'the name of an input'),
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
    notes: textsOf(notes, 'notes'),
  };
}

function nodeOf(value: unknown, depth: number): Difference {
  if (depth > DEPTH)
    throw new ReproofError('FORMAT_LIMIT', `reading a comparison: more than ${DEPTH} nodes inside each other`);
  const { path, kind, left, right, detail, fields, diff, picture, reasons, notes, children, truncated } = valuesOf(
    value,
    'a node',
  );
  return {
    path: textOf(path, 'a path'),
    kind: textOf(kind, 'a kind'),
    ...(left === undefined ? {} : { left: sideOf(left) }),
    ...(right === undefined ? {} : { right: sideOf(right) }),
    ...(detail === undefined ? {} : { detail: textOf(detail, 'a detail') }),
    ...(fields === undefined ? {} : { fields: listOf(fields, 'fields').map(fieldOf) }),
    ...(diff === undefined ? {} : { diff: linesOf(diff) }),
    ...(picture === undefined ? {} : { picture: pictureOf(picture) }),
    ...(reasons === undefined ? {} : { reasons: listOf(reasons, 'reasons').map(reasonOf) }),
    notes: textsOf(notes, 'notes'),
    children: listOf(children, 'children').map((child) => nodeOf(child, depth + 1)),
    truncated: truncated === true,
  };
}

function sideOf(value: unknown): NonNullable<Difference['left']> {
  const { name, size, sha256, text } = valuesOf(value, 'a side');
  const bytes = sizeOf(size);
  return {
    ...(name === undefined ? {} : { name: textOf(name, 'a name') }),
    ...(bytes === undefined ? {} : { size: bytes }),
    ...(typeof sha256 === 'string' && isSha256(sha256) ? { sha256 } : {}),
    ...(text === undefined ? {} : { text: linesOf(text) }),
  };
}

function fieldOf(value: unknown): NonNullable<Difference['fields']>[number] {
  const { name, left, right } = valuesOf(value, 'a field');
  return { name: textOf(name, 'the name of a field'), ...valuesOfSides(left, right) };
}

function reasonOf(value: unknown): Reason {
  const { kind, evidence, left, right } = valuesOf(value, 'a reason');
  const known = REASON_KINDS.find((one) => one === kind);
  if (known === undefined) throw malformed('the kind of a reason');
  return { kind: known, evidence: textOf(evidence, 'evidence'), ...valuesOfSides(left, right) };
}

function valuesOfSides(left: unknown, right: unknown): { readonly left?: string; readonly right?: string } {
  return {
    ...(left === undefined ? {} : { left: textOf(left, 'a value') }),
    ...(right === undefined ? {} : { right: textOf(right, 'a value') }),
  };
}

function pictureOf(value: unknown): NonNullable<Difference['picture']> {
  const { mediaType, base64, alt } = valuesOf(value, 'a picture');
  if (mediaType !== 'image/png' || typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*=*$/.test(base64))
    throw malformed('a picture');
  return { mediaType, base64, alt: textOf(alt, 'the words of a picture') };
}

function sizeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw malformed(what);
  return escapeText(value);
}

/** Text with newlines of its own. */
function linesOf(value: unknown): string {
  if (typeof value !== 'string') throw malformed('lines');
  return value.split('\n').map(escapeText).join('\n');
}

function textsOf(value: unknown, what: string): readonly string[] {
  return listOf(value, what).map((one) => textOf(one, what));
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(what);
  return value;
}

function valuesOf(value: unknown, what: string): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(what);
  return value as Values;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReproofError('FORMAT_MALFORMED', 'reading a comparison: it is not JSON', { cause });
  }
}

function malformed(what: string): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading a comparison: ${what} is not as it should be`);
}
