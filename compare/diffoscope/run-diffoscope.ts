import { type Difference, isReproofError, ReproofError } from '../../model/index.ts';
import type { ByteSource } from '../byte-source.ts';
import { escapeText } from '../escape.ts';
import type { HelperFile } from '../helpers/helper-runner.ts';
import { TOOLS } from '../helpers/tools.ts';
import { type Context, differenceNode } from '../types.ts';
import { type DiffoscopeTree, readDiffoscopeJson } from './read-diffoscope-json.ts';

/** Its exit statuses: 0 no difference, 1 differences, 2 trouble, which says nothing. */
const WELL_ENDED: readonly number[] = [0, 1];

/** Without what takes it hours and gigabytes, by its own options; the rest is bounded from outside. */
const ARGUMENTS: readonly string[] = [
  '--json=-',
  '--no-progress',
  '--exclude-command=^readelf.*--debug-dump',
  '--max-diff-input-lines=200000',
  '--max-diff-block-lines-saved=500',
  '--fuzzy-threshold=0',
  '--max-container-depth=8',
  '--exclude-directory-metadata=yes',
];

export type Pair = { readonly left: ByteSource; readonly right: ByteSource };

/**
 * What diffoscope says of two files, as a node of kind `diffoscope`: one more explanation, never a verdict. That it is
 * missing, failed or passed a limit is a note. It works on copies, in a process group and a temporary folder of its own.
 */
export async function runDiffoscope(pair: Pair, context: Context): Promise<Difference> {
  try {
    const tree = await askDiffoscope(pair, context, true);
    return tree === undefined
      ? { ...saidBy(context), notes: ['it finds no difference'] }
      : { ...saidBy(context), ...foundIn(tree) };
  } catch (error) {
    return { ...differenceNode('diffoscope', 'diffoscope'), ...failed(error) };
  }
}

/** What its tree says, as what one node of ours holds. */
export function foundIn({ node }: DiffoscopeTree): Pick<Difference, 'notes' | 'children' | 'truncated' | 'diff'> {
  const { notes, children, truncated, diff } = node;
  return { notes, children, truncated, ...(diff === undefined ? {} : { diff }) };
}

/** The node of what it says, with its version. */
export function saidBy({ helpers }: Context): Difference {
  const version = helpers.used.find(({ program }) => program === TOOLS.diffoscope.program)?.version;
  const detail = `what ${escapeText(version ?? TOOLS.diffoscope.program)} says`;
  return { ...differenceNode('diffoscope', 'diffoscope'), detail };
}

/** Its tree; undefined where it finds no difference. `topHex` false leaves a mere dump out. Throws what `failed` notes. */
export async function askDiffoscope(
  { left, right }: Pair,
  context: Context,
  topHex: boolean,
): Promise<DiffoscopeTree | undefined> {
  const { budget, helpers } = context;
  const { copyBytes, programBytes, programRuns, diffBytes } = budget.limits;
  budget.spend('bytes', 0);
  if (!budget.takeProgramRun()) throw limit(`not run: the limit of ${programRuns} programRuns was reached`);
  const files: HelperFile[] = [];
  try {
    for (const source of [left, right]) {
      const file = await helpers.file(source, copyBytes, `file${suffixOf(source.name)}`);
      if (file === undefined) throw limit(`not run: more than ${copyBytes} bytes`);
      files.push(file);
    }
    const printed = helpers.stream(TOOLS.diffoscope, [...ARGUMENTS, ...files.map(({ path }) => path)], {
      privateTemporaryFolder: true,
      wellEnded: WELL_ENDED,
      outputBytes: programBytes,
    });
    return await readDiffoscopeJson(printed, {
      takeNode: () => budget.takeNode(),
      takeBytes: (bytes) => budget.takeReportBytes(bytes),
      diffCharacters: diffBytes,
      topHex,
    });
  } finally {
    for (const file of files) await file.remove();
  }
}

/** What went wrong, as a note. Throws what is no matter of the program or its limits. */
export function failed(error: unknown): Pick<Difference, 'notes' | 'truncated'> {
  if (!isReproofError(error) || !/^(PROGRAM|FORMAT|ARCHIVE)_/.test(error.code)) throw error;
  const { status, said } = error.context;
  const why = said === '' ? '' : `: ${said}`;
  const note =
    error.code === 'PROGRAM_MISSING'
      ? error.message
      : status === undefined
        ? `${error.code}: ${error.message}`
        : `no report: it ended with status ${status}${why}`;
  return { notes: [escapeText(note)], truncated: error.code.endsWith('_LIMIT') };
}

function limit(message: string): ReproofError {
  return new ReproofError('PROGRAM_LIMIT', message);
}

/** The end of a name, by which diffoscope chooses between formats that look alike; some hold a dash, as -le64.cache-4. */
function suffixOf(name: string): string {
  return /(?:[.-][a-z0-9]{1,10}){1,3}$/i.exec(name)?.[0] ?? '';
}
