import { join, resolve } from 'node:path';
import { ReproofError } from '../../model/index.ts';
import type { ScheduledProfile } from '../sync/index.ts';
import { type KeySettings, keySettings } from './key-settings.ts';
import { type ServeSettings, serveSettings } from './serve-settings.ts';
import { parseSettingsFile, type SettingsFile } from './settings-file.ts';
import { SETTING_KEYS, SETTINGS, type SettingKey, settingsSchema } from './settings-schema.ts';
import { whyProfileIsRefused } from './sync-settings.ts';

/** Everything that can be set. docs/settings.md describes each. Folders and files are absolute; addresses have no slash at the end. */
export type Settings = {
  readonly data: string;
  /** Where the store is: postgres://…, or the data folder. Holds a password: it is shown nowhere. */
  readonly database: string;
  readonly cache: string;
  /** Undefined: as this machine's apt sources say. */
  readonly mirror?: string;
  readonly securityMirror?: string;
  readonly snapshot: string;
  readonly keyring: string;
  readonly engine: string;
  readonly components: readonly string[];
  /** Undefined: as many as the engine has. */
  readonly cpus?: number;
  readonly limits: {
    readonly wallSeconds: number;
    /** Undefined: three quarters of the engine's memory. */
    readonly memoryBytes?: number;
    readonly processes: number;
    readonly diskBytes: number;
    readonly logBytes: number;
  };
  readonly fetch: { readonly concurrency: number; readonly stallSeconds: number; readonly tries: number };
  /** Undefined: for ever. */
  readonly retention: { readonly logSeconds?: number; readonly fileSeconds?: number; readonly newest: number };
  /** The transparency log: its name where one is set, and keys of witnesses. */
  readonly log: { readonly origin?: string; readonly witnesses: readonly string[] };
  /** What is synced on a schedule, in the order of the file. */
  readonly sync: readonly ScheduledProfile[];
  /** What statements and the log are signed with. Holds secrets: it is shown nowhere. */
  readonly keys: KeySettings;
  /** How `reproof serve` serves. */
  readonly serve: ServeSettings;
  /** Proxies for http and https addresses, and the hosts reached without (http_proxy, https_proxy, no_proxy). */
  readonly proxy: { readonly http?: string; readonly https?: string; readonly noProxy?: string };
};

/** Values given by options, by the key of the setting. */
export type SettingFlags = Readonly<Partial<Record<SettingKey, string | readonly string[]>>>;

/** Where settings come from, strongest first: flags, environment, file; and what the defaults hang on. */
export type SettingsSources = {
  readonly flags: SettingFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly name: string; readonly folder: string; readonly text: string };
  readonly workingFolder: string;
  /** The user's home, for ~/ and for folders when no XDG variable says otherwise. */
  readonly home: string;
  /** Tells whether a path is there; asked of a few fixed paths of sockets and keyrings. */
  readonly exists: (path: string) => boolean;
};

const PATHS: readonly SettingKey[] = [
  'data',
  'cache',
  'keyring',
  'keys.statement',
  'keys.log',
  'keys.passphrase-file',
  'serve.tls-cert',
  'serve.tls-key',
  'serve.signup-file',
];
const KEYRINGS = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
] as const;

/** The option that sets a setting: --KEY, without the key's first level. Components are named one by one. */
export function settingOption(key: SettingKey): string {
  return key === 'components' ? '--component' : `--${key.split('.').at(-1)}`;
}

