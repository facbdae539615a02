import { readWasm, type WasmModule } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { namedPairs } from '../../named-pairs.ts';
import { changedFields } from '../../pairing.ts';
import { readWhole } from '../../read-whole.ts';
import { sectionParts } from '../../section-parts.ts';
import type { Explanation, LeafComparator, MemberHeader } from '../../types.ts';

const LIMITS = { entries: 200_000 };
const MAGIC = Buffer.from('\0asm\x01\0\0\0', 'latin1');
const NOTHING = Buffer.alloc(0);
/** Differing functions shown one by one. */
const SHOWN_FUNCTIONS = 1000;
/** Sections that are told in other words than their bytes, by what they hold. */
const TOLD: readonly (readonly [id: number, what: 'imports' | 'exports' | 'functions' | 'producers'])[] = [
  [2, 'imports'],
  [7, 'exports'],
  [10, 'functions'],
  [0, 'producers'],
];

/** WebAssembly modules: imports, exports, producers, each function's code by name, and every other section. */
export const wasm: LeafComparator = {
  kind: 'leaf',
  id: 'wasm',
  recognizes: (head) => MAGIC.equals(head.subarray(0, 8)),
  async *explain(left, right, { budget }) {
    const limit = budget.limits.textBytes;
    const [old, now] = await bothOf(readWhole(left, limit), readWhole(right, limit));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not read as WebAssembly: longer than ${limit} bytes` };
      return;
    }
    const modules = ofBoth(old, now, (bytes) => readWasm(bytes, LIMITS));
    yield { kind: 'fields', fields: changedFields(counts(modules[0]), counts(modules[1])) };
    for (const what of ['imports', 'exports', 'producers'] as const)
      yield {
        kind: 'lines',
        title: what,
        left: modules[0][what].map(escapeName),
        right: modules[1][what].map(escapeName),
      };
    const tools = modules.map(({ producers }) => producers.map(escapeName).join(', '));
    if (tools[0] !== tools[1])
      yield {
        kind: 'reason',
        reason: { kind: 'version-text', evidence: 'producers section', left: tools[0] ?? '', right: tools[1] ?? '' },
      };
    const codes = yield* functions({ bytes: old, module: modules[0] }, { bytes: now, module: modules[1] });
    // Where the words are equal the bytes may not be: those of the type of an import, or a number written in more bytes.
    const isTold = ({ id, name }: WasmModule['sections'][number]): boolean =>
      TOLD.some(([told, what]) => {
        if (told !== id || (id === 0 && name !== what)) return false;
        return what === 'functions' ? codes : modules[0][what].join('\0') !== modules[1][what].join('\0');
      });
    const side = (source: typeof left, module: WasmModule): Parameters<typeof sectionParts>[0] => ({
      source,
      sections: module.sections
        .filter((section) => !isTold(section))
        .map(({ id, name, ...range }) => ({ ...range, name: id === 0 ? `custom ${escapeName(name)}` : name })),
    });
    yield* sectionParts(side(left, modules[0]), side(right, modules[1]));
    if (contents(old, modules[0]).equals(contents(now, modules[1])))
      yield { kind: 'note', text: 'the same sections: only how their sizes are written differs' };
  },
};

/** All sections with their kinds and names, each after its size. */
function contents(bytes: Buffer, { sections }: WasmModule): Buffer {
  return Buffer.concat(
    sections.flatMap(({ id, name, offset, size }) => [
      Buffer.from(`${id} ${size} ${name.length} ${name}`, 'latin1'),
      bytes.subarray(offset, offset + size),
    ]),
  );
}

function counts(module: WasmModule): MemberHeader {
  const { imports, exports, functions: bodies, sections } = module;
  return {
    imports: String(imports.length),
    exports: String(exports.length),
    functions: String(bodies.length),
    sections: sections.map(({ name }) => escapeName(name)).join(', '),
  };
}

type Side = { readonly bytes: Buffer; readonly module: WasmModule };

/** Functions without a name are paired by their index. True where something was told. */
function* functions(left: Side, right: Side): Generator<Explanation, boolean> {
  const nameOf = ({ name, index }: WasmModule['functions'][number]): string =>
    name === '' ? `function ${index}` : `function ${escapeName(name)}`;
  const { pairs, reordered } = namedPairs(left.module.functions, right.module.functions, nameOf);
  const code = ({ bytes }: Side, body: WasmModule['functions'][number] | undefined): Buffer | undefined =>
    body === undefined ? undefined : bytes.subarray(body.offset, body.offset + body.size);
  const [first, second] = [left.module.functions, right.module.functions];
  const isSame = (body: (typeof first)[number], index: number): boolean =>
    code(left, body)?.equals(code(right, second[index]) ?? NOTHING) === true;
  if (reordered && first.length === second.length && first.every(isSame)) {
    // Names are of a section of their own, which is shown: nothing tells that it was the functions that moved.
    yield { kind: 'detail', text: 'the same code in the same order: functions have other names' };
    return false;
  }
  if (reordered) {
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'functions in another order' } };
    yield { kind: 'note', text: 'calls are by number: of functions in another order the same number is another one' };
  }
  let [differing, alone] = [0, 0];
  for (const pair of pairs) {
    const [old, now] = [code(left, pair.left), code(right, pair.right)];
    if (old !== undefined && now !== undefined && old.equals(now)) continue;
    if (old === undefined || now === undefined) alone++;
    else differing++;
    if (differing + alone <= SHOWN_FUNCTIONS)
      yield { kind: 'lines', title: pair.name, left: hex(old), right: hex(now) };
  }
  const told = [
    ...(differing > 0 ? [`functions whose code differs: ${differing} of ${pairs.length}`] : []),
    ...(alone > 0 ? [`names of functions on one side: ${alone}`] : []),
  ];
  if (differing > 0 && !reordered) {
    const evidence = 'code of functions differs: instructions, or numbers of what they refer to';
    yield { kind: 'reason', reason: { kind: 'code', evidence } };
  }
  if (told.length > 0) yield { kind: 'detail', text: told.join(', ') };
  if (differing + alone > SHOWN_FUNCTIONS) yield { kind: 'note', text: `only ${SHOWN_FUNCTIONS} of them are shown` };
  return reordered || told.length > 0;
}

/** Sixteen bytes a line. */
function hex(code: Buffer = Buffer.alloc(0)): readonly string[] {
  return Array.from({ length: Math.ceil(code.length / 16) }, (_, line) =>
    code.toString('hex', line * 16, (line + 1) * 16).replace(/..(?=.)/g, '$& '),
  );
}
