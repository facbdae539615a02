import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { CommandContext } from '../../rebuilder/cli/context.ts';
import { createProgram } from '../../rebuilder/cli/program.ts';
import { runCli, temporaryFolder } from '../helpers/run-cli.ts';

const FOLDER = join(import.meta.dirname, '../../examples/service');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

const program = createProgram({ stdout: { width: () => 80, colour: false } } as unknown as CommandContext);

/** Says what a command line has that the CLI does not know: options, values that are missing, arguments. */
function unknownIn(argv: readonly string[]): readonly string[] {
  const command = program.commands.find((one) => one.name() === argv[0]);
  if (command === undefined) return [argv[0] ?? 'nothing'];
  const { operands, unknown } = (command as Command).parseOptions([...argv.slice(1)]);
  const most = command.registeredArguments.length;
  const missing = command.options
    .filter((option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined)
    .map((option) => option.flags);
  return [...unknown, ...operands.slice(most), ...missing];
}

/** The values of a unit's key, in order. Lines that end with a backslash are not used in these. */
function valuesOf(unit: string, key: string): readonly string[] {
  return unit
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}

/** A command line as words: quotes are taken away, and so is a shell's `exec`. */
function wordsOf(line: string): readonly string[] {
  const inner = /^\/bin\/sh -c 'exec (.*)'$/.exec(line)?.[1] ?? line;
  return (inner.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
}

describe('the settings file', () => {
  it('is read by the command line without an error, and says what it seems to', async () => {
    const home = await temporaryFolder();
    const result = await runCli(home, ['prune', '--config', join(FOLDER, 'config.yaml'), '--data', 'data', '--json']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    const profile = await runCli(home, ['sync', '--config', join(FOLDER, 'config.yaml'), '--profile', 'none']);
    expect(profile.status).toBe(64);
    expect(profile.stderr).toContain('none');
    const settings = parse(read('config.yaml')) as Record<string, object>;
    expect(Object.keys(settings.sync ?? {})).toHaveLength(2);
    expect(Object.keys(settings)).toEqual(expect.arrayContaining(['serve', 'limits', 'retention']));
  });
});

describe('the units', () => {
  const units = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));

  it('are those that docs/operating.md names', () => {
    const docs = readFileSync(join(FOLDER, '../../docs/operating.md'), 'utf8');
    expect(units).toHaveLength(3);
    for (const name of readdirSync(FOLDER)) expect(docs).toContain(name);
  });

  it.each(units)('%s starts commands with options that there are', (name) => {
    const lines = valuesOf(read(name), 'ExecStart').map(wordsOf);
    expect(lines.length).toBeGreaterThan(0);
    for (const [file, ...argv] of lines) {
      expect(file).toBe('/usr/bin/reproof');
      expect(unknownIn(argv)).toEqual([]);
    }
  });

  it.each(units)('%s is hardened, and stops no sooner than the program does', (name) => {
    const unit = read(name);
    for (const key of ['NoNewPrivileges', 'PrivateTmp', 'ProtectHome', 'RestrictSUIDSGID'])
      expect([key, ...valuesOf(unit, key)]).toEqual([key, 'yes']);
    expect(valuesOf(unit, 'ProtectSystem')).toEqual(['strict']);
    expect(valuesOf(unit, 'User')).toEqual(['reproof']);
    // The program makes code while it runs.
    expect(valuesOf(unit, 'MemoryDenyWriteExecute')).toEqual([]);
    for (const seconds of valuesOf(unit, 'TimeoutStopSec')) expect(Number(seconds)).toBeGreaterThanOrEqual(60);
  });

  it('would be caught with an option that is none', () => {
    expect(unknownIn(['serve', '--listne', 'x'])).toEqual(['--listne', 'x']);
    expect(unknownIn(['backup', 'a', 'b'])).toEqual(['b']);
    expect(unknownIn(['server'])).toEqual(['server']);
  });
});

describe('the compose file', () => {
  type Service = {
    readonly command?: readonly string[];
    readonly volumes?: readonly string[];
    readonly secrets?: readonly string[];
  };
  const compose = parse(read('compose.yaml')) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly volumes: object;
    readonly secrets: object;
  };

  it('starts commands with options that there are, and gives the engine to the worker alone', () => {
    const { serve, worker, database } = compose.services;
    expect(Object.keys(compose.services)).toEqual(['database', 'serve', 'worker']);
    expect(unknownIn(serve?.command ?? [])).toEqual([]);
    expect(unknownIn(worker?.command ?? [])).toEqual([]);
    const hasEngine = ({ volumes = [] }: Service) => volumes.some((volume) => volume.includes('docker.sock'));
    expect([database, serve, worker].map((service) => hasEngine(service ?? {}))).toEqual([false, false, true]);
  });

  it('names volumes and secrets that it has', () => {
    const named = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0] ?? '').filter((source) => /^\w/.test(source)),
    );
    expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes)));
    const secrets = Object.values(compose.services).flatMap((service) => service.secrets ?? []);
    expect(new Set(secrets)).toEqual(new Set(Object.keys(compose.secrets)));
  });
});

it('the proxy hands the path on as it is, which workers sign', () => {
  const location = /location (\S+) \{/.exec(read('nginx.conf'))?.[1];
  expect(location).toBe('/amd64/');
  expect(read('config.yaml')).toContain('base-path: /amd64\n');
  expect(read('nginx.conf')).toMatch(/proxy_pass http:\/\/127\.0\.0\.1:8484;/);
});
