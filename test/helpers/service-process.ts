import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runCli, startCli } from './run-cli.ts';

/** `reproof serve` in a process of its own, as its operators start it. */
export type ServiceProcess = {
  /** Without a slash at the end. */
  readonly url: string;
  readonly data: string;
  /** A token of an operator. */
  readonly token: string;
  readonly stop: () => Promise<void>;
};

/** Starts one without builds of its own, with data in `folder`, on a port of loopback that is free. */
export async function startService(
  folder: string,
  options: { readonly signupSecret: string; readonly basePath?: string },
): Promise<ServiceProcess> {
  const data = join(folder, 'data');
  const made = await runCli(folder, ['token', 'create', 'operator', '--role', 'operator', '--data', data]);
  if (made.status !== 0) throw new Error(made.stderr);
  const signup = join(folder, 'signup');
  await writeFile(signup, `${options.signupSecret}\n`);
  const child = startCli(folder, [
    ...['serve', '--data', data, '--workers', '0', '--listen', '127.0.0.1:0', '--signup-file', signup],
    ...(options.basePath === undefined ? [] : ['--base-path', options.basePath]),
  ]);
  const errors = Array.fromAsync(child.stderr, String);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const listening = /^reproof listens on (\S+)$/.exec(line)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    child.once('exit', async () => reject(new Error(`it ended before it listened: ${(await errors).join('')}`)));
  });
  return {
    url,
    data,
    token: made.stdout.trim(),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
