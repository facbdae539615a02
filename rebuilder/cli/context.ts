import type { Command } from 'commander';
import type { Output } from './output.ts';
import type { Settings } from './settings.ts';

/** What a command is given of the world. */
export type CommandContext = {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Aborted by the first SIGINT or SIGTERM, with an INTERRUPTED error as its reason. */
  readonly signal: AbortSignal;
  /** Reads the settings, with the given options of the command line over the rest. Throws SETTINGS_INVALID. */
  readonly settings: (options: CommonOptions) => Promise<Settings>;
  /** Sets the status the program ends with when the command returns. */
  readonly endWith: (status: number) => void;
};

/** The options every command has. Values as typed; settings.ts reads them. */
export type CommonOptions = {
  readonly config?: string;
  readonly data?: string;
  readonly cache?: string;
  readonly database?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
};

/** Adds the options every command has. */
export function addCommonOptions(command: Command): Command {
  return command
    .option('--config <file>', 'read settings from this file')
    .option('--data <folder>', 'where records and evidence are kept')
    .option('--cache <folder>', 'where fetched files are kept')
    .option('--database <address>', 'postgres://…, in place of a file in the data folder')
    .option('--json', 'print one JSON object on standard output')
    .option('--debug', 'print where in the code an error arose');
}

/** One JSON value and a newline, for programs. */
export async function writeJson(output: Output, value: unknown): Promise<void> {
  await output.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
