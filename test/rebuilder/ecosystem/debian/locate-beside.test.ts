import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Published, sha256Of } from '../../../../model/index.ts';
import { ecosystems } from '../../../../rebuilder/ecosystem/index.ts';
import type { TestDeb, TestSource } from '../../../helpers/debian-packages.ts';
import { newFetcher } from '../../fetch/support.ts';
import { makeSmallArchive, type SmallArchive } from './helpers/small-archive.ts';

const { debian } = ecosystems;
let archive: SmallArchive;
let lost: TestSource;
let deb: TestDeb;
let text = '';

beforeAll(async () => {
  archive = await makeSmallArchive();
  lost = archive.sources.lost as TestSource;
  deb = archive.debs.lost as TestDeb;
  text = `Format: 1.0\nSource: lost\nBinary: lost-any\nArchitecture: amd64\nVersion: 3-1\nChecksums-Sha256:\n ${sha256Of(deb.bytes)} ${deb.bytes.length} ${deb.name}\nBuild-Architecture: amd64\nInstalled-Build-Depends:\n compiler (= 1:5-1)\n`;
}, 120_000);
afterAll(() => archive.close());
beforeEach(() => archive.reset());

async function lay(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(archive.folder, 'beside-'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return join(folder, 'x.buildinfo');
}

async function find(location: string): Promise<{ published: Published; hasDeb: boolean }> {
  const fetcher = await newFetcher({ tries: 1 });
  const published = await debian.locate(debian.parse(location), await archive.context(fetcher));
  if ('kind' in published) throw new Error(`unavailable: ${published.missing.join(', ')}`);
  return { published, hasDeb: (await fetcher.cached(sha256Of(deb.bytes))) !== undefined };
}

describe('locating a .buildinfo whose source no suite has', () => {
  it('takes the source from beside it, and the files built as well', async () => {
    const { published, hasDeb } = await find(
      await lay({ ...lost.files, [deb.name]: deb.bytes, 'x.buildinfo': text, 'lost_3-1_amd64.changes': '' }),
    );
    expect(published).toMatchObject({
      target: { source: 'lost', version: '3-1', suite: 'trixie' },
      basis: 'recorded',
      source: { dsc: { name: 'lost_3-1.dsc', provenance: 'given' } },
      notes: expect.arrayContaining(['no suite has this source; it is taken from beside x.buildinfo']),
    });
    expect(hasDeb).toBe(true);
  });

  it('does so at an address', async () => {
    const served = { ...lost.files, [deb.name]: deb.bytes, 'x.buildinfo': Buffer.from(text) };
    for (const [name, bytes] of Object.entries(served)) archive.files.set(`/beside/${name}`, bytes);
    const { published, hasDeb } = await find(`${archive.server.url}/beside/x.buildinfo?token=1`);
    const origins = published.source.files.map((file) => file.origin);
    expect(origins).toContainEqual({ kind: 'given', name: 'lost_3-1.debian.tar.xz' });
    expect(hasDeb).toBe(true);
  });

  it('asks the snapshot service where its .dsc is not beside it', async () => {
    archive.keepSource(lost);
    archive.files.set('/beside/x.buildinfo', Buffer.from(text));
    const { published, hasDeb } = await find(`${archive.server.url}/beside/x.buildinfo`);
    expect(published.source.files[0]?.origin).toMatchObject({ kind: 'snapshot', name: 'lost_3-1.debian.tar.xz' });
    expect(hasDeb).toBe(false);
  });

  it('says when a built file beside it is another', async () => {
    const location = await lay({ ...lost.files, 'x.buildinfo': text, [deb.name]: 'other' });
    expect((await find(location)).published.notes).toContain(`${deb.name} beside x.buildinfo is not the file it names`);
  });

  it('stops at a .dsc of another package', async () => {
    const dsc = archive.sources.tiny?.files['tiny_1.2-1.dsc'] ?? '';
    const location = await lay({ ...lost.files, 'x.buildinfo': text, 'lost_3-1.dsc': dsc });
    await expect(find(location)).rejects.toMatchObject({ code: 'DSC_INVALID' });
  });
});
