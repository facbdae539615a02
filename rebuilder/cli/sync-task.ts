import { ReproofError } from '../../model/index.ts';
import type { SyncProfile, SyncTask } from '../sync/index.ts';
import { parseRule } from '../sync/rules.ts';
import type { Settings } from './settings.ts';
import { PROFILE_NAME, profileSchema, whyProfileIsRefused } from './sync-settings.ts';

/** What the command line says of a sync. */
export type SyncOptions = {
  readonly profile?: string;
  readonly suite?: readonly string[];
  readonly arch?: string;
  readonly component?: readonly string[];
  readonly installer?: boolean;
  readonly debugSuite?: boolean;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly delay?: string;
  readonly allowExpiredRelease?: boolean;
};

const OF_A_PROFILE = ['suite', 'arch', 'installer', 'debugSuite', 'include', 'exclude', 'delay'] as const;

/**
 * The profile that is to be synced: one of the settings when no distribution is named, else one made of the options. Those
 * options make another list under another name, unless --profile gives one: two such lists never take from each other.
 * Throws USAGE, SETTINGS_INVALID.
 */
export function profileFor(distribution: string | undefined, options: SyncOptions, settings: Settings): SyncProfile {
  if (distribution === undefined) return settingsProfile(options, settings);
  if (distribution !== 'debian')
    throw new ReproofError('USAGE', `syncing ${JSON.stringify(distribution.slice(0, 40))}: only debian can be synced`);
  if (options.suite === undefined)
    throw new ReproofError('USAGE', 'syncing debian: name a suite, such as --suite trixie');
  const parsed = profileSchema.safeParse({
    suites: options.suite,
    architectures: options.arch ?? 'amd64,all',
    components: settings.components,
    installer: options.installer === true,
    debug: options.debugSuite === true,
    delay: options.delay ?? 0,
    'allow-expired-release': options.allowExpiredRelease === true,
  });
  if (!parsed.success) {
    const path = ['sync', '', ...(parsed.error.issues[0]?.path ?? [])];
    throw new ReproofError('USAGE', `reading ${String(path[2])}: ${whyProfileIsRefused(path, undefined)}`);
  }
  const { every: _, delay, 'allow-expired-release': allowExpired, ...given } = parsed.data;
  const [include, exclude] = [options.include ?? [], options.exclude ?? []];
  return {
    name: profileName(options.profile) ?? `debian-${given.suites.join('-')}`,
    ...given,
    delaySeconds: delay,
    allowExpired,
    include: include.map(parseRule),
    exclude: exclude.map(parseRule),
  };
}

function settingsProfile(options: SyncOptions, settings: Settings): SyncProfile {
  const given = OF_A_PROFILE.find((option) => options[option] !== undefined);
  if (given !== undefined)
    throw new ReproofError(
      'USAGE',
      'a profile of the settings takes no options of a list; name the distribution, as in: reproof sync debian',
    );
  const names = settings.sync.map(({ profile }) => profile.name);
  const known = names.length === 0 ? 'the settings have none' : `the settings have ${names.join(', ')}`;
  if (options.profile === undefined)
    throw new ReproofError(
      'USAGE',
      `name what to sync: reproof sync debian --suite trixie, or --profile NAME; ${known}`,
    );
  const found = settings.sync.find(({ profile }) => profile.name === options.profile);
  if (found === undefined)
    throw new ReproofError('USAGE', `there is no profile ${JSON.stringify(options.profile)}; ${known}`);
  return options.allowExpiredRelease === true ? { ...found.profile, allowExpired: true } : found.profile;
}

function profileName(name: string | undefined): string | undefined {
  if (name === undefined || PROFILE_NAME.test(name)) return name;
  throw new ReproofError('USAGE', `reading --profile: ${whyProfileIsRefused(['sync', name], undefined)}`);
}

/** A profile's sync with this machine's settings. */
export function syncTask(profile: SyncProfile, settings: Settings): SyncTask {
  const { database: data, cache, keyring, mirror, securityMirror, snapshot, fetch, proxy } = settings;
  return { profile, data, cache, keyring, aptFolder: '/etc/apt', mirror, securityMirror, snapshot, fetch, proxy };
}
