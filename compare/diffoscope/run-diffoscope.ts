import { type Difference, isReproofError } from '../../model/index.ts';
import type { ByteSource } from '../byte-source.ts';
import { escapeText } from '../escape.ts';
import type { Helper, HelperFile } from '../helpers/helper-runner.ts';
import { type Context, differenceNode } from '../types.ts';
import { readDiffoscopeJson } from './read-diffoscope-json.ts';

const DIFFOSCOPE: Helper = { program: 'diffoscope', versionArguments: ['--version'] };
/** Its exit statuses: 0 no difference, 1 differences, 2 trouble, which says nothing. */
const DIFFERENT = 1;
const FILE_BYTES = 4 * 2 ** 30;

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

/**
 * What diffoscope says of two files, as a node of kind `diffoscope`: one more explanation, never a verdict. That it is
 * missing, failed or passed a limit is a note. It works on copies, in a process group and a temporary folder of its own.
 */
export async function runDiffoscope(
  { left, right }: { readonly left: ByteSource; readonly right: ByteSource },
  context: Context,
  enough?: AbortSignal,
): Promise<Difference> {
  const node = differenceNode('diffoscope', 'diffoscope');
  const noted = (note: string, truncated = false): Difference => ({ ...node, notes: [escapeText(note)], truncated });
  if (!context.budget.takeProgramRun()) return noted('not run: the limit of program runs was reached', true);
  const files: HelperFile[] = [];
  try {
    for (const source of [left, right]) {
      const file = await context.helpers.file(source, FILE_BYTES, suffixOf(source.name));
      if (file === undefined) return noted(`not run: more than ${FILE_BYTES} bytes`, true);
      files.push(file);
    }
    const result = await context.helpers.run(DIFFOSCOPE, [...ARGUMENTS, ...files.map(({ path }) => path)], {
      privateTemporaryFolder: true,
      ...(enough === undefined ? {} : { signal: enough }),
    });
    if (result.kind === 'missing') return noted(result.note);
    const version = context.helpers.used.find(({ program }) => program === DIFFOSCOPE.program)?.version;
    const said = { ...node, detail: `what ${escapeText(version ?? 'diffoscope')} says` };
    if (result.status === 0) return { ...said, notes: ['it finds no difference'] };
    if (result.status !== DIFFERENT)
      return noted(`no report: it ended with status ${result.status}: ${result.stderr.trim().split('\n').at(-1)}`);
    const room = {
      takeNode: () => context.budget.takeNode(),
      takeBytes: (bytes: number) => context.budget.takeReportBytes(bytes),
    };
    const { notes, children, truncated, diff } = readDiffoscopeJson(result.stdout.toString('utf8'), room);
    return { ...said, notes, children, truncated, ...(diff === undefined ? {} : { diff }) };
  } catch (error) {
    const ended = isReproofError(error, 'INTERRUPTED') && context.budget.signal?.aborted !== true;
    if (!ended && !(isReproofError(error) && /^(PROGRAM|FORMAT|ARCHIVE)_/.test(error.code))) throw error;
    return noted(ended ? 'ended early as asked' : `${error.code}: ${error.message}`, true);
  } finally {
    for (const file of files) await file.remove();
  }
}

/** The end of a name, by which diffoscope chooses between formats that look alike. */
function suffixOf(name: string): string {
  return /(?:\.[a-z0-9]{1,10}){1,2}$/i.exec(name)?.[0] ?? '';
}