/** The environment variable that sets a setting. */
export function settingVariable(key: SettingKey): string {
  return `REPROOF_${key.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}

/** Where the settings file lies when no option names one. */
export function defaultSettingsFile(environment: SettingsSources['environment'], home: string): string {
  return join(xdg(environment.XDG_CONFIG_HOME, join(home, '.config')), 'reproof', 'config.yaml');
}

/** Puts the sources together, the stronger over the weaker. Throws SETTINGS_INVALID naming the place, the key and what is allowed. */
export function resolveSettings(sources: SettingsSources): Settings {
  const { environment, home } = sources;
  const file = sources.file === undefined ? undefined : parseSettingsFile(sources.file.name, sources.file.text);
  const given = structuredClone(file?.value ?? {}) as Record<string, unknown>;
  const places = new Map<string, string>();
  for (const key of SETTING_KEYS) {
    const flag = sources.flags[key];
    const variable = environment[settingVariable(key)];
    const value = flag ?? (variable === '' ? undefined : variable);
    if (value !== undefined) {
      put(given, key, PATHS.includes(key) ? absolute(value, sources.workingFolder, home) : value);
      places.set(key, flag === undefined ? `the variable ${settingVariable(key)}` : `the option ${settingOption(key)}`);
    } else if (PATHS.includes(key) && given[key] !== undefined && sources.file !== undefined) {
      given[key] = absolute(given[key], sources.file.folder, home);
    }
  }
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) throw explain(parsed.error.issues[0]!, { given, file, places });
  const { limits, fetch, retention, log, sync, keys, serve, ...top } = parsed.data;
  const data = top.data ?? join(xdg(environment.XDG_DATA_HOME, join(home, '.local', 'share')), 'reproof');
  return {
    data,
    database: top.database ?? data,
    cache: top.cache ?? join(xdg(environment.XDG_CACHE_HOME, join(home, '.cache')), 'reproof'),
    ...(top.mirror === undefined ? {} : { mirror: top.mirror }),
    ...(top['security-mirror'] === undefined ? {} : { securityMirror: top['security-mirror'] }),
    snapshot: top.snapshot,
    keyring: top.keyring ?? KEYRINGS.find(sources.exists) ?? KEYRINGS[0],
    engine: top.engine ?? defaultEngine(sources),
    components: top.components,
    ...(top.cpus === undefined ? {} : { cpus: top.cpus }),
    limits: {
      wallSeconds: limits.timeout,
      ...(limits.memory === undefined ? {} : { memoryBytes: limits.memory }),
      processes: limits.processes,
      diskBytes: limits.disk,
      logBytes: limits['log-size'],
    },
    fetch: { concurrency: fetch.concurrency, stallSeconds: fetch.stall, tries: fetch.tries },
    retention: {
      ...(retention.logs === undefined ? {} : { logSeconds: retention.logs }),
      ...(retention.files === undefined ? {} : { fileSeconds: retention.files }),
      newest: retention.newest,
    },
    log: { ...(log.origin === undefined ? {} : { origin: log.origin }), witnesses: log.witnesses },
    sync,
    keys: keySettings(keys, environment),
    serve: serveSettings(serve),
    proxy: proxies(environment),
  };
}

function defaultEngine({ environment, exists }: SettingsSources): string {
  if (environment.DOCKER_HOST) return environment.DOCKER_HOST;
  const runtime = environment.XDG_RUNTIME_DIR;
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime?.startsWith('/') ? [join(runtime, 'podman', 'podman.sock')] : []),
    '/run/podman/podman.sock',
  ];
  return sockets.find(exists) ?? '/var/run/docker.sock';
}

function proxies(environment: SettingsSources['environment']): Settings['proxy'] {
  const read = (name: string): string | undefined => environment[name] || environment[name.toUpperCase()] || undefined;
  const http = read('http_proxy');
  const https = read('https_proxy');
  const noProxy = read('no_proxy');
  return { ...(http ? { http } : {}), ...(https ? { https } : {}), ...(noProxy ? { noProxy } : {}) };
}

/** The XDG base directory specification has relative paths ignored. */
function xdg(value: string | undefined, fallback: string): string {
  return value?.startsWith('/') ? value : fallback;
}

function absolute(value: unknown, folder: string, home: string): unknown {
  if (typeof value !== 'string' || value === '') return value;
  return value === '~' || value.startsWith('~/') ? join(home, value.slice(1)) : resolve(folder, value);
}

function put(given: Record<string, unknown>, key: SettingKey, value: unknown): void {
  const [first, second] = key.split('.') as [string, string | undefined];
  if (second === undefined) given[first] = value;
  else {
    const group = given[first];
    // A group that is no map is left for the schema to refuse.
    if (group === undefined || group === null) given[first] = { [second]: value };
    else if (typeof group === 'object') Object.assign(group, { [second]: value });
  }
}

type Issue = { readonly code?: string; readonly path: readonly PropertyKey[]; readonly keys?: readonly string[] };

function explain(
  issue: Issue,
  at: { given: unknown; file: SettingsFile | undefined; places: ReadonlyMap<string, string> },
): ReproofError {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys?.[0] : undefined;
  const path = unknown === undefined ? issue.path : [...issue.path, unknown];
  const known = SETTING_KEYS.find((name) => path.join('.') === name || path.join('.').startsWith(`${name}.`));
  const key = known ?? path.join('.');
  const place =
    at.places.get(key) ?? (at.file === undefined ? 'the settings' : `${at.file.name}:${at.file.lineOf(path)}`);
  const inside = SETTING_KEYS.filter((name) => name.startsWith(`${key}.`)).map((name) => name.slice(key.length + 1));
  const level = path.length > 1 ? `${path.slice(0, -1).join('.')}.` : '';
  const why =
    path[0] === 'sync'
      ? whyProfileIsRefused(path, unknown)
      : unknown !== undefined
        ? `there is no such setting; there are ${levelKeys(level).join(', ')}`
        : known !== undefined
          ? `it has to be ${SETTINGS[known].description.allowed}, and is ${known === 'database' ? 'none' : shown(at.given, known.split('.'))}`
          : `it has to be a map of ${inside.join(', ')}`;
  return new ReproofError('SETTINGS_INVALID', `reading settings at ${place}: ${JSON.stringify(key)}: ${why}`, {
    context: { key, place },
  });
}

function levelKeys(level: string): readonly string[] {
  const names = SETTING_KEYS.filter((name) => name.startsWith(level));
  return [...new Set(names.map((name) => name.slice(level.length).split('.')[0]!))];
}

function shown(given: unknown, path: readonly string[]): string {
  const value = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null)?.[key], given);
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
