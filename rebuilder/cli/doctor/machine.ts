import { runProgram } from '../../../programs/index.ts';
import { cacheUsage } from '../../fetch/index.ts';
import { type Settings, settingVariable } from '../settings.ts';
import { SETTING_KEYS } from '../settings-schema.ts';
import { formatSize } from '../units.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { checkSpace } from './space.ts';

const LEAST_NODE = [24, 15] as const;

/** The version of Node itself, such as 24.21.0. */
export function checkNode(version: string): readonly Check[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return [
    enough
      ? ok('Node', version)
      : fail('Node', `${version}, and ${LEAST_NODE.join('.')} is needed`, 'install Node 24 or later'),
  ];
}

/** A misspelt variable sets nothing, silently; here it is told. */
export function checkVariables(environment: Readonly<Record<string, string | undefined>>): readonly Check[] {
  const known = new Set(SETTING_KEYS.map(settingVariable));
  const unknown = Object.keys(environment).filter((name) => name.startsWith('REPROOF_') && !known.has(name));
  return unknown.sort().map((name) => warn('settings', `the variable ${name} sets nothing`, 'see docs/settings.md'));
}

/** What is run, and what for. */
const PROGRAMS = [
  { name: 'gpgv', what: 'signatures', debianPackage: 'gpgv', needed: true },
  { name: 'xz', what: 'indices and packages', debianPackage: 'xz-utils', needed: true },
  { name: 'dpkg-deb', what: 'unpacking environments', debianPackage: 'dpkg', needed: true },
  { name: 'zstd', what: 'packages compressed with zstd', debianPackage: 'zstd', needed: false },
] as const;

/** Programs that are started on this machine. */
export async function checkPrograms(signal: AbortSignal): Promise<readonly Check[]> {
  return Promise.all(
    PROGRAMS.map(async ({ name, what, debianPackage, needed }) => {
      const limits = { wallSeconds: 20, outputBytes: 64 * 1024 };
      try {
        const { status, stdout } = await runProgram([name, '--version'], { limits, signal });
        if (status === 0)
          return ok(name, /\b\d+\.\d[\w.+~-]*|\bv\d[\w.]*/.exec(stdout.toString('utf8'))?.[0] ?? 'there');
      } catch {
        // Whatever kept it from running, the way out is the same.
      }
      return (needed ? fail : warn)(name, `does not run; it is used for ${what}`, `apt install ${debianPackage}`);
    }),
  );
}

/** Space for what is kept, and how much is kept to be faster. */
export async function checkCaches(settings: Settings): Promise<readonly Check[]> {
  const size = async (): Promise<Check> => {
    try {
      const usage = await cacheUsage(settings.cache);
      return ok('cache', `${usage.files} fetched files, ${formatSize(usage.bytes + usage.partialBytes)}`);
    } catch (error) {
      return fail('cache', `cannot be read: ${(error as Error).message}`, 'name another folder with --cache');
    }
  };
  return Promise.all([
    checkSpace('data folder', settings.data, { writable: true }),
    checkSpace('cache folder', settings.cache, { writable: true }),
    size(),
  ]);
}
