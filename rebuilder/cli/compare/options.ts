import { InvalidArgumentError } from 'commander';
import type { CompareLimits } from '../../../compare/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { parseSize } from '../units.ts';

/** The options of `reproof compare`, as commander gives them. Reports: a file, or - for standard output. */
export type CompareCommandOptions = {
  readonly json?: string | true;
  readonly text?: string;
  readonly html?: string;
  readonly markdown?: string;
  readonly diffoscopeJson?: string;
  readonly summary?: true;
  readonly textColor?: 'never' | 'auto' | 'always';
  /** Bytes; 0 for no limit. */
  readonly maxReportSize?: number;
  readonly maxContainerDepth?: number;
  readonly with?: 'diffoscope' | 'diffoscope-members';
  readonly limit?: Partial<CompareLimits>;
  /** Equal lines around those that differ. */
  readonly diffContext?: number;
  /** A descriptor that progress is written to, as diffoscope does. */
  readonly statusFd?: number;
  /** Undefined shows it on a terminal, when it takes long. */
  readonly progress?: boolean;
  /** Taken for scripts that give it: reports are always written. */
  readonly outputEmpty?: true;
  readonly listTools?: true;
  readonly listMissingTools?: true;
  /** A comparison's JSON that is read in place of comparing. */
  readonly loadExistingDiff?: string;
  /** Globs of member names. */
  readonly exclude?: readonly string[];
  readonly excludeDirectoryMetadata?: 'auto' | 'yes' | 'no' | 'recursive';
  /** Seconds. */
  readonly timeout?: number;
};

const DEEPEST = 100;

export type Operands = {
  readonly left: string | undefined;
  readonly right: string | undefined;
  /** The command line as it was typed. */
  readonly argv: readonly string[];
};

/** Both paths, and where JSON goes. `--json` may stand before a path that is not its own: the paths are two. */
export function readOperands(
  { left, right, argv }: Operands,
  json: string | true | undefined,
): { readonly left: string; readonly right: string; readonly json: string | undefined } {
  if (left === undefined) throw new ReproofError('USAGE', "missing required argument 'left'");
  if (right !== undefined) return { left, right, json: json === true ? '-' : json };
  if (typeof json !== 'string' || !argv.includes('--json'))
    throw new ReproofError('USAGE', "missing required argument 'right'");
  const jsonFirst = argv[argv.indexOf('--json') + 1] === json && argv.indexOf('--json') < argv.indexOf(left);
  return jsonFirst ? { left: json, right: left, json: '-' } : { left, right: json, json: '-' };
}

/** A number of seconds, more than 0. */
export function parseSeconds(text: string): number {
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('It has to be a number of seconds.');
  return Number(text);
}

/** A size in bytes, such as 40M; 0 for no limit. */
export function parseBytes(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('It has to be a size, such as 40M, or 0 for no limit.');
  return bytes;
}

/** Archives inside each other: no more than trees can be read back with. */
export function parseDepth(text: string): number {
  const depth = parseCount(text);
  if (depth > DEEPEST) throw new InvalidArgumentError(`It has to be at most ${DEEPEST}.`);
  return depth;
}

/** A whole number, 0 or more. */
export function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}
