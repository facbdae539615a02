import type { Command } from 'commander';
import { addCommonOptions, type CommonOptions } from '../context.ts';

/** The options of the commands that build. */
export type BuildOptions = CommonOptions & { readonly verbose?: boolean; readonly quiet?: boolean };

/** Gathers an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds the options of the commands that build: where from, with what, within which limits, how much to tell. */
export function addBuildOptions(command: Command): Command {
  command
    .option('--mirror <url>', 'the Debian mirror')
    .option('--security-mirror <url>', "the security archive's mirror")
    .option('--snapshot <url>', 'where packages are looked for that no mirror has any more')
    .option('--keyring <file>', "the keys the archive's Release file has to be signed with")
    .option('--component <name>', 'a component of the archive to look in (repeatable)', collect)
    .option('--engine <address>', "the container engine: a socket's path, unix:// or tcp://")
    .option('--cpus <n>', 'CPUs the build may use')
    .option('--memory <size>', 'memory the build may use, such as 4G')
    .option('--disk <size>', 'disk the build may fill, such as 40G')
    .option('--processes <n>', 'processes and threads the build may have at once')
    .option('--timeout <duration>', 'how long the build may take, such as 90m')
    .option('--log-size <size>', "how long the build's log may get, such as 256M")
    .option('--verbose', "also print the build's log")
    .option('--quiet', 'print no progress');
  return addCommonOptions(command);
}
