import { type Comparison, compare, jsonReport, openInputs, renderText } from '../../../compare/index.ts';
import type { CommandContext } from '../context.ts';
import { type CompareCommandOptions, type Operands, readOperands } from './options.ts';
import { writeReport } from './write-report.ts';

/** What `reproof compare` is asked. */
export type CompareRequest = {
  readonly operands: Operands;
  readonly options: CompareCommandOptions;
  readonly context: CommandContext;
};

/** Compares and writes the reports. Gives the exit status: 0 identical, 1 different. */
export async function runCompare({ operands, options, context }: CompareRequest): Promise<number> {
  const { left, right, json } = readOperands(operands, options.json);
  const enough = enoughSignal(context.signal, options.timeout);
  const inputs = await openInputs(left, right, { standardInput: process.stdin, signal: enough });
  let comparison: Comparison;
  try {
    comparison = await compare(inputs.left, inputs.right, { enough });
  } finally {
    await inputs.close();
  }
  if (json !== undefined) await writeReport(json, jsonReport(comparison), context.stdout);
  const text = options.text ?? (json === undefined ? '-' : undefined);
  if (text !== undefined && comparison.difference !== undefined)
    await writeReport(text, [renderText(comparison.difference)], context.stdout);
  return comparison.identical ? 0 : 1;
}

/** The first SIGINT, or the time being over: what was found by then is reported. */
function enoughSignal(interrupted: AbortSignal, seconds: number | undefined): AbortSignal {
  return seconds === undefined
    ? interrupted
    : AbortSignal.any([interrupted, AbortSignal.timeout(Math.round(seconds * 1000))]);
}
