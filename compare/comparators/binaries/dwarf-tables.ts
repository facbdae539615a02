import { type DwarfLineTable, readDwarfLines } from '../../../formats/index.ts';
import { ofBoth } from '../../identity.ts';
import type { Explanation } from '../../types.ts';
import type { FolderSwap } from './dwarf-folders.ts';
import type { DebugSections } from './dwarf-side.ts';
import { explainTexts } from './dwarf-texts.ts';

const LIMITS = { tables: 200_000, names: 8_000_000 };

type Sides = { readonly left: DebugSections; readonly right: DebugSections };

/** The line tables of both sides: the files they name, and in how many the lines themselves differ. Throws FORMAT_*. */
export function* explainTables({ left, right }: Sides, swaps: readonly FolderSwap[]): Generator<Explanation> {
  const [old, now] = ofBoth(left, right, (sections) => [...readDwarfLines(sections, LIMITS)]);
  const programs = (side: DebugSections, tables: readonly DwarfLineTable[]): readonly Buffer[] =>
    tables.map(({ program, end }) => side.line.subarray(program, end));
  const [before, after] = [programs(left, old), programs(right, now)];
  const paired = old.length === now.length;
  const others = paired ? before.filter((program, index) => !program.equals(after[index] as Buffer)).length : 0;
  const { count, rest, explanations } = explainTexts(filesOf(old), filesOf(now), swaps);
  yield* explanations;
  const say = (text: string): Explanation => ({ kind: 'detail', text: `content differs: ${text}` });
  if (!paired) {
    yield { kind: 'fields', fields: [{ name: 'line tables', left: String(old.length), right: String(now.length) }] };
    yield say('another number of line tables');
  } else if (others > 0) yield say(`lines differ in ${others} of ${old.length} line tables`);
  else if (rest > 0) yield say('the same lines, of files with other names');
  else if (count > 0) yield say(`the same lines of the same files, but for folders in their names`);
  else {
    yield say('the same lines of the same files; only how they are written differs');
    yield { kind: 'reason', reason: { kind: 'layout', evidence: 'the same line tables, written otherwise' } };
  }
}

/** The files that the tables name, each once, with their folders. */
function filesOf(tables: readonly DwarfLineTable[]): readonly string[] {
  const paths = new Set<string>();
  for (const { folders, files } of tables)
    for (const { name, folder } of files) {
      const within = folders[folder] ?? '';
      paths.add(within === '' || name.startsWith('/') ? name : `${within}/${name}`);
    }
  return [...paths];
}
