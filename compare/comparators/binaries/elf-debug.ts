import { elfString, zeroEnded } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { escapeName, escapeText } from '../../escape.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import type { Explanation } from '../../types.ts';
import { compareDwarf, type DwarfFindings } from './dwarf-info.ts';
import { type DebugSections, dwarfSide, readDebugSections } from './dwarf-side.ts';
import { explainTables } from './dwarf-tables.ts';
import { counted, explainTexts } from './dwarf-texts.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfPiece, pieceBytes, SECTION_BYTES } from './elf-side.ts';

/** Sections that are explained here. Those of a split file (.dwo) have an ending of their own. */
const READ =
  /^\.debug_(?<kind>info|line|str|line_str|str_offsets|abbrev|addr|aranges|loc|loclists|names|pubnames|pubtypes|gnu_pubnames|gnu_pubtypes|ranges|rnglists)(?<ending>\.dwo)?$/;

type Pieces = readonly [ElfPiece, ElfPiece];

/**
 * What differs in a section of debug information, by what it means. False where that could not be told: another kind of
 * section, equal once unpacked, too large, or broken, which is a note. Throws ELF_*.
 */
export async function* explainDebug(pair: ElfPair, pieces: Pieces): AsyncGenerator<Explanation, boolean> {
  if (pieces[0].name === '.gnu_debugaltlink') return yield* explainAlternate(pair, pieces);
  const { kind, ending = '' } = READ.exec(pieces[0].name)?.groups ?? {};
  if (kind === undefined) return false;
  const [left, right] = await bothOf(
    pieceBytes(pair.left, pieces[0], SECTION_BYTES),
    pieceBytes(pair.right, pieces[1], SECTION_BYTES),
  );
  // Of units that are too long to be held, what their first entries say can be told.
  if ((left === undefined || right === undefined) && kind !== 'info') return false;
  if (left !== undefined && right !== undefined && left.equals(right)) return false;
  try {
    const findings = await findingsOf(pair, ending);
    if (findings === undefined) return false;
    const said = speaks(pair, `.debug_${kind}`, ending);
    if (said) yield* findings.explanations;
    if (kind === 'line') yield* explainLines(pair, ending, findings);
    else if (kind === 'str' || kind === 'line_str')
      yield* explainTable(left ?? NONE, right ?? NONE, { ...findings, said });
    else if (kind === 'str_offsets') yield* explainOffsets();
    else if (kind !== 'info') {
      const cause = causeOf(pair, kind, ending, findings);
      if (cause === undefined) return false;
      yield { kind: 'detail', text: `content differs: it follows from ${cause}, and is not shown` };
    }
    return true;
  } catch (error) {
    if (!isReproofError(error) || !error.code.startsWith('FORMAT_')) throw error;
    yield { kind: 'note', text: escapeText(`${error.code}: ${error.message}`) };
    return false;
  }
}

/** The file that dwz moved debug information to: its name, and its build-id behind it (GDB manual, Separate Debug Files). */
async function* explainAlternate(pair: ElfPair, [left, right]: Pieces): AsyncGenerator<Explanation, boolean> {
  const [old, now] = await bothOf(pieceBytes(pair.left, left, LINK_BYTES), pieceBytes(pair.right, right, LINK_BYTES));
  if (old === undefined || now === undefined) return false;
  const read = (bytes: Buffer): readonly [string, string] => {
    const name = elfString(bytes, 0);
    return [escapeName(name), bytes.subarray(name.length + 1).toString('hex')];
  };
  const [one, other] = [read(old), read(now)];
  yield {
    kind: 'fields',
    fields: [
      { name: 'file of shared debug information', left: one[0], right: other[0] },
      { name: 'build-id of that file', left: one[1], right: other[1] },
    ],
  };
  yield {
    kind: 'reason',
    reason: { kind: 'build-id', evidence: 'it names a file of debug information by its build-id' },
  };
  return true;
}
const NONE = Buffer.alloc(0);
const LINK_BYTES = 64 * 1024;

async function* explainLines(pair: ElfPair, ending: string, { swaps }: DwarfFindings): AsyncGenerator<Explanation> {
  const both = await readBoth(pair, ending);
  if (both !== undefined) yield* explainTables(both, swaps);
}

function* explainOffsets(): Generator<Explanation> {
  yield { kind: 'detail', text: 'content differs: it lists where texts stand in .debug_str' };
  yield { kind: 'reason', reason: { kind: 'layout', evidence: 'only places of texts in their table differ' } };
}

type Both = { readonly left: DebugSections; readonly right: DebugSections };

async function readBoth(pair: ElfPair, ending: string): Promise<Both | undefined> {
  const [left, right] = await bothOf(readDebugSections(pair.left, ending), readDebugSections(pair.right, ending));
  return left === undefined || right === undefined ? undefined : { left, right };
}

const known = new WeakMap<ElfPair, Map<string, Promise<DwarfFindings | undefined>>>();

/** What the units differ in, found once for all sections; undefined where they are too large. Throws FORMAT_*. */
function findingsOf(pair: ElfPair, ending: string): Promise<DwarfFindings | undefined> {
  const found = known.get(pair) ?? new Map<string, Promise<DwarfFindings | undefined>>();
  known.set(pair, found);
  const findings = found.get(ending) ?? compareUnits(pair, ending);
  found.set(ending, findings);
  return findings;
}

async function compareUnits(pair: ElfPair, ending: string): Promise<DwarfFindings | undefined> {
  const both = await readBoth(pair, ending);
  if (both === undefined) return undefined;
  const [left, right] = ofBoth(both.left, both.right, dwarfSide);
  return left.units.length + right.units.length === 0
    ? { swaps: [], deep: false, explanations: [] }
    : compareDwarf(left, right);
}

/** True for the section at which it is told what units differ in: the first that differs of those they are made of. */
function speaks(pair: ElfPair, name: string, ending: string): boolean {
  return differing(pair, ending)[0] === name;
}

function differing({ left, right, changed }: ElfPair, ending: string): readonly string[] {
  return ['.debug_info', '.debug_str', '.debug_line_str'].filter((kind) => {
    const name = kind + ending;
    return changed.has(name) || left.pieces.has(name) !== right.pieces.has(name);
  });
}

/** Indices of names hold offsets of entries and of texts. */
const INDICES = /^(?:names|pubnames|pubtypes|gnu_pubnames|gnu_pubtypes)$/;

/** What a section that is made for others follows from; undefined where nothing of that differs. */
function causeOf(pair: ElfPair, kind: string, ending: string, { deep }: DwarfFindings): string | undefined {
  if (deep) return 'entries of .debug_info that differ';
  return INDICES.test(kind) && differing(pair, ending).length > 0 ? 'what it is an index of' : undefined;
}

type Told = DwarfFindings & { readonly said: boolean };

function* explainTable(left: Buffer, right: Buffer, { swaps, said }: Told): Generator<Explanation> {
  const { count, rest, explanations } = explainTexts(zeroEnded(left), zeroEnded(right), swaps);
  // The folders are then told already.
  for (const found of explanations) if (!said || swaps.length === 0 || found.kind === 'lines') yield found;
  if (rest > 0) return;
  const told = count === 0 ? 'the same texts in another order' : `the same texts, but for folders in ${counted(count)}`;
  yield { kind: 'detail', text: `content differs: ${told}` };
}
