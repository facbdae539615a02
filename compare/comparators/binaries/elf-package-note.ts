import { type ElfNote, type JsonValue, readJson } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import type { Explanation } from '../../types.ts';
import { describeChanges, jsonChanges } from '../documents/json-changes.ts';

const OWNER = 'FDO';
/** NT_FDO_PACKAGING_METADATA (systemd, Package Metadata for Executable Files), and that of what is loaded on demand. */
const KINDS: readonly (readonly [type: number, what: string])[] = [
  [0xcafe1a7e, 'package metadata'],
  [0x407c0c0a, 'dlopen metadata'],
];
const VERSION = /(?:^|\.)(?:version|osVersion)$/;
const LIMITS = { depth: 20, values: 10_000 };
const FIELDS = 50;

/** Which values differ in the JSON that a program's notes hold about its package. */
export function* explainPackageNotes(left: readonly ElfNote[], right: readonly ElfNote[]): Generator<Explanation> {
  for (const [type, what] of KINDS) {
    const [old, now] = [noteValue(left, type), noteValue(right, type)];
    if (old === undefined || now === undefined) continue;
    const changes = jsonChanges(old, now, FIELDS);
    // Another note of the section may be what differs.
    if (changes.equal && changes.reordered === 0) continue;
    yield* describeChanges(changes, what);
    const version = changes.fields.find(
      ({ name, left: one, right: other }) => VERSION.test(name) && one !== undefined && other !== undefined,
    );
    if (version?.left === undefined || version.right === undefined) continue;
    const sides = { left: version.left, right: version.right };
    yield { kind: 'reason', reason: { kind: 'version-text', evidence: `${what} names a version`, ...sides } };
  }
}

function noteValue(notes: readonly ElfNote[], type: number): JsonValue | undefined {
  const note = notes.find((one) => one.owner === OWNER && one.type === type);
  if (note === undefined) return undefined;
  const text = Buffer.from(note.description, 'hex').toString('utf8').replace(/\0+$/, '');
  try {
    const values = readJson(text, LIMITS);
    return values.length === 1 ? values[0] : undefined;
  } catch (error) {
    // The note is then told as a line alone.
    if (!isReproofError(error)) throw error;
    return undefined;
  }
}
