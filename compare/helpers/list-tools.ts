import { isReproofError } from '../../model/index.ts';
import type { runProgram } from '../../programs/index.ts';
import { TOOLS, type Tool } from './tools.ts';

/** A program, and the first line of what it says of its version; undefined where it is not installed. */
export type ListedTool = Pick<Tool, 'program' | 'use' | 'debian'> & { readonly version: string | undefined };

const LIMITS = { wallSeconds: 10, outputBytes: 64 * 1024 };

/** Every outside program that comparing may use, by name, each asked for its version. Throws INTERRUPTED. */
export async function listTools(signal?: AbortSignal): Promise<readonly ListedTool[]> {
  // Only here: what compares two files of the same bytes loads nothing that starts programs.
  const { runProgram } = await import('../../programs/index.ts');
  const listed: ListedTool[] = [];
  for (const { program, use, debian, versionArguments } of Object.values<Tool>(TOOLS)) {
    const version = await versionOf(runProgram, [program, ...versionArguments], signal);
    listed.push({ program, use, debian, version });
  }
  return listed;
}

async function versionOf(
  run: typeof runProgram,
  argv: readonly [string, ...string[]],
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(argv, {
      limits: LIMITS,
      ...(signal === undefined ? {} : { signal }),
    });
    return `${stdout.toString('utf8')}\n${stderr}`.trim().split('\n', 1)[0] ?? '';
  } catch (error) {
    if (isReproofError(error, 'PROGRAM_MISSING')) return undefined;
    if (isReproofError(error, 'PROGRAM_FAILED', 'PROGRAM_LIMIT')) return 'does not start';
    throw error;
  }
}
