import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readAssets } from '../../../../rebuilder/server/dashboard/assets.ts';
import { openDashboardLab } from '../../../helpers/dashboard-lab.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const OURS = join(import.meta.dirname, '..', '..', '..', '..', 'dashboard');

async function folderOf(islands: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of ['style', 'islands']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'style', 'icon.svg'), '<svg/>');
  await writeFile(join(folder, 'style', 'page.css'), 'b { color: red }');
  await writeFile(join(folder, 'style', 'tokens.css'), '/* first */ :root { --a: 1 }');
  for (const [name, text] of Object.entries(islands)) await writeFile(join(folder, 'islands', name), text);
  return folder;
}

describe('assets', () => {
  it('are named by what they hold, those that they import included', async () => {
    const one = await readAssets(
      await folderOf({
        'a.ts': "import { b } from './b.ts'; b(1 as number);",
        'b.ts': 'export const b = (x: number): number => x;',
      }),
    );
    const file = one.files.get(one.islands.a ?? '')?.body ?? '';
    expect(one.islands.a).toMatch(/^a-[0-9a-f]{16}\.js$/);
    expect(file).toContain(`from './${one.islands.b}'`);
    expect(file).not.toContain('number');
    const other = await readAssets(
      await folderOf({
        'a.ts': "import { b } from './b.ts'; b(1 as number);",
        'b.ts': 'export const b = (x: number): number => x + 1;',
      }),
    );
    expect(other.islands.a).not.toBe(one.islands.a);
    expect(other.stylesheet).toBe(one.stylesheet);
  });

  it('have styles that others build on first, without comments', async () => {
    const { files, stylesheet } = await readAssets(await folderOf({}));
    expect(files.get(stylesheet)?.body).toBe(' :root { --a: 1 }\nb { color: red }');
  });

  it.each([
    ['what is not there', { 'a.ts': "import './b.ts';" }],
    ['in a circle', { 'a.ts': "import './b.ts';", 'b.ts': "import './a.ts';" }],
  ])('cannot import %s', async (_, islands) => {
    await expect(readAssets(await folderOf(islands))).rejects.toThrow('cannot be imported');
  });

  it('of ours are small, import no package, and reach no other host', async () => {
    const { files, islands, stylesheet } = await readAssets(OURS);
    const size = (names: readonly string[]) =>
      gzipSync(names.map((name) => files.get(name)?.body ?? '').join('\n')).length;
    expect(Object.keys(islands)).toEqual(expect.arrayContaining(['copy', 'filter']));
    expect(size(Object.values(islands))).toBeLessThan(60 * 1024);
    expect(size([stylesheet])).toBeLessThan(30 * 1024);
    for (const { body } of files.values()) {
      const addresses = [...body.matchAll(/https?:\/\/[^\s"')]+/g)].map(([address]) => address);
      expect(addresses.filter((address) => address !== 'http://www.w3.org/2000/svg')).toEqual([]);
      expect(body).not.toMatch(
        /@import|^(?:import|export)\b[^;]*?\bfrom\s*['"](?!\.\/)|\.innerHTML|\beval\(|document\.write/m,
      );
    }
  });

  it('are served once and for all, and are what a page names', async () => {
    const { server } = await openDashboardLab({ server: { basePath: '/amd64' } });
    const { body } = await server.app.inject({ url: '/amd64/packages' });
    const names = [...body.matchAll(/(?:href|src)="(\/amd64\/assets\/[^"]+)"/g)].map(([, name = '']) => name);
    expect(names).toHaveLength(3);
    const types = await Promise.all(
      names.map(async (url) => {
        const { headers, statusCode } = await server.app.inject({ url });
        expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
        expect(headers['x-content-type-options']).toBe('nosniff');
        return [statusCode, headers['content-type']];
      }),
    );
    expect(types.map(([, type]) => type).sort()).toEqual([
      'image/svg+xml',
      'text/css; charset=utf-8',
      'text/javascript; charset=utf-8',
    ]);
    expect(types.every(([status]) => status === 200)).toBe(true);
  });
});
