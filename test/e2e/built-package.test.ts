import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../programs/index.ts';

const root = join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
const installed = (): string => join(folder, 'user', 'node_modules', 'reproof');
let folder: string;

async function succeed(argv: readonly [string, ...string[]], cwd: string): Promise<string> {
  const env = { HOME: folder };
  const { status, stdout, stderr } = await runProgram(argv, {
    limits: { wallSeconds: 120, outputBytes: 10_000_000 },
    cwd,
    env,
  });
  if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}\n${stdout}\n${stderr}`);
  return stdout.toString();
}

describe('the built package', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reproof-package-'));
    const source = join(folder, 'source');
    mkdirSync(source);
    for (const name of ['package.json', 'README.md', 'LICENSE', 'docs'])
      cpSync(join(root, name), join(source, name), { recursive: true });
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    await succeed([tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(source, 'dist')], root);
    const dashboard = join(source, 'dist', 'dashboard');
    const islands = join(root, 'dashboard', 'islands', 'tsconfig.build.json');
    await succeed([tsc, '-p', islands, '--outDir', join(dashboard, 'islands')], root);
    cpSync(join(root, 'dashboard', 'style'), join(dashboard, 'style'), { recursive: true });
    await succeed(['npm', 'pack', '--ignore-scripts', '--pack-destination', folder], source);
    // What `npm install` does with it, but for the packages it depends on: those are the checkout's.
    mkdirSync(installed(), { recursive: true });
    const tarball = join(folder, `reproof-${manifest.version}.tgz`);
    await succeed(['tar', '-xzf', tarball, '-C', installed(), '--strip-components=1'], folder);
    symlinkSync(join(root, 'node_modules'), join(installed(), 'node_modules'));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('starts, and says its version', async () => {
    const main = join(installed(), manifest.bin.reproof ?? '');
    expect(readFileSync(main, 'utf8')).toMatch(
      /^#!\/usr\/bin\/env -S node --max-semi-space-size=2 --no-parallel-scavenge --expose-gc\n/,
    );
    expect(await succeed([process.execPath, main, '--version'], '/')).toBe(`${manifest.version}\n`);
  });

  it('starts through a link, as npm makes one', async () => {
    const link = join(folder, 'reproof');
    symlinkSync(join(installed(), manifest.bin.reproof ?? ''), link);
    expect(await succeed([process.execPath, link, '--version'], '/')).toBe(`${manifest.version}\n`);
  });

  it('has the styles and scripts of its pages, ready for browsers', async () => {
    const { readAssets } = await import(join(installed(), 'dist', 'rebuilder', 'server', 'dashboard', 'assets.js'));
    const { files, islands, stylesheet } = await readAssets(join(installed(), 'dist', 'dashboard'));
    expect(Object.keys(islands)).toEqual(expect.arrayContaining(['copy', 'filter']));
    expect(files.get(islands.filter).body).not.toContain(': void');
    expect(files.get(stylesheet).body).toContain('--ground');
  });

  it('holds every file that its manifest names, and neither tests nor sources', () => {
    const named = Object.values(manifest.exports).flatMap((entry) => Object.values(entry));
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => !existsSync(join(installed(), name)))).toEqual([]);
    expect(['test', 'model', '.ci', 'dist/test'].filter((name) => existsSync(join(installed(), name)))).toEqual([]);
  });

  it('can be imported, with types, by a program of its user', async () => {
    const user = join(folder, 'user');
    const names = Object.keys(manifest.exports).map((name) => `reproof${name.slice(1)}`);
    const lines = names.flatMap((name, n) => [`import * as part${n} from '${name}';`, `console.log(typeof part${n});`]);
    writeFileSync(join(user, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(user, 'user.ts'), `${lines.join('\n')}\nexport const wrong: string = 1;\n`);
    symlinkSync(join(root, 'node_modules', '@types'), join(user, 'node_modules', '@types'));
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const options = ['--module', 'nodenext', '--strict', '--noEmit', '--types', 'node', '--target', 'es2024'];
    const checked = await runProgram([tsc, ...options, 'user.ts'], {
      limits: { wallSeconds: 60, outputBytes: 1_000_000 },
      cwd: user,
    });
    // The planted mistake is found, and nothing else is.
    expect(checked.stdout.toString().trim()).toMatch(/^user\.ts\(\d+,14\): error TS2322: .*$/);
    const printed = await succeed([process.execPath, join(user, 'user.ts')], user);
    expect(printed).toBe('object\n'.repeat(names.length));
  });
});
