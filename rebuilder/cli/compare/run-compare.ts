import { readFile, stat } from 'node:fs/promises';
import {
  type Comparison,
  compare,
  openInputs,
  type ReportKind,
  type ReportOptions,
  readComparison,
  report,
} from '../../../compare/index.ts';
import { escapeText, ReproofError } from '../../../model/index.ts';
import type { CommandContext } from '../context.ts';
import { wantsColour } from '../output.ts';
import { enoughSignal } from './enough-signal.ts';
import { limitsOf } from './limits.ts';
import { type CompareCommandOptions, type Operands, readOperands } from './options.ts';
import { openCompareProgress } from './progress.ts';
import { refuseOverwriting, writeReport } from './write-report.ts';
import { writeTools } from './write-tools.ts';

/** What `reproof compare` is asked. */
export type CompareRequest = {
  readonly operands: Operands;
  readonly options: CompareCommandOptions;
  readonly context: CommandContext;
};

/** Compares and writes the reports. Gives the exit status: 0 identical, 1 different. */
export async function runCompare({ operands, options, context }: CompareRequest): Promise<number> {
  if (options.listTools === true || options.listMissingTools === true) {
    await writeTools(options, context);
    return 0;
  }
  if (options.loadExistingDiff !== undefined) {
    if (operands.left !== undefined)
      throw new ReproofError('USAGE', 'with --load-existing-diff nothing is compared: leave LEFT and RIGHT out');
    const json = options.json === true ? '-' : options.json;
    await refuseOverwriting(targetsOf({ ...options, json }), [options.loadExistingDiff]);
    const comparison = await loadComparison(options.loadExistingDiff);
    const next = 'look at another report of the same file, such as with --html report.html';
    await writeReports({ comparison, options: { ...options, json }, next, context });
    return comparison.identical ? 0 : 1;
  }
  const { left, right, json } = readOperands(operands, options.json);
  await refuseOverwriting(targetsOf({ ...options, json }), [left, right]);
  const comparison = await comparePaths([left, right], options, context).catch((error: unknown) => {
    throw unreadable(error) ?? error;
  });
  const next = nextCommand(left, right);
  await writeReports({ comparison, options: { ...options, json }, next, context });
  return comparison.identical ? 0 : 1;
}

async function comparePaths(
  paths: readonly [string, string],
  options: CompareCommandOptions,
  context: CommandContext,
): Promise<Comparison> {
  const enough = enoughSignal(context.signal, options.timeout);
  const inputs = await openInputs(...paths, {
    standardInput: process.stdin,
    signal: enough,
    directoryMetadata: !['yes', 'recursive'].includes(options.excludeDirectoryMetadata ?? 'no'),
  });
  const progress = openCompareProgress(options, context);
  try {
    return await compare(inputs.left, inputs.right, {
      enough,
      onProgress: progress.report,
      limits: limitsOf(options),
      leaveOut: { members: options.exclude ?? [], metadata: options.excludeDirectoryMetadata === 'recursive' },
      ...(options.with === undefined ? {} : { diffoscope: options.with === 'diffoscope' ? 'all' : 'members' }),
    });
  } finally {
    await progress.close();
    await inputs.close();
  }
}

/** That what is compared cannot be read, such as for want of permission, is no defect of ours. */
function unreadable(error: unknown): ReproofError | undefined {
  const { syscall = '', message } = error as NodeJS.ErrnoException;
  if (!/^(?:open|read|readdir|scandir|stat|lstat)$/.test(syscall)) return undefined;
  return new ReproofError('USAGE', `reading what is compared: ${message}`, { cause: error });
}

/** Past this a file is no report that was made to be read. */
const LOADED_BYTES = 400 * 2 ** 20;

async function loadComparison(path: string): Promise<Comparison> {
  return readComparison(await loadText(path));
}

async function loadText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= LOADED_BYTES) return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ReproofError('USAGE', `reading ${path}: ${(cause as Error).message}`, { cause });
  }
  throw new ReproofError('FORMAT_LIMIT', `reading ${path}: more than ${LOADED_BYTES} bytes`);
}

type Written = {
  readonly comparison: Comparison;
  readonly options: Omit<CompareCommandOptions, 'json'> & { readonly json?: string | undefined };
  readonly next: string;
  readonly context: CommandContext;
};

/** The reports that were asked for, and where each goes. */
function wantedOf(options: Written['options']): readonly (readonly [ReportKind, string])[] {
  const { json, diffoscopeJson, html, markdown, text } = options;
  const summary = options.summary === true ? '-' : undefined;
  const asked: readonly (readonly [ReportKind, string | undefined])[] = [
    ['summary', summary],
    ['text', text],
    ['json', json],
    ['diffoscope-json', diffoscopeJson],
    ['markdown', markdown],
    ['html', html],
  ];
  return asked.filter((one): one is readonly [ReportKind, string] => one[1] !== undefined);
}

function targetsOf(options: Written['options']): readonly string[] {
  return wantedOf(options).map(([, target]) => target);
}

/** Writes every report that was asked for; where none was, text to standard output. */
async function writeReports({ comparison, options, next, context }: Written): Promise<void> {
  const wanted = wantedOf(options);
  const { textColor } = options;
  const { reportBytes } = limitsOf(options);
  const coloured = (target: string): boolean =>
    textColor === 'always' ||
    (textColor !== 'never' &&
      target === '-' &&
      (context.stdout.colour || wantsColour(context.stdout.isTerminal, context.environment)));
  for (const [kind, target] of wanted.length === 0 ? [['text', '-'] as const] : wanted) {
    const reportOptions: ReportOptions = {
      next,
      colour: coloured(target),
      ...(reportBytes === undefined ? {} : { maxBytes: reportBytes }),
    };
    await writeReport(target, await report(comparison, kind, reportOptions), context.stdout);
  }
}

/** What standard input or a pipe gave is gone by then. */
function nextCommand(left: string, right: string): string {
  if ([left, right].some((path) => path === '-' || /^\/(?:dev|proc\/\w+)\/fd\//.test(path)))
    return 'run the same again with --html report.html';
  return `reproof compare --html report.html ${[left, right].map(quoted).join(' ')}`;
}

/** A word as a shell reads it: what cannot be shown as it is by its bytes, in quotes that bash, zsh and ksh know. */
function quoted(word: string): string {
  if (/^[\w./:=@%+,-][\w./:=@%+,~-]*$/.test(word)) return word;
  if (escapeText(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const bytes = (character: string): string => Buffer.from(character).toString('hex').replace(/../g, '\\x$&');
  const shown = Array.from(word.replace(/['\\]/g, '\\$&'), (each) => (escapeText(each) === each ? each : bytes(each)));
  return `$'${shown.join('')}'`;
}
