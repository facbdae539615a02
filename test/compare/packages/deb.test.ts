import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'deb-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await explain(bufferSource('x.deb', left), bufferSource('x.deb', right));
  expect(await explain(bufferSource('x.deb', right), bufferSource('x.deb', left))).toEqual(mirror(found));
  return found;
}

let count = 0;
function deb(depends: string, epoch = '1700000000'): Buffer {
  const root = join(folder, `root-${count++}`);
  mkdirSync(join(root, 'DEBIAN'), { recursive: true });
  const control = 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.org>\n';
  writeFileSync(join(root, 'DEBIAN/control'), `${control}Depends: ${depends}\nDescription: x\n`);
  const env = { PATH: process.env.PATH ?? '', SOURCE_DATE_EPOCH: epoch };
  execFileSync('dpkg-deb', ['--root-owner-group', '-b', root, `${root}.deb`], { stdio: 'ignore', env });
  return readFileSync(`${root}.deb`);
}

describe('explaining how two Debian packages differ', () => {
  it('goes through control.tar to the fields of control', async () => {
    const found = await compare(deb('a, b'), deb('b, a'));
    const control = found.children[0]?.children[0]?.children.find(({ path }) => path === './control');
    expect(control).toMatchObject({
      kind: 'deb822',
      reasons: expect.arrayContaining([{ kind: 'order', evidence: 'Depends: the same items in another order' }]),
    });
  });

  it('shows what follows the last member', async () => {
    const bytes = deb('a');
    const found = await compare(bytes, Buffer.concat([bytes, Buffer.from('more')]));
    expect(found).toMatchObject({
      kind: 'deb',
      children: [{ path: '(bytes after the last member)', right: { size: 4 } }],
    });
    expect(found.children.length).toBe(1);
  });

  it('shows another format version and a further member', async () => {
    const bytes = deb('a');
    const version = Buffer.from(bytes.toString('latin1').replace('2.0\n', '2.1\n'), 'latin1');
    expect((await compare(bytes, version)).children).toMatchObject([{ path: 'debian-binary', kind: 'text' }]);
    const member = `${'_extra'.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${'2'.padEnd(10)}\`\nok`;
    const more = await compare(bytes, Buffer.concat([bytes, Buffer.from(member)]));
    expect(more.children).toMatchObject([{ path: '_extra', detail: 'only on one side' }]);
  });
});
