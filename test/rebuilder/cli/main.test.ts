import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ERROR_EXIT_STATUS } from '../../../model/index.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { runProgram } from '../../../programs/index.ts';
import { asReproofError } from '../../../rebuilder/cli/failure.ts';
import { WAYS_OUT } from '../../../rebuilder/cli/ways-out.ts';
import { PUBLISHED, REBUILT, recordRebuild } from '../../helpers/recorded-rebuild.ts';
import { runCli, startCli, temporaryFolder, textOf } from '../../helpers/run-cli.ts';

/** A server that takes connections and never says a word. */
async function silentServer(): Promise<{ readonly text: string; readonly visited: Promise<unknown> }> {
  const server = createServer((socket) => void socket.on('error', () => {}));
  const visited = once(server, 'connection');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { text: `127.0.0.1:${(server.address() as AddressInfo).port}`, visited };
}

const dataOf = (home: string): string => join(home, '.local/share/reproof');

describe('the command line', () => {
  it('tells its version and its help on standard output', async () => {
    const home = await temporaryFolder();
    expect(await runCli(home, ['--version'])).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
    const help = await runCli(home, ['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const word of [
      'rebuild',
      'replay',
      'resume',
      'list',
      'show',
      'log',
      'artifacts',
      'compare',
      'queue',
      'cache',
      'doctor',
    ])
      expect(help.stdout).toMatch(new RegExp(`^  ${word} `, 'm'));
  });

  it.each([
    [['rebuld', 'less'], "reproof: unknown command 'rebuld' (Did you mean rebuild?)"],
    [['rebuild'], "reproof: missing required argument 'target'"],
    [['list', '--limt', '3'], "reproof: unknown option '--limt' (Did you mean --limit?)"],
    [['list', '--limit', '0'], "reproof: option '--limit <n>' argument '0' is invalid."],
    [['list', 'a', 'b'], 'reproof: too many arguments'],
    [['show', '\x1b[2J\u202e'], 'reproof: looking'],
  ])('ends with 64 and one clear line for %j', async (argv, message) => {
    const result = await runCli(await temporaryFolder(), argv);
    expect(result).toMatchObject({ status: 64, stdout: '' });
    const lines = result.stderr.split('\n');
    expect(lines[0]).toContain(message);
    expect(lines[1]).toMatch(/^ {2}→ /);
    expect(lines.slice(2)).toEqual(['']);
    expect(result.stderr).not.toMatch(/\x1b|\u202e/);
  });

  it('prints its help as an error when no command is given', async () => {
    const result = await runCli(await temporaryFolder(), []);
    expect(result).toMatchObject({ status: 64, stdout: '' });
    expect(result.stderr).toContain('Usage: reproof');
  });

  it('gives errors as JSON, too, when asked to', async () => {
    const result = await runCli(await temporaryFolder(), ['show', 'zzz', '--json']);
    expect(result.status).toBe(64);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'RECORD_UNKNOWN', context: {} } });
    expect(result.stderr).toMatch(/^reproof: /);
  });

  it('shows where an error arose only with --debug', async () => {
    const home = await temporaryFolder();
    expect((await runCli(home, ['show', 'zzz'])).stderr).not.toContain('    at ');
    expect((await runCli(home, ['show', 'zzz', '--debug'])).stderr).toMatch(/^RECORD_UNKNOWN\n[\s\S]*^ {4}at /m);
  });

  it('reads the usual settings file, the one that is named, and says what is wrong with it', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, '.config/reproof'), { recursive: true });
    const file = join(home, '.config/reproof/config.yaml');
    await writeFile(file, '# mine\ndata: elsewhere\n');
    expect((await runCli(home, ['list'])).status).toBe(0);
    await expect(readFile(join(home, '.config/reproof/elsewhere/reproof.sqlite3'))).resolves.toBeDefined();
    await writeFile(file, '# mine\nmirorr: http://deb.example.org/debian\n');
    const wrong = await runCli(home, ['list']);
    expect(wrong.status).toBe(64);
    expect(wrong.stderr).toContain(`reading settings at ${file}:2: "mirorr": there is no such setting`);
    expect((await runCli(home, ['list', '--config', 'none.yaml'])).stderr).toContain('none.yaml: ENOENT');
    await writeFile(join(home, 'empty.yaml'), '');
    expect(await runCli(home, ['list', '--config', 'empty.yaml'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('stops in good order at the first SIGINT or SIGTERM', async () => {
    const home = await temporaryFolder();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const mirror = await silentServer();
      const child = startCli(home, ['doctor', '--mirror', `http://${mirror.text}`, '--json']);
      const output = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
      await mirror.visited;
      child.kill(signal);
      await once(child, 'close');
      const [stdout, stderr] = await output;
      expect(child.exitCode).toBe(130);
      expect(stderr).toContain('reproof: stopping');
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
    }
  });

  it('ends at once at the second signal', async () => {
    const address = await silentServer();
    const child = startCli(await temporaryFolder(), ['cache', 'show', '--engine', `tcp://${address.text}`]);
    const closed = once(child, 'close');
    // Connecting to an engine waits for 10 s whatever comes: the first signal is noted, the second ends the program.
    await address.visited;
    child.kill('SIGINT');
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    await closed;
    expect(child.exitCode).toBe(130);
  });

  it('does not end well when what it prints cannot be written', async () => {
    const home = await temporaryFolder();
    const main = resolve(import.meta.dirname, '../../../rebuilder/cli/main.ts');
    for (const command of ['list', '--help']) {
      const argv = ['sh', '-c', 'exec "$0" "$1" "$2" > /dev/full', process.execPath, main, command] as const;
      const options = { limits: { wallSeconds: 30, outputBytes: 1000 }, env: { HOME: home } };
      const { status, stderr } = await runProgram(argv, options);
      expect({ command, status, stderr }).toEqual({
        command,
        status: 74,
        stderr: expect.stringMatching(/^reproof: writing standard output: ENOSPC.*\n$/),
      });
    }
  });

  it('calls what it did not throw on purpose a defect of its own', () => {
    expect(asReproofError(new TypeError('x is undefined'))).toMatchObject({
      code: 'INTERNAL',
      message: 'unexpected: TypeError: x is undefined',
    });
    expect(ERROR_EXIT_STATUS.INTERNAL).toBe(70);
    expect(WAYS_OUT.INTERNAL).toContain('--debug');
  });

  it('has a way out for everything that is wrong with evidence, keys, logs and policies', () => {
    const codes = Object.keys(ERROR_EXIT_STATUS).filter((code) => /^(?:EVIDENCE|KEY|LOG|POLICY)_/.test(code));
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !Object.hasOwn(WAYS_OUT, code))).toEqual([]);
  });
});

