import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

describe('the library reproof/sbom', () => {
  it('loads its own folder, the model and two small packages, and nothing else', () => {
    const code = `import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      const { licenceExpression } = await import('${join(root, 'sbom/index.ts')}');
      console.log(licenceExpression(['Expat']).expression);
      console.log(loaded.join('\\n'));`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', cwd: root });
    const [expression, ...urls] = out.trim().split('\n');
    expect(expression).toBe('MIT');
    const folders = urls.filter((url) => url.startsWith('file:') && !url.includes('/node_modules/'));
    expect(folders.length).toBeGreaterThan(20);
    expect(folders.filter((url) => !/\/(?:sbom|model)\/[^?]*\.ts$/.test(url))).toEqual([]);
    const packages = urls.map((url) => /\/node_modules\/([^/]+)\//.exec(url)?.[1]).filter((name) => name !== undefined);
    expect(new Set(packages)).toEqual(new Set(['packageurl-js', 'zod']));
    expect(
      urls.filter((url) => url.startsWith('node:') && !/^node:(?:crypto|process|util|url|buffer)$/.test(url)),
    ).toEqual([]);
  });

  it('has every name that docs/sbom.md imports, and is exported by the package', async () => {
    const docs = readFileSync(join(root, 'docs/sbom.md'), 'utf8');
    const [, names = ''] = /import \{ ([^}]+) \} from 'reproof\/sbom'/.exec(docs) ?? [];
    const library: object = await import('../../sbom/index.ts');
    expect(names.split(', ').length).toBeGreaterThan(3);
    for (const name of names.split(', ')) expect(library).toHaveProperty(name);
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(exports['./sbom']).toEqual({ types: './dist/sbom/index.d.ts', default: './dist/sbom/index.js' });
  });
});
