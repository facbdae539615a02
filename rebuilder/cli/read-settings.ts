import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { ReproofError } from '../../model/index.ts';
import { defaultSettingsFile, resolveSettings, type SettingFlags, type Settings } from './settings.ts';
import type { SettingKey } from './settings-schema.ts';

const MAX_FILE_BYTES = 1024 * 1024;

/** Options of the command line that are settings, by commander's name for them. */
const FLAG_NAMES: Readonly<Record<string, SettingKey>> = {
  data: 'data',
  cache: 'cache',
  database: 'database',
  mirror: 'mirror',
  securityMirror: 'security-mirror',
  snapshot: 'snapshot',
  keyring: 'keyring',
  engine: 'engine',
  component: 'components',
  cpus: 'cpus',
  timeout: 'limits.timeout',
  memory: 'limits.memory',
  processes: 'limits.processes',
  disk: 'limits.disk',
  logSize: 'limits.log-size',
  logs: 'retention.logs',
  files: 'retention.files',
  newest: 'retention.newest',
  listen: 'serve.listen',
  workers: 'serve.workers',
  basePath: 'serve.base-path',
  publicUrl: 'serve.public-url',
  tlsCert: 'serve.tls-cert',
  tlsKey: 'serve.tls-key',
  signupFile: 'serve.signup-file',
};

/**
 * The edge of the settings: reads the file (the one named by --config has to be there, the usual one need not) and
 * asks the machine for the home folder. Throws SETTINGS_INVALID.
 */
export async function readSettings(
  options: Readonly<Record<string, unknown>>,
  world: { environment: Readonly<Record<string, string | undefined>>; workingFolder: string },
): Promise<Settings> {
  const home = homeFolder(world.environment);
  const named = typeof options.config === 'string' ? resolve(world.workingFolder, options.config) : undefined;
  const name = named ?? defaultSettingsFile(world.environment, home);
  const text = await readSmallFile(name, named !== undefined);
  const flags: Partial<Record<SettingKey, string | readonly string[]>> = {};
  for (const [option, key] of Object.entries(FLAG_NAMES)) {
    const value = options[option];
    if (typeof value === 'string' || Array.isArray(value)) flags[key] = value;
  }
  return resolveSettings({
    ...world,
    flags: flags satisfies SettingFlags,
    ...(text === undefined ? {} : { file: { name, folder: dirname(name), text } }),
    home,
    exists: existsSync,
  });
}

/** HOME where it is set; else what the user database says, which for root is /root; else the root folder. */
function homeFolder(environment: Readonly<Record<string, string | undefined>>): string {
  if (environment.HOME?.startsWith('/')) return environment.HOME;
  try {
    return homedir() || '/';
  } catch {
    return '/';
  }
}

async function readSmallFile(name: string, required: boolean): Promise<string | undefined> {
  try {
    // Without O_NONBLOCK a FIFO of that name would be waited for.
    await using file = await open(name, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = await file.stat();
    if (size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    return await file.readFile('utf8');
  } catch (cause) {
    if (!required && ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new ReproofError(
      'SETTINGS_INVALID',
      `reading the settings file ${name}: ${cause instanceof Error ? cause.message : cause}`,
      { context: { file: name }, cause },
    );
  }
}
