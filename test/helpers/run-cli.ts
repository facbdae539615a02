import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

/** The command line's own file. */
export const MAIN = resolve(import.meta.dirname, '../../rebuilder/cli/main.ts');

export type CliResult = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** A new folder under the system's temporary one, removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'reproof-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the command line as users do, with an environment of its own whose home is `home`. */
export function startCli(home: string, argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [MAIN, ...argv], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a command line to its end. */
export async function runCli(
  home: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const child = startCli(home, argv, environment);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')]);
  return { status: child.exitCode, stdout, stderr };
}

export async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(stream)).toString('utf8');
}
