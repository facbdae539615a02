import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Published, TargetRequest, Unavailable } from '../../../../model/index.ts';
import type { TestSource } from '../../../helpers/debian-packages.ts';
import { findIn, lookIn, type More } from './helpers/look.ts';
import { makeSmallArchive, type SmallArchive } from './helpers/small-archive.ts';

let archive: SmallArchive;
beforeAll(async () => {
  archive = await makeSmallArchive();
}, 120_000);
afterAll(() => archive.close());
beforeEach(() => archive.reset());

const look = (target: string | TargetRequest, more?: More): Promise<Published | Unavailable> =>
  lookIn(archive, target, more);
const find = (target: string | TargetRequest, more?: More): Promise<Published> => findIn(archive, target, more);
const source = (name: string): TestSource => archive.sources[name] as TestSource;

/** A folder with these files; gives its path. */
async function lay(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(archive.folder, 'given-'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

describe('locating a .dsc', () => {
  const files = (): Record<string, Uint8Array> => ({ ...source('tiny').files });

  it('takes the files beside it, and what was published of that version', async () => {
    for (const path of archive.files.keys()) if (path.includes('/tiny_')) archive.files.delete(path);
    const published = await find(join(await lay(files()), 'tiny_1.2-1.dsc'));
    expect(published).toMatchObject({
      target: { source: 'tiny', version: '1.2-1', suite: 'trixie', architecture: 'amd64' },
      basis: 'inferred',
      runs: [{ packages: 'both' }],
      source: { dsc: { name: 'tiny_1.2-1.dsc', provenance: 'given' } },
    });
    expect(published.artifacts.map((artifact) => artifact.name)).toEqual([
      'tiny-all_1.2-1_all.deb',
      'tiny-any_1.2-1_amd64.deb',
    ]);
    expect(published.source.files).toHaveLength(3);
  });

  it('finds what is not beside it in the archive, by the same digest', async () => {
    const { 'tiny_1.2-1.dsc': dsc = '' } = files();
    const published = await find(join(await lay({ 'tiny_1.2-1.dsc': dsc }), 'tiny_1.2-1.dsc'));
    expect(published.source.files).toHaveLength(3);
    expect(published.source.files[0]?.origin).toMatchObject({
      kind: 'archive',
      path: 'pool/main/t/tiny/tiny_1.2-1.debian.tar.xz',
    });
  });

  it('reads it from an address, and its files from beside that', async () => {
    for (const [name, bytes] of Object.entries(source('lost').files)) archive.files.set(`/elsewhere/${name}`, bytes);
    const published = await find(`${archive.server.url}/elsewhere/lost_3-1.dsc?token=x`);
    expect(published).toMatchObject({
      target: { source: 'lost', suite: 'trixie' },
      artifacts: [],
      runs: [{ packages: 'any' }],
    });
    expect(published.source.files[0]?.origin).toEqual({ kind: 'given', name: 'lost_3-1.debian.tar.xz' });
    expect(published.notes).toEqual(['trixie holds no binaries of lost 3-1 for amd64']);
  });

  it('looks for its version in the other suites where stable does not have it', async () => {
    expect((await find(join(await lay(source('secure').files), 'secure_1-1+deb13u1.dsc'))).target.suite).toBe(
      'trixie-security',
    );
    expect((await find(join(await lay(source('rolling').files), 'rolling_9-1.dsc'))).target.suite).toBe('sid');
    const asked = await find(join(await lay(source('rolling').files), 'rolling_9-1.dsc'), { suite: 'trixie' });
    expect(asked).toMatchObject({ target: { suite: 'trixie' }, artifacts: [] });
  });

  it('says which of its files are nowhere', async () => {
    const { 'lost_3.orig.tar.gz': _, ...rest } = source('lost').files;
    expect(await look(join(await lay(rest), 'lost_3-1.dsc'))).toMatchObject({
      kind: 'unavailable',
      what: 'source',
      missing: ['lost_3.orig.tar.gz'],
    });
  });

  it('stops at a file beside it that is not the one it names', async () => {
    const changed = { ...files(), 'tiny_1.2.orig.tar.gz': 'other' };
    await expect(look(join(await lay(changed), 'tiny_1.2-1.dsc'))).rejects.toMatchObject({
      code: 'FETCH_DIGEST_MISMATCH',
      message: expect.stringMatching(/^checking tiny_1\.2\.orig\.tar\.gz beside tiny_1\.2-1\.dsc: /),
    });
  });

  it('checks its signature by the developers’ keyring', async () => {
    const text = source('tiny').files['tiny_1.2-1.dsc'] ?? '';
    const signed = await archive.keys.clearSign(text, 'developer');
    const { verified } = await find(join(await lay({ ...files(), 'tiny_1.2-1.dsc': signed }), 'tiny_1.2-1.dsc'));
    expect(verified).toContainEqual(
      expect.objectContaining({
        kind: 'signature',
        result: 'good',
        signedBy: [await archive.keys.fingerprint('developer')],
      }),
    );
  });

  it.each([
    ['one that is not there', 'none.dsc', {}],
    ['a folder', 'x.dsc/..', {}],
    ['one that is not text', 'tiny.dsc', { 'tiny.dsc': Buffer.from([0xff, 0xfe]) }],
    ['one that is too large', 'tiny.dsc', { 'tiny.dsc': Buffer.alloc(4 * 1024 * 1024 + 1, 'a') }],
    ['one that is none', 'tiny.dsc', { 'tiny.dsc': 'hello' }],
  ])('refuses %s', async (_what, name, laid) => {
    const folder = await lay(laid);
    const request = { kind: 'dsc', ecosystem: 'debian', location: join(folder, name) } as const;
    await expect(look(request)).rejects.toMatchObject({ code: 'DSC_INVALID' });
  });

  it('refuses an address whose last part is not validly encoded', async () => {
    await expect(look(`${archive.server.url}/%zz.dsc`)).rejects.toMatchObject({
      code: 'DSC_INVALID',
      message: 'reading "%zz.dsc": its address does not end in the name of a file',
    });
  });

  it('refuses an address where there is none', async () => {
    await expect(look(`${archive.server.url}/none.dsc`)).rejects.toMatchObject({ code: 'DSC_INVALID' });
  });
});
