import { isReproofError } from '../../../model/index.ts';
import { TOOLS } from '../../helpers/tools.ts';
import { bothOf } from '../../identity.ts';
import type { ByteSource, Context, Explanation } from '../../types.ts';

/** The text of both PDF files as pdftotext (poppler-utils) reads it, line by line; a note where it cannot be had. */
export async function* comparePdfText(
  left: ByteSource,
  right: ByteSource,
  context: Context,
): AsyncGenerator<Explanation> {
  try {
    const [old, now] = await bothOf(textOf(left, context), textOf(right, context));
    if (Array.isArray(old) && Array.isArray(now)) {
      yield { kind: 'lines', title: 'text (pdftotext)', held: true, left: old, right: now };
      if (old.join('\n') === now.join('\n')) yield { kind: 'note', text: 'the same text, as pdftotext reads it' };
    } else yield { kind: 'note', text: [old, now].find((one) => typeof one === 'string') ?? '' };
  } catch (error) {
    if (!isReproofError(error, 'PROGRAM_FAILED', 'PROGRAM_LIMIT')) throw error;
    if (error.code === 'PROGRAM_LIMIT') context.budget.refuseRun();
    yield { kind: 'note', text: `the text could not be compared: ${error.code}` };
  }
}

/** Lines, or why there are none. */
async function textOf(source: ByteSource, { helpers, budget }: Context): Promise<string[] | string> {
  if (!budget.takeProgramRun()) return 'the text is not compared: no more programs are run';
  const limit = budget.limits.textBytes;
  const file = await helpers.file(source, limit);
  if (file === undefined) {
    budget.refuseRun();
    return `the text is not compared: longer than ${limit} bytes`;
  }
  try {
    const result = await helpers.run(TOOLS.pdftotext, ['-layout', '-enc', 'UTF-8', file.path, '-'], {
      outputBytes: limit,
    });
    if (result.kind === 'missing') return result.note;
    if (result.status !== 0) return 'pdftotext could not read the text';
    return result.stdout.toString('utf8').split('\n');
  } finally {
    await file.remove();
  }
}
