import { type DwarfLineTable, readDwarfLines } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import { ofBoth } from '../../identity.ts';
import type { Explanation } from '../../types.ts';
import type { FolderSwap } from './dwarf-folders.ts';
import type { DebugSections } from './dwarf-side.ts';
import { explainTexts } from './dwarf-texts.ts';

const LIMITS = { tables: 200_000, names: 8_000_000 };

/** `stated` by what is said, each with its path. */
type Files = { readonly paths: ReadonlySet<string>; readonly stated: ReadonlyMap<string, string> };
type Sides = { readonly left: DebugSections; readonly right: DebugSections };

/** The line tables of both sides: the files they name, and in how many the lines themselves differ. Throws FORMAT_*. */
export function* explainTables({ left, right }: Sides, swaps: readonly FolderSwap[]): Generator<Explanation> {
  const [old, now] = ofBoth(left, right, (sections) => [...readDwarfLines(sections, LIMITS)]);
  const programs = (side: DebugSections, tables: readonly DwarfLineTable[]): readonly Buffer[] =>
    tables.map(({ program, end }) => side.line.subarray(program, end));
  const [before, after] = [programs(left, old), programs(right, now)];
  const paired = old.length === now.length;
  const others = paired ? before.filter((program, index) => !program.equals(after[index] as Buffer)).length : 0;
  const [files, nowFiles] = [filesOf(old), filesOf(now)];
  const { count, rest, explanations } = explainTexts([...files.paths], [...nowFiles.paths], swaps);
  yield* explanations;
  const alone = { left: statedAlone(files, nowFiles), right: statedAlone(nowFiles, files) };
  yield { kind: 'lines', title: 'source files as stated', ...alone };
  const say = (text: string): Explanation => ({ kind: 'detail', text: `content differs: ${text}` });
  if (!paired) {
    yield { kind: 'fields', fields: [{ name: 'line tables', left: String(old.length), right: String(now.length) }] };
    yield say('another number of line tables');
  } else if (others > 0) yield say(`lines differ in ${others} of ${old.length} line tables`);
  else if (rest > 0) yield say('the same lines, of files with other names');
  else if (alone.left.length + alone.right.length > 0)
    yield say('the same lines, of files of the same names for which another MD5, time or size is stated');
  else if (count > 0) yield say(`the same lines of the same files, but for folders in their names`);
  else {
    yield say('the same lines of the same files; only how they are written differs');
    yield { kind: 'reason', reason: { kind: 'layout', evidence: 'the same line tables, written otherwise' } };
  }
}

/** The files that the tables name, each once, with their folders; and those of which more is said, with that. */
function filesOf(tables: readonly DwarfLineTable[]): Files {
  const paths = new Set<string>();
  const stated = new Map<string, string>();
  for (const { folders, files } of tables)
    for (const { name, folder, content } of files) {
      const within = folders[folder] ?? '';
      const path = within === '' || name.startsWith('/') ? name : `${within}/${name}`;
      paths.add(path);
      if (content !== undefined) stated.set(`${path} ${content}`, path);
    }
  return { paths, stated };
}

/** What only one side says of files that both name. */
function statedAlone(own: Files, other: Files): readonly string[] {
  return [...own.stated].flatMap(([text, path]) =>
    other.paths.has(path) && !other.stated.has(text) ? [escapeName(text)] : [],
  );
}
