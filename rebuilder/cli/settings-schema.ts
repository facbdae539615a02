import { z } from 'zod';
import { KEY_SETTINGS, keysSchema } from './key-settings.ts';
import { LOG_SETTINGS } from './log-settings.ts';
import { SERVE_SETTINGS, serveSchema } from './serve-settings.ts';
import { described, measured, whole } from './setting-kinds.ts';
import { profilesSchema } from './sync-settings.ts';
import { parseDuration, parseSize } from './units.ts';

const GIBIBYTE = 1024 ** 3;

const folder = z.string().min(1).max(4096);

const webAddress = z
  .string()
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol))
  .transform((text) => text.replace(/\/+$/, ''));

const databaseAddress = z.string().regex(/^postgres(?:ql)?:\/\/\S+$/);

const engineAddress = z.string().regex(/^(?:\/|unix:\/\/\/|(?:tcp|https?):\/\/[^/])/);

const componentList = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))])
  .pipe(
    z
      .array(z.string().regex(/^[a-z0-9][a-z0-9.-]*$/))
      .min(1)
      .max(16),
  );

/**
 * Every setting by its key in the file; a dot is one level. The option is --KEY without its first level, the variable
 * is REPROOF_KEY in capitals with _ for - and dots.
 */
export const SETTINGS = {
  data: described(folder, {
    allowed: 'the path of a folder',
    fallback: '$XDG_DATA_HOME/reproof, else ~/.local/share/reproof',
    about: 'where records and evidence are kept',
  }),
  cache: described(folder, {
    allowed: 'the path of a folder',
    fallback: '$XDG_CACHE_HOME/reproof, else ~/.cache/reproof',
    about: 'where fetched files are kept; may be deleted at any time',
  }),
  database: described(databaseAddress, {
    allowed: 'an address postgres://USER@HOST:PORT/DATABASE',
    fallback: 'a SQLite file in the data folder',
    about: 'the PostgreSQL database that keeps records, packages, queue and results; docs/operating.md',
  }),
  mirror: described(webAddress, {
    allowed: 'an http or https address',
    fallback: "from this machine's apt sources, else the snapshot service as it is now",
    about: "the Debian archive's mirror",
  }),
  'security-mirror': described(webAddress, {
    allowed: 'an http or https address',
    fallback: "from this machine's apt sources, else beside the mirror",
    about: "the security archive's mirror",
  }),
  snapshot: described(webAddress, {
    allowed: 'an http or https address',
    fallback: 'https://snapshot.debian.org',
    about: 'where packages are looked for that no mirror has any more',
  }),
  keyring: described(folder, {
    allowed: 'the path of a file of public keys',
    fallback: '/usr/share/keyrings/debian-archive-keyring.gpg, or .pgp where that is what exists',
    about: "the keys an archive's Release file has to be signed with",
  }),
  engine: described(engineAddress, {
    allowed: "a socket's path, unix:///PATH, tcp://HOST:PORT, http://HOST:PORT or https://HOST:PORT",
    fallback:
      '$DOCKER_HOST, else the first that exists of /var/run/docker.sock, $XDG_RUNTIME_DIR/podman/podman.sock, /run/podman/podman.sock',
    about: 'the container engine that builds',
  }),
  components: described(componentList, {
    allowed: "a list of components' names",
    fallback: 'main',
    about: 'the components of the archive that are looked in',
  }),
  cpus: described(whole(1, 1024), {
    allowed: 'a whole number from 1 to 1024',
    fallback: "the engine's count",
    about: 'the CPUs a build may use, and its parallel=N',
  }),
  'limits.timeout': described(measured(parseDuration, 1), {
    allowed: 'a duration such as 90m, 6h or 1h30m, of 1 s or more',
    fallback: '6h',
    about: 'how long a build may take',
  }),
  'limits.memory': described(measured(parseSize, 64 * 1024 ** 2), {
    allowed: 'a size such as 4G or 512M, of 64M or more',
    fallback: "three quarters of the engine's memory",
    about: 'the memory a build may use',
  }),
  'limits.processes': described(whole(16, 4_194_304), {
    allowed: 'a whole number from 16 to 4194304',
    fallback: '4096',
    about: 'the processes and threads a build may have at once',
  }),
  'limits.disk': described(measured(parseSize, 64 * 1024 ** 2), {
    allowed: 'a size such as 40G, of 64M or more',
    fallback: '40G',
    about: 'the disk a build may fill',
  }),
  'limits.log-size': described(measured(parseSize, 4096), {
    allowed: 'a size such as 256M, of 4K or more',
    fallback: '256M',
    about: "how much of a build's log is kept before the build is stopped",
  }),
  'fetch.concurrency': described(whole(1, 64), {
    allowed: 'a whole number from 1 to 64',
    fallback: '8',
    about: 'the files fetched at the same time',
  }),
  'fetch.stall': described(measured(parseDuration, 1), {
    allowed: 'a duration such as 30s, of 1 s or more',
    fallback: '30s',
    about: 'how long a server may send nothing',
  }),
  'fetch.tries': described(whole(1, 100), {
    allowed: 'a whole number from 1 to 100',
    fallback: '4',
    about: 'how often one address is tried',
  }),
  'retention.logs': described(measured(parseDuration, 3600), {
    allowed: 'a duration such as 90d, of 1 h or more',
    fallback: 'for ever',
    about: "how long builds' logs are kept; `reproof prune` deletes the others",
  }),
  'retention.files': described(measured(parseDuration, 3600), {
    allowed: 'a duration such as 30d, of 1 h or more',
    fallback: 'for ever',
    about: 'how long rebuilt files are kept; `reproof prune` deletes the others',
  }),
  'retention.newest': described(whole(1, 10_000), {
    allowed: 'a whole number from 1 to 10000',
    fallback: '1',
    about: 'of so many of the newest results of each input all is kept, however old',
  }),
  ...LOG_SETTINGS,
  ...KEY_SETTINGS,
  ...SERVE_SETTINGS,
} as const;

