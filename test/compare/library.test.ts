import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/run-cli.ts';

const root = resolve(import.meta.dirname, '../..');

/** What only the rebuilder needs. */
const HEAVY =
  /\/rebuilder\/|node_modules\/(?:zod|better-sqlite3|kysely|dockerode|undici|commander|p-queue)\/|^node:sqlite/;

/** Runs code in a process of its own. The package's own name leads to its source, as it leads users to dist. */
function run(code: string): string {
  const hook = `import { registerHooks } from 'node:module';
registerHooks({ resolve: (name, context, next) =>
  next(name === 'reproof/compare' ? '${join(root, 'compare/index.ts')}' : name, context) });`;
  const argv = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, '--input-type=module', '-e', code];
  return execFileSync(process.execPath, argv, { encoding: 'utf8', cwd: root });
}

describe('the library', () => {
  it('does what its example shows', async () => {
    const home = await temporaryFolder();
    writeFileSync(join(home, 'one'), 'one\n');
    writeFileSync(join(home, 'two'), 'two\n');
    const out = run(`const { compareBuffers, printDifference, summarize } = await import('./examples/compare.ts');
      console.log((await compareBuffers(Buffer.from('a'), Buffer.from('b'))).kind);
      console.log(await compareBuffers(Buffer.from('a'), Buffer.from('a')));
      console.log(await printDifference('${home}/one', '${home}/two'));
      console.log(await summarize([Buffer.from('one\\n')], '${home}/one'));
      console.log(await summarize([Buffer.from('on\\n')], '${home}/one'));`);
    expect(out).toMatch(/^text\nundefined\n--- one/);
    expect(out).toContain('-one\n');
    expect(out).toContain('identical stream (4 bytes) and one (4 bytes)');
    expect(out).toContain('different stream (3 bytes) and one (4 bytes)');
  });

  it('loads no format before something differs, and never what only the rebuilder needs', () => {
    const loaded = (content: string): readonly string[] =>
      run(`import { registerHooks } from 'node:module';
        const loaded = [];
        registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
        const { bufferSource, compare } = await import('reproof/compare');
        await compare(bufferSource('a', Buffer.from('same')), bufferSource('a', Buffer.from('${content}')));
        console.log(loaded.join('\\n'));`)
        .trim()
        .split('\n');
    const same = loaded('same');
    expect(same.some((url) => url.endsWith('/compare/compare.ts'))).toBe(true);
    expect(same.filter((url) => /\/(?:formats|programs|comparators)\//.test(url))).toEqual([]);
    const other = loaded('other');
    expect(other.some((url) => /\/comparators\//.test(url))).toBe(true);
    expect(other.filter((url) => HEAVY.test(url))).toEqual([]);
  });

  it('has an example for each way in that docs/compare.md names', () => {
    const text = readFileSync(join(root, 'docs/compare.md'), 'utf8');
    expect(text).toContain('examples/compare.ts');
    expect(readdirSync(join(root, 'examples'))).toContain('compare.ts');
  });
});
