import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Published, Unavailable } from '../../../../model/index.ts';
import { findIn, lookIn } from './helpers/look.ts';
import { makeSmallArchive, type SmallArchive } from './helpers/small-archive.ts';

let archive: SmallArchive;
beforeAll(async () => {
  archive = await makeSmallArchive();
}, 120_000);
afterAll(() => archive.close());
beforeEach(() => archive.reset());

const look = (target: string): Promise<Published | Unavailable> => lookIn(archive, target);
const find = (target: string): Promise<Published> => findIn(archive, target);

describe('bringing the source', () => {
  const pool = '/debian/pool/main/t/tiny';

  it('puts a missing .dsc together, so that it says the same', async () => {
    const real = await find('debian:tiny');
    archive.files.delete(`${pool}/tiny_1.2-1.dsc`);
    const published = await find('debian:tiny');
    expect(published.source.dsc.provenance).toBe('assembled');
    expect(published.source.files).toEqual(real.source.files);
    expect(published.source.dsc.text).not.toContain('tiny_1.2-1.dsc');
    expect(published.notes).toEqual([expect.stringContaining('put together')]);
    expect(published.verified).toContainEqual(
      expect.objectContaining({
        kind: 'signature',
        name: 'tiny_1.2-1.dsc',
        result: 'unchecked',
        why: 'the file itself is not served',
      }),
    );
  });

  it('does without a detached signature', async () => {
    archive.files.delete(`${pool}/tiny_1.2.orig.tar.gz.asc`);
    archive.files.delete(`${pool}/tiny_1.2-1.dsc`);
    const published = await find('debian:tiny');
    expect(published.source.files.map((file) => file.name)).toEqual([
      'tiny_1.2-1.debian.tar.xz',
      'tiny_1.2.orig.tar.gz',
    ]);
    expect(published.source.dsc.text).not.toContain('.asc');
    expect(published.notes).toHaveLength(2);
  });

  it('names what nobody serves', async () => {
    archive.files.delete(`${pool}/tiny_1.2-1.debian.tar.xz`);
    const result = await look('debian:tiny');
    expect(result).toMatchObject({ kind: 'unavailable', what: 'source', missing: ['tiny_1.2-1.debian.tar.xz'] });
    expect(result.verified.length).toBeGreaterThan(2);
  });

  it('asks the snapshot service for what the mirror lacks, and checks it by the index’s digest', async () => {
    archive.files.delete(`${pool}/tiny_1.2-1.debian.tar.xz`);
    if (archive.sources.tiny) archive.keepSource(archive.sources.tiny);
    expect((await find('debian:tiny')).notes).toEqual([expect.stringContaining('the snapshot service had it')]);
    for (const [path, bytes] of archive.files) {
      if (path.startsWith('/snapshot/file/')) archive.files.set(path, Buffer.alloc(bytes.length));
    }
    await expect(look('debian:tiny')).rejects.toMatchObject({ code: 'FETCH_DIGEST_MISMATCH' });
  });

  it('goes on without a snapshot service', async () => {
    archive.files.delete(`${pool}/tiny_1.2-1.debian.tar.xz`);
    archive.broken.add('/snapshot');
    const result = await look('debian:tiny');
    expect(result).toMatchObject({ kind: 'unavailable', notes: [expect.stringContaining('could not be asked')] });
  });

  it('stops at bytes that are not the ones named', async () => {
    const path = `${pool}/tiny_1.2.orig.tar.gz`;
    archive.files.set(path, Buffer.alloc(archive.files.get(path)?.length ?? 0));
    await expect(look('debian:tiny')).rejects.toMatchObject({ code: 'FETCH_DIGEST_MISMATCH' });
  });

  it.each([
    ['another source’s .dsc', 'debian:evil', 'DSC_INVALID', /another source/],
    ['a folder outside the archive', 'debian:climber', 'INDEX_MALFORMED', /not a path under the archive/],
  ])('refuses an index that names %s', async (_what, target, code, why) => {
    await expect(look(target)).rejects.toMatchObject({ code, message: expect.stringMatching(why) });
  });
});
