import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  defaultSettingsFile,
  resolveSettings,
  type Settings,
  type SettingsSources,
  settingOption,
  settingVariable,
} from '../../../rebuilder/cli/settings.ts';
import { SETTING_KEYS, SETTINGS } from '../../../rebuilder/cli/settings-schema.ts';

const file = (text: string) => ({ name: '/etc/r/config.yaml', folder: '/etc/r', text });

function settings(sources: Partial<SettingsSources> = {}): Settings {
  return resolveSettings({
    flags: {},
    environment: {},
    workingFolder: '/here',
    home: '/home/ada',
    exists: () => false,
    ...sources,
  });
}

function refusal(sources: Partial<SettingsSources>): string {
  try {
    settings(sources);
  } catch (error) {
    expect(error).toMatchObject({ code: 'SETTINGS_INVALID' });
    return (error as Error).message;
  }
  return 'accepted';
}

/** The rest of that level is for files and the environment. */
const OPTIONS_OF_SERVE = ['listen', 'workers', 'base-path', 'public-url', 'tls-cert', 'tls-key', 'signup-file'].map(
  (key) => `serve.${key}`,
);

describe('settings', () => {
  it('have a default for everything', () => {
    expect(settings()).toEqual({
      data: '/home/ada/.local/share/reproof',
      database: '/home/ada/.local/share/reproof',
      cache: '/home/ada/.cache/reproof',
      snapshot: 'https://snapshot.debian.org',
      keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
      engine: '/var/run/docker.sock',
      components: ['main'],
      limits: { wallSeconds: 21_600, processes: 4096, diskBytes: 42_949_672_960, logBytes: 268_435_456 },
      fetch: { concurrency: 8, stallSeconds: 30, tries: 4 },
      retention: { newest: 1 },
      log: { witnesses: [] },
      sync: [],
      keys: { given: {} },
      serve: {
        host: '127.0.0.1',
        port: 8484,
        workers: 1,
        basePath: '',
        publicReading: true,
        trustedProxies: [],
        requestsPerMinute: 12_000,
        sessionSeconds: 28_800,
        graceSeconds: 30,
        reverify: { afterDays: 90, perDay: 100 },
        retry: { baseHours: 24, limits: { buildFailures: 5, ourFailures: 12, differing: 5 } },
        webhooksToOwnNetworks: false,
      },
      proxy: {},
    });
  });

  it('take profiles to sync from the file, with a default for all but their suites', () => {
    const text = `sync:
  sid: {suites: sid}
  security:
    suites: [trixie, trixie-security]
    architectures: arm64, all
    components: [main, contrib]
    installer: true
    debug: true
    every: 90m
    delay: 1d
    allow-expired-release: true
    include: [linux*, {maintainer: '*@example.org', component: [main]}]
    exclude: ['binary:*-dbg']
`;
    const plain = {
      distribution: 'debian',
      components: ['main'],
      installer: false,
      debug: false,
      include: [],
      exclude: [],
    };
    expect(settings({ file: file(text) }).sync).toEqual([
      {
        profile: {
          name: 'sid',
          suites: ['sid'],
          architectures: ['amd64', 'all'],
          delaySeconds: 0,
          allowExpired: false,
          ...plain,
        },
        everySeconds: 21_600,
      },
      {
        profile: {
          name: 'security',
          distribution: 'debian',
          suites: ['trixie', 'trixie-security'],
          architectures: ['arm64', 'all'],
          components: ['main', 'contrib'],
          installer: true,
          debug: true,
          delaySeconds: 86_400,
          allowExpired: true,
          include: [{ source: ['linux*'] }, { maintainer: ['*@example.org'], component: ['main'] }],
          exclude: [{ binary: ['*-dbg'] }],
        },
        everySeconds: 5400,
      },
    ]);
  });

  it.each([
    ['sync: 3', 1, 'a map of profiles by name'],
    ['sync:\n  a: 3', 2, 'a map of distribution, suites,'],
    ['sync:\n  a:\n    suites: sid\n    suite: sid', 4, 'there is no such setting; there are distribution, suites,'],
    ['sync:\n  a:\n    suites: [../x]', 3, "a list of suites' names"],
    ['sync:\n  a:\n    suites: sid\n    every: 5s', 4, 'a duration such as 6h'],
    ['sync:\n  a:\n    suites: sid\n    include: [x:y]', 4, 'a list of rules'],
    ['sync:\n  a:\n    suites: sid\n    include: [{}]', 4, 'a list of rules'],
    ['sync:\n  a:\n    suites: sid\n    include: [{sources: x}]', 4, 'a list of rules'],
    ['sync:\n  a/b:\n    suites: sid', 2, 'the name of a profile has to be'],
  ])('refuse the profile of %j', (text, line, why) => {
    const message = refusal({ file: file(text) });
    expect(message).toContain(`config.yaml:${line}: `);
    expect(message).toContain(why);
  });

  it('are taken from flags before the environment before the file before the defaults', () => {
    const text = 'mirror: http://file.example.org\nlimits:\n  memory: 1G\n  disk: 1G\n  timeout: 1h\n';
    const environment = { REPROOF_LIMITS_MEMORY: '2G', REPROOF_LIMITS_DISK: '2G' };
    expect(settings({ file: file(text), environment, flags: { 'limits.disk': '3G' } })).toMatchObject({
      mirror: 'http://file.example.org',
      limits: { wallSeconds: 3600, memoryBytes: 2 * 1024 ** 3, diskBytes: 3 * 1024 ** 3, processes: 4096 },
    });
  });

  it('leave an empty variable out', () => {
    expect(settings({ environment: { REPROOF_CPUS: '' } }).cpus).toBeUndefined();
  });

  it('take a relative folder from where it was written', () => {
    expect(settings({ flags: { data: 'd' } }).data).toBe('/here/d');
    expect(settings({ environment: { REPROOF_DATA: '../d' } }).data).toBe('/d');
    expect(settings({ file: file('data: d\ncache: ~/c') })).toMatchObject({ data: '/etc/r/d', cache: '/home/ada/c' });
  });

  it('follow the XDG folders, and leave relative ones out as XDG says', () => {
    expect(settings({ environment: { XDG_DATA_HOME: '/x', XDG_CACHE_HOME: 'y' } })).toMatchObject({
      data: '/x/reproof',
      cache: '/home/ada/.cache/reproof',
    });
    expect(defaultSettingsFile({}, '/root')).toBe('/root/.config/reproof/config.yaml');
    expect(defaultSettingsFile({ XDG_CONFIG_HOME: '/x' }, '/root')).toBe('/x/reproof/config.yaml');
  });

  it('find the engine: DOCKER_HOST, then the first socket there is', () => {
    const exists = (path: string): boolean => path.endsWith('podman.sock');
    const environment = { XDG_RUNTIME_DIR: '/run/user/7' };
    expect(settings({ environment: { ...environment, DOCKER_HOST: 'tcp://h:1' }, exists }).engine).toBe('tcp://h:1');
    expect(settings({ environment, exists }).engine).toBe('/run/user/7/podman/podman.sock');
    expect(settings({ exists }).engine).toBe('/run/podman/podman.sock');
    expect(settings({ environment: { DOCKER_HOST: 'tcp://h:1' }, file: file('engine: /e') }).engine).toBe('/e');
  });

  it('find the keyring under the name it has', () => {
    expect(settings({ exists: (path) => path.endsWith('.pgp') }).keyring).toMatch(/keyring\.pgp$/);
  });

  it('read lists, units and numbers from text and from YAML alike', () => {
    const text = 'components: [main, contrib]\ncpus: 3\nsnapshot: https://s.example.org//\nfetch: {stall: 2m}\n';
    expect(settings({ file: file(text) })).toMatchObject({
      components: ['main', 'contrib'],
      cpus: 3,
      snapshot: 'https://s.example.org',
      fetch: { stallSeconds: 120 },
    });
    expect(settings({ environment: { REPROOF_COMPONENTS: 'main, non-free-firmware' } }).components).toEqual([
      'main',
      'non-free-firmware',
    ]);
    expect(settings({ flags: { components: ['contrib'], cpus: '5' } })).toMatchObject({
      components: ['contrib'],
      cpus: 5,
    });
  });

  it('take proxies from the environment, lower case first', () => {
    const environment = { http_proxy: 'http://a', HTTP_PROXY: 'http://b', HTTPS_PROXY: 'http://c', no_proxy: 'd' };
    expect(settings({ environment }).proxy).toEqual({ http: 'http://a', https: 'http://c', noProxy: 'd' });
  });

  it.each([
    [
      'data: /d\nmemroy: 4G\n',
      'config.yaml:2: "memroy": there is no such setting; there are data, cache, database, mirror,',
    ],
    ['\n\nlimits:\n  disc: 4G\n', ':4: "limits.disc": there is no such setting; there are timeout, memory,'],
    ['limits:\n  disk: 4X\n', ':2: "limits.disk": it has to be a size such as 40G, of 64M or more, and is "4X"'],
    ['limits: 4G\n', ':1: "limits": it has to be a map of timeout, memory, processes, disk, log-size'],
    ['limits:\n', ':1: "limits": it has to be a map of timeout'],
    ['cpus: 0', ':1: "cpus": it has to be a whole number from 1 to 1024, and is 0'],
    ['cpus: 1.5', '"cpus"'],
    ['components: []', '"components": it has to be a list'],
    ['components: [main, ../x]', ':1: "components": it has to be a list of components\' names, and is ["main","../x"]'],
    ['mirror: ftp://example.org', '"mirror": it has to be an http or https address, and is "ftp://example.org"'],
    ['engine: ssh://h', '"engine": it has to be a socket\'s path'],
    ['data: 5', '"data": it has to be the path of a folder, and is 5'],
    ['data: ""', '"data"'],
    ['- a', 'config.yaml:1: the file has to be a map of settings'],
    ['data: /a\ncache: /b\ndata: /c', 'config.yaml:3: Map keys must be unique'],
    ['data: [', 'config.yaml:1: '],
    ['data: &a /x\ncache: *a', 'config.yaml:1: '],
    ['data: !!js/function "x"', 'config.yaml:1: Unresolved tag'],
    ['__proto__: {data: /x}', '"__proto__": there is no such setting'],
  ])('refuse the file %j by line and key', (text, message) => {
    expect(refusal({ file: file(text) })).toContain(message);
  });

  it('say which variable or option is wrong', () => {
    expect(refusal({ environment: { REPROOF_LIMITS_LOG_SIZE: 'big' } })).toBe(
      'reading settings at the variable REPROOF_LIMITS_LOG_SIZE: "limits.log-size": it has to be a size such as 256M, of 4K or more, and is "big"',
    );
    expect(refusal({ flags: { 'limits.timeout': 'soon' }, file: file('limits: {timeout: 1h}') })).toContain(
      'reading settings at the option --timeout: "limits.timeout": it has to be a duration',
    );
  });

  it('are each described in docs/settings.md', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/settings.md'), 'utf8');
    const rows = SETTING_KEYS.map((key) => {
      const { about, allowed, fallback } = SETTINGS[key].description;
      const option =
        /^(?:fetch|keys|log|serve)\./.test(key) && !OPTIONS_OF_SERVE.includes(key) ? '' : `\`${settingOption(key)}\``;
      return `| \`${key}\` | ${option} | \`${settingVariable(key)}\` | ${about} | ${allowed} | ${fallback} |`;
    });
    expect(rows.length).toBeGreaterThan(10);
    expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
  });
});

describe('the database', () => {
  it('is the one named, and a file of the data folder without', () => {
    const address = 'postgres://me:hunter2@db.example.org/reproof';
    expect(settings({ environment: { REPROOF_DATABASE: address } }).database).toBe(address);
    expect(settings({ flags: { data: '/srv/reproof' } }).database).toBe('/srv/reproof');
  });

  it.each(['mysql://me:hunter2@host/db', 'postgres://', 'postgres://me:hunter2 @host/db', '/srv/hunter2'])(
    'is refused as %s, without saying what it was: it may hold a password',
    (address) => {
      const message = refusal({ environment: { REPROOF_DATABASE: address } });
      expect(message).toContain('postgres://USER@HOST:PORT/DATABASE');
      expect(message).not.toContain('hunter2');
    },
  );
});