export type SettingKey = keyof typeof SETTINGS;
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];

/** What may stand in a settings file, and, text for text, in the environment and on the command line. Nothing else may. */
export const settingsSchema = z.strictObject({
  data: SETTINGS.data.schema.optional(),
  cache: SETTINGS.cache.schema.optional(),
  database: SETTINGS.database.schema.optional(),
  mirror: SETTINGS.mirror.schema.optional(),
  'security-mirror': SETTINGS['security-mirror'].schema.optional(),
  snapshot: SETTINGS.snapshot.schema.default('https://snapshot.debian.org'),
  keyring: SETTINGS.keyring.schema.optional(),
  engine: SETTINGS.engine.schema.optional(),
  components: SETTINGS.components.schema.default(['main']),
  cpus: SETTINGS.cpus.schema.optional(),
  limits: z
    .strictObject({
      timeout: SETTINGS['limits.timeout'].schema.default(6 * 3600),
      memory: SETTINGS['limits.memory'].schema.optional(),
      processes: SETTINGS['limits.processes'].schema.default(4096),
      disk: SETTINGS['limits.disk'].schema.default(40 * GIBIBYTE),
      'log-size': SETTINGS['limits.log-size'].schema.default(256 * 1024 ** 2),
    })
    .prefault({}),
  fetch: z
    .strictObject({
      concurrency: SETTINGS['fetch.concurrency'].schema.default(8),
      stall: SETTINGS['fetch.stall'].schema.default(30),
      tries: SETTINGS['fetch.tries'].schema.default(4),
    })
    .prefault({}),
  retention: z
    .strictObject({
      logs: SETTINGS['retention.logs'].schema.optional(),
      files: SETTINGS['retention.files'].schema.optional(),
      newest: SETTINGS['retention.newest'].schema.default(1),
    })
    .prefault({}),
  log: z
    .strictObject({
      origin: SETTINGS['log.origin'].schema.optional(),
      witnesses: SETTINGS['log.witnesses'].schema.default([]),
    })
    .prefault({}),
  keys: keysSchema.prefault({}),
  serve: serveSchema.prefault({}),
  /** Only in a file: what is synced on a schedule. */
  sync: profilesSchema.prefault({}),
});
