import { manifestLines } from '../../../formats/index.ts';
import type { FieldChange, ReasonKind } from '../../../model/index.ts';
import { escapeName, shorten } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import { readWhole } from '../../read-whole.ts';
import type { Explanation, LeafComparator } from '../../types.ts';

const SHOWN_CHARACTERS = 500;

/** What attributes that tools write are about; anything else gives no reason. */
const REASONS: readonly (readonly [pattern: RegExp, kind: ReasonKind])[] = [
  [
    /^(?:Bnd-LastModified|Build-(?:Date|Time|Timestamp)|Build(?:Date|Time)|Built-(?:On|At|Date)|.*-Build-Date)$/i,
    'timestamp',
  ],
  [
    /^(?:Created-By|Build-Jdk|Build-Jdk-Spec|Tool|Bnd-Version|Ant-Version|Built-With|.*-Compiler-Version|Originally-Created-By)$/i,
    'version-text',
  ],
  [/^(?:Built-By|Build-User)$/i, 'owner'],
  [/-Digest(?:-.*)?$/i, 'checksum'],
];

/** META-INF/MANIFEST.MF, and the .SF files of a signed jar, which are written alike. */
export const jarManifest: LeafComparator = {
  kind: 'leaf',
  id: 'jar-manifest',
  recognizes: (head) => /^(?:Manifest|Signature)-Version: /i.test(Buffer.from(head.subarray(0, 32)).toString('latin1')),
  async *explain(left, right, { budget }): AsyncIterable<Explanation> {
    const limit = budget.limits.textBytes;
    const [old, now] = await bothOf(readWhole(left, limit), readWhole(right, limit));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: 'a manifest larger than what is read whole' };
      return;
    }
    yield* explainManifest(parse(old), parse(now));
  },
};

type Manifest = {
  /** Of the first section, in order. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The lines of the other sections. */
  readonly sections: readonly string[];
  readonly endings: string;
  readonly signature: boolean;
};

function parse(bytes: Buffer): Manifest {
  const { lines, endings } = manifestLines(bytes.toString('latin1'));
  const end = lines.indexOf('');
  const attributes = new Map<string, string>();
  for (const line of end < 0 ? lines : lines.slice(0, end)) {
    const [, name = line, value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
    const known = attributes.get(name);
    attributes.set(name, known === undefined ? value : `${known}; ${value}`);
  }
  return {
    attributes,
    sections: end < 0 ? [] : lines.slice(end),
    endings: endings.join(', '),
    signature: /^Signature-Version:/i.test(lines[0] ?? ''),
  };
}

function* explainManifest(old: Manifest, now: Manifest): Generator<Explanation> {
  const names = [...new Set([...old.attributes.keys(), ...now.attributes.keys()])].sort(byBytes);
  const changed = names.filter((name) => old.attributes.get(name) !== now.attributes.get(name));
  if (old.signature || now.signature)
    yield { kind: 'reason', reason: { kind: 'signature', evidence: 'a signature file of a signed jar' } };
  for (const name of changed) {
    const [left, right] = [old.attributes.get(name), now.attributes.get(name)];
    const field = fieldOf(name, left, right);
    // Lists of packages are long, and may differ anywhere.
    if ([left, right].some((value) => (value?.length ?? 0) > SHOWN_CHARACTERS))
      yield { kind: 'lines', title: field.name, left: itemsOf(left), right: itemsOf(right) };
    else yield { kind: 'fields', fields: [field] };
    const kind = REASONS.find(([pattern]) => pattern.test(name))?.[1];
    if (kind !== undefined) yield { kind: 'reason', reason: { ...field, ...reasonOf(kind, field) } };
    else if (sameItems(left, right))
      yield { kind: 'reason', reason: { kind: 'order', evidence: `the items of ${field.name} are the same` } };
  }
  const order = [old, now].map(({ attributes }) =>
    [...attributes.keys()].filter((name) => old.attributes.has(name) && now.attributes.has(name)),
  );
  const [first, second] = order as [string[], string[]];
  const at = first.findIndex((name, index) => name !== second[index]);
  if (at >= 0) {
    yield { kind: 'fields', fields: [fieldOf(`attribute after ${at} in common`, first[at], second[at])] };
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'attributes in another order' } };
  }
  if (old.endings !== now.endings) {
    yield { kind: 'fields', fields: [{ name: 'line endings', left: old.endings, right: now.endings }] };
    yield { kind: 'reason', reason: { kind: 'line-endings', evidence: 'lines end otherwise' } };
  }
  const sections =
    old.sections.length === now.sections.length && old.sections.every((line, index) => line === now.sections[index]);
  if (!sections) yield { kind: 'lines', title: 'sections', left: utf8(old.sections), right: utf8(now.sections) };
  if (changed.length > 0 || at >= 0 || !sections || old.endings !== now.endings) return;
  yield { kind: 'detail', text: 'the same attributes: lines are folded at other places' };
  yield { kind: 'reason', reason: { kind: 'whitespace', evidence: 'joined, the lines are equal' } };
}

function utf8(lines: readonly string[]): readonly string[] {
  return lines.map((line) => Buffer.from(line, 'latin1').toString('utf8'));
}

function itemsOf(value: string | undefined): readonly string[] {
  return utf8(value?.split(',') ?? []);
}

function fieldOf(name: string, left: string | undefined, right: string | undefined): FieldChange {
  const told = (value: string): string => shorten(escapeName(value), SHOWN_CHARACTERS);
  return {
    name: told(name),
    ...(left === undefined ? {} : { left: told(left) }),
    ...(right === undefined ? {} : { right: told(right) }),
  };
}

function reasonOf(kind: ReasonKind, { name, left, right }: FieldChange) {
  return { kind, evidence: name, ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) };
}

/** True for lists by comma of the same items in another order, as bundles have them. */
function sameItems(left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined || !left.includes(',') || left.length !== right.length) return false;
  const sorted = (value: string): string => value.split(',').sort(byBytes).join(',');
  return sorted(left) === sorted(right);
}