describe('looking at earlier rebuilds', () => {
  it('lists them, newest first, as a table or JSON', async () => {
    const home = await temporaryFolder();
    const first = await recordRebuild(dataOf(home), 'less', '');
    const second = await recordRebuild(dataOf(home), 'gzip', '');
    const { stdout } = await runCli(home, ['list']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^REBUILD +BEGUN +WHAT +VERDICT$/);
    expect(lines.slice(1).map((line) => line.split('  ')[0])).toEqual([second.id, first.id]);
    expect(lines[1]).toMatch(/gzip.* unreproducible/);
    const json = JSON.parse((await runCli(home, ['list', 'less', '--json'])).stdout);
    expect(json.rebuilds).toMatchObject([{ id: first.id, source: 'less', verdict: 'unreproducible' }]);
    expect((await runCli(home, ['list', '--limit', '1'])).stdout).not.toContain(first.id);
    expect((await runCli(home, ['list', '--verdict', 'reproducible'])).stdout).toBe('No rebuilds.\n');
  });

  it('shows one by its id, its beginning, or its package', async () => {
    const home = await temporaryFolder();
    await recordRebuild(dataOf(home), 'less', '');
    const record = await recordRebuild(dataOf(home), 'less', '');
    for (const wanted of [record.id, record.id.slice(0, 9), 'less', 'debian:less', 'less=1.0-1']) {
      const { status, stdout } = await runCli(home, ['show', wanted]);
      expect({ wanted, status }).toEqual({ wanted, status: 0 });
      expect(stdout).toContain(record.id);
      expect(stdout).toContain('unreproducible');
      expect(stdout).toContain('less_1.0-1_amd64.deb');
    }
    expect(JSON.parse((await runCli(home, ['show', record.id, '--json'])).stdout)).toEqual(record);
    expect((await runCli(home, ['show', 'less=2.0-1'])).status).toBe(64);
  });

  it("prints a build's log byte for byte when it is piped", async () => {
    const home = await temporaryFolder();
    const log = Buffer.from('make\x1b[31m all\nna\xefve\n', 'latin1');
    const { id } = await recordRebuild(dataOf(home), 'less', log);
    const child = startCli(home, ['log', id]);
    expect(Buffer.concat(await Array.fromAsync(child.stdout as AsyncIterable<Buffer>))).toEqual(log);
    const none = await runCli(home, ['log', id, '--control']);
    expect(none).toMatchObject({ status: 64, stdout: '' });
    expect(none.stderr).toContain('there was no control build');
  });

  it('says nothing when the reader of its output leaves early', async () => {
    const home = await temporaryFolder();
    const { id } = await recordRebuild(dataOf(home), 'less', 'a line of the log\n'.repeat(1_000_000));
    const child = startCli(home, ['log', id]);
    child.stdout.once('data', () => child.stdout.destroy());
    const [stderr] = await Promise.all([textOf(child.stderr), once(child, 'close')]);
    expect({ status: child.exitCode, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('copies both sides of what differs, and says what is not there any more', async () => {
    const home = await temporaryFolder();
    const { id, artifacts } = await recordRebuild(dataOf(home), 'less', '');
    const [artifact] = artifacts;
    const listed = await runCli(home, ['artifacts', id]);
    expect(listed.stdout).toMatch(
      /less_1\.0-1_amd64\.deb +differs +15 B +[0-9a-f]{64}\n +rebuilt +13 B +[0-9a-f]{64}\n/,
    );
    const missing = await runCli(home, ['artifacts', id, '--extract', 'out']);
    expect(missing.status).toBe(69);
    expect(missing.stderr).toContain(`reproof replay ${id} brings it again`);
    const digest = artifact?.kind === 'differs' ? artifact.published.sha256 : '';
    const cached = join(home, '.cache/reproof/sha256', digest.slice(0, 2));
    await mkdir(cached, { recursive: true });
    await writeFile(join(cached, digest), PUBLISHED);
    const { stdout } = await runCli(home, ['artifacts', id, '--extract', 'out']);
    const paths = ['published', 'rebuilt'].map((side) => join(home, 'out', side, 'less_1.0-1_amd64.deb'));
    expect(stdout).toBe(`${paths.join('\n')}\n`);
    expect(await Promise.all(paths.map((path) => readFile(path)))).toEqual([PUBLISHED, REBUILT]);
  });
});
