import {
  type JavaAttribute,
  type JavaClass,
  type JavaMember,
  JavaText,
  readJavaClass,
} from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { namedPairs } from '../../named-pairs.ts';
import { byBytes, changedFields } from '../../pairing.ts';
import { readWhole } from '../../read-whole.ts';
import type { Explanation, LeafComparator, MemberHeader } from '../../types.ts';

const LIMITS = { attributes: 500_000, characters: 16 * 2 ** 20 };
/** Class file versions begin at 45; a fat Mach-O file, of the same magic number, has a small count there. */
const [FIRST_MAJOR, LAST_MAJOR] = [45, 200];
const ATTRIBUTE = /^[A-Z]\w*: /;
const DEBUG_INFO = /^(?:LineNumberTable|LocalVariableTable|LocalVariableTypeTable|SourceFile|MethodParameters)\b/;
const DECLARED = ['access', 'name', 'super class', 'interfaces'];

/** Java class files: version, constants, and each field, method and attribute with its constants in place. */
export const javaClass: LeafComparator = {
  kind: 'leaf',
  id: 'java-class',
  recognizes: (head) => {
    const bytes = Buffer.from(head.subarray(0, 8));
    if (bytes.length < 8 || bytes.readUInt32BE() !== 0xcafebabe) return false;
    const major = bytes.readUInt16BE(6);
    return major >= FIRST_MAJOR && major <= LAST_MAJOR;
  },
  async *explain(left, right, { budget }) {
    const limit = budget.limits.textBytes;
    const [old, now] = await bothOf(readWhole(left, limit), readWhole(right, limit));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not read as a Java class: longer than ${limit} bytes` };
      return;
    }
    yield* describe(...ofBoth(old, now, readSide));
  },
};

/** A file with all that is shown of it: what a constant or an attribute lacks is only seen then. */
type Side = { readonly file: JavaClass; readonly constants: readonly string[]; readonly parts: readonly Shown[] };

function readSide(bytes: Buffer): Side {
  const file = readJavaClass(bytes, LIMITS);
  return { file, constants: file.constants.lines().map(escapeName), parts: shown(file) };
}

/** `code` is what of the lines a method does. */
type Shown = { readonly title: string; readonly lines: readonly string[]; readonly code?: readonly string[] };

function* describe(left: Side, right: Side): Generator<Explanation> {
  const fields = changedFields(header(left.file), header(right.file));
  yield { kind: 'fields', fields };
  if (left.file.major !== right.file.major)
    yield {
      kind: 'reason',
      reason: {
        kind: 'version-text',
        evidence: 'class file version',
        left: version(left.file),
        right: version(right.file),
      },
    };
  const [old, now] = [left.constants, right.constants];
  const [oldSorted, nowSorted] = [old.toSorted(byBytes), now.toSorted(byBytes)];
  yield { kind: 'lines', title: 'constants, sorted', left: oldSorted, right: nowSorted };
  if (same(oldSorted, nowSorted) && !same(old, now))
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same constants in another order' } };
  const { pairs, reordered } = namedPairs(left.parts, right.parts, (part) => part.title);
  if (reordered)
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'fields, methods or attributes in another order' } };
  const differing = pairs.filter((pair) => !same(pair.left?.lines ?? [], pair.right?.lines ?? []));
  for (const pair of differing)
    yield { kind: 'lines', title: pair.name, left: pair.left?.lines ?? [], right: pair.right?.lines ?? [] };
  const without = (lines: readonly string[] = []): readonly string[] => lines.filter((line) => !DEBUG_INFO.test(line));
  const onlyDebug = differing.every((pair) => same(without(pair.left?.lines), without(pair.right?.lines)));
  if (differing.length > 0 && onlyDebug) {
    const evidence = `${fields.length === 0 ? 'only ' : ''}names and places in the source differ`;
    yield { kind: 'reason', reason: { kind: 'debug-info', evidence } };
  }
  const declared = fields.flatMap(({ name }) => (DECLARED.includes(name) ? [name] : []));
  if (declared.length > 0) {
    const evidence = `the class is declared otherwise: ${declared.join(', ')}`;
    yield { kind: 'reason', reason: { kind: 'code', evidence } };
  }
  yield* codeChange(differing);
  yield {
    kind: 'detail',
    text:
      differing.length === 0
        ? 'the same fields, methods and attributes'
        : `differing fields, methods and attributes: ${differing.length} of ${pairs.length}`,
  };
}

/** Methods of both sides whose instructions differ, or nothing but the constants that they load. */
function* codeChange(pairs: readonly { readonly left?: Shown; readonly right?: Shown }[]): Generator<Explanation> {
  const both = pairs.flatMap(({ left, right }) =>
    left?.code === undefined || right?.code === undefined ? [] : [[left.code, right.code] as const],
  );
  const bare = (lines: readonly string[]): readonly string[] => lines.map((line) => line.replace(/^(ldc\w*) .*/, '$1'));
  if (both.some(([old, now]) => !same(bare(old), bare(now))))
    yield { kind: 'reason', reason: { kind: 'code', evidence: 'instructions of methods differ' } };
  else if (both.some(([old, now]) => !same(old, now)))
    yield { kind: 'reason', reason: { kind: 'data', evidence: 'constants that methods load differ' } };
}

function header(file: JavaClass): MemberHeader {
  return {
    version: version(file),
    access: hex(file.access),
    name: escapeName(file.name),
    'super class': escapeName(file.superName),
    interfaces: file.interfaces.map(escapeName).join(', '),
    'bytes after the end': file.trailing === 0 ? '' : String(file.trailing),
  };
}

/** Class file version 52 is Java 8, and so on up; before 49 they were called 1.1 to 1.4 (JVMS table 4.1-A). */
function version({ major, minor }: JavaClass): string {
  const release = major >= 49 ? String(major - 44) : `1.${Math.max(1, major - 44)}`;
  return `${major}.${minor} (Java ${release}${minor === 0xffff ? ', preview' : ''})`;
}

function shown(file: JavaClass): readonly Shown[] {
  const text = new JavaText(file.constants, LIMITS);
  const attributeLines = (attribute: JavaAttribute): readonly string[] =>
    text.lines(attribute).map((line) => escapeName(attribute.name === 'Code' ? line : `${attribute.name}: ${line}`));
  const member = (kind: string, { access, name, descriptor, attributes }: JavaMember): Shown => {
    const lines = [`access ${hex(access)}`];
    const code: string[] = [];
    for (const attribute of attributes) {
      const told = attributeLines(attribute);
      lines.push(...told);
      // The first line is of the stack; what names an attribute before it is no instruction.
      if (attribute.name === 'Code') code.push(...told.slice(1).filter((line) => !ATTRIBUTE.test(line)));
    }
    return { title: `${kind} ${escapeName(`${name} ${descriptor}`)}`, lines, code };
  };
  return [
    ...file.fields.map((field) => member('field', field)),
    ...file.methods.map((method) => member('method', method)),
    ...file.attributes.map((attribute) => ({
      title: `attribute ${escapeName(attribute.name)}`,
      lines: attributeLines(attribute),
    })),
  ];
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((line, index) => line === right[index]);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}
