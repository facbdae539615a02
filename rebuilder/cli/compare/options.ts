import { InvalidArgumentError } from 'commander';
import { ReproofError } from '../../../model/index.ts';

/** The options of `reproof compare`, as commander gives them. Reports: a file, or - for standard output. */
export type CompareCommandOptions = {
  readonly json?: string | true;
  readonly text?: string;
  readonly timeout?: number;
};

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
