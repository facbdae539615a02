import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  canonicalJson,
  type Published,
  sha256Of,
  type TargetRequest,
  type Unavailable,
} from '../../../../model/index.ts';
import { ecosystems } from '../../../../rebuilder/ecosystem/index.ts';
import { newFetcher } from '../../fetch/support.ts';
import { findIn, lookIn, type More } from './helpers/look.ts';
import { makeSmallArchive, NMU_ENTRY, type SmallArchive } from './helpers/small-archive.ts';

const DAY = 86_400;
const NEW_YEAR = Date.UTC(2024, 0, 1) / 1000;
const { debian } = ecosystems;
let archive: SmallArchive;
beforeAll(async () => {
  archive = await makeSmallArchive();
}, 120_000);
afterAll(() => archive.close());
beforeEach(() => archive.reset());

const look = (target: string | TargetRequest, more?: More): Promise<Published | Unavailable> =>
  lookIn(archive, target, more);
const find = (target: string | TargetRequest, more?: More): Promise<Published> => findIn(archive, target, more);
const namesOf = (published: Published): string[] => published.artifacts.map((artifact) => artifact.name);

describe('locating a package by name', () => {
  it('gives source, published files, runs and indices, all vouched for by the signed suite', async () => {
    const published = await find('debian:tiny');
    expect(published.target).toEqual({
      ecosystem: 'debian',
      source: 'tiny',
      version: '1.2-1',
      architecture: 'amd64',
      suite: 'trixie',
    });
    expect(published).toMatchObject({
      basis: 'inferred',
      runs: [{ packages: 'both' }],
      sourceDateEpoch: NEW_YEAR,
      notes: [],
    });
    expect(published.artifacts).toEqual([
      {
        name: 'tiny-all_1.2-1_all.deb',
        package: 'tiny-all',
        version: '1.2-1',
        architecture: 'all',
        size: archive.debs.tinyDoc?.bytes.length,
        sha256: sha256Of(archive.debs.tinyDoc?.bytes ?? ''),
        origin: {
          kind: 'archive',
          archive: 'debian',
          suite: 'trixie',
          component: 'main',
          path: 'pool/main/t/tiny/tiny-all_1.2-1_all.deb',
        },
      },
      expect.objectContaining({ name: 'tiny-any_1.2-1_amd64.deb' }),
    ]);
    const dsc = archive.sources.tiny?.files['tiny_1.2-1.dsc'];
    expect(published.source.dsc).toEqual({
      name: 'tiny_1.2-1.dsc',
      size: dsc?.length,
      sha256: sha256Of(dsc ?? ''),
      provenance: 'archive',
      text: dsc?.toString(),
    });
    expect(published.source.files.map((file) => file.name)).toEqual([
      'tiny_1.2-1.debian.tar.xz',
      'tiny_1.2.orig.tar.gz',
      'tiny_1.2.orig.tar.gz.asc',
    ]);
    expect(published.indices).toMatchObject([
      { archive: 'debian', suite: 'trixie', packages: [{ component: 'main', path: 'main/binary-amd64/Packages' }] },
    ]);
    expect(published.verified).toHaveLength(4);
    expect(published.verified).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'release',
          suite: 'trixie',
          signedBy: [await archive.keys.fingerprint('archive')],
        }),
        expect.objectContaining({ kind: 'index', path: 'main/binary-amd64/Packages' }),
        expect.objectContaining({ kind: 'index', path: 'main/source/Sources' }),
        expect.objectContaining({
          kind: 'signature',
          name: 'tiny_1.2-1.dsc',
          result: 'unchecked',
          why: 'it carries no signature',
        }),
      ]),
    );
  });

  it('says nothing of the mirror’s host, but where to get the indices', async () => {
    const { indices: _, ...rest } = await find('debian:tiny');
    expect(canonicalJson(rest)).not.toContain('127.0.0.1');
  });

  it('gives the same bytes twice', async () => {
    const fetcher = await newFetcher();
    const context = await archive.context(fetcher);
    const request = debian.parse('debian:rebuilt');
    const first = await debian.locate(request, context);
    expect(canonicalJson(await debian.locate(request, context))).toBe(canonicalJson(first));
  });

  it('puts the source files into the cache', async () => {
    const fetcher = await newFetcher();
    const published = await debian.locate(debian.parse('debian:tiny'), await archive.context(fetcher));
    if ('kind' in published) throw new Error('unavailable');
    for (const file of published.source.files)
      expect(await fetcher.cached(file.sha256)).toMatchObject({ size: file.size });
  });

  it('takes a binary’s name for its source, and says so', async () => {
    const notes: string[] = [];
    const published = await find('debian:tiny-any', {
      report: (event) => event.kind === 'note' && notes.push(event.text),
    });
    expect(published.target.source).toBe('tiny');
    expect(published.notes).toEqual(['tiny-any is a binary package of the source tiny']);
    expect(notes).toEqual(published.notes);
  });

  it.each([
    ['debian:tiny=1.2-1', 'tiny', '1.2-1'],
    ['debian:rebuilt=1:2-1', 'rebuilt', '1:2-1'],
    ['debian:rebuilt=1:2-1+b2', 'rebuilt', '1:2-1'],
    ['debian:rebuilt-any=1:2-1+b2', 'rebuilt', '1:2-1'],
    ['debian:rebuilt-any=1:2-1', 'rebuilt', '1:2-1'],
  ])('understands %s', async (target, source, version) => {
    expect((await find(target)).target).toMatchObject({ source, version });
  });

  it('takes the newest source and passes over what is kept only for others', async () => {
    const published = await find('debian:older');
    expect(published.target.version).toBe('2-1');
    expect(namesOf(published)).toEqual(['older-new_2-1_amd64.deb']);
  });

  it('takes an older source when it is asked for by version, or still has a binary', async () => {
    expect(namesOf(await find('debian:older=1-1'))).toEqual(['older-any_1-1_amd64.deb']);
    expect((await find('debian:older-any')).target.version).toBe('1-1');
  });

  it.each([
    ['debian:tini', /did you mean tiny/],
    ['debian:tiny-anny', /did you mean tiny-any/],
    ['debian:qqqqqqqqqq', /no name there is like it/],
    ['debian:tiny=9', /trixie has 1\.2-1/],
    ['debian:tiny-any=9', /trixie has 1\.2-1/],
  ])('knows no %s, and says what there is', async (target, why) => {
    await expect(look(target)).rejects.toMatchObject({ code: 'TARGET_UNKNOWN', message: expect.stringMatching(why) });
  });

  it('knows no architecture and no component that the suite lacks', async () => {
    const request = debian.parse('debian:tiny', { architecture: 'arm64' });
    await expect(look(request)).rejects.toMatchObject({
      code: 'TARGET_UNKNOWN',
      message: expect.stringContaining('arm64'),
    });
    await expect(look('debian:tiny', { components: ['non-free'] })).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' });
  });

  it('refuses --only for what was not published, naming the nearest', async () => {
    const looking = look('debian:tiny', { only: ['tiny-al'] });
    await expect(looking).rejects.toMatchObject({
      code: 'TARGET_UNKNOWN',
      message: expect.stringContaining('tiny-all'),
    });
    expect(namesOf(await find('debian:tiny', { only: ['tiny-all'] }))).toHaveLength(2);
  });

  it('opens the base suite too where a suite cannot stand alone', async () => {
    const published = await find('debian:secure', { suite: 'trixie-security' });
    expect(published.target.suite).toBe('trixie-security');
    expect(published.indices.map(({ suite, archive: name }) => `${name} ${suite}`)).toEqual([
      'debian trixie',
      'debian-security trixie-security',
    ]);
    expect(published.artifacts[0]?.origin).toMatchObject({ archive: 'debian-security' });
  });

  it('builds only arch:all where the source builds nothing else', async () => {
    expect(await find('debian:docs')).toMatchObject({
      runs: [{ packages: 'all' }],
      source: { dsc: { name: 'docs_1.dsc' } },
    });
    expect(await find('debian:secure', { suite: 'stable-security' })).toMatchObject({ runs: [{ packages: 'any' }] });
  });

  it('rebuilds a binNMU with the entry its binary holds, and arch:all packages apart from it', async () => {
    const published = await find('debian:rebuilt');
    expect(published.runs).toEqual([
      { packages: 'any', binaryOnlyChanges: NMU_ENTRY },
      { packages: 'all', sourceDateEpoch: NEW_YEAR },
    ]);
    expect(published.sourceDateEpoch).toBe(NEW_YEAR + 5 * DAY);
    expect(namesOf(published)).toEqual(['rebuilt-all_2-1_all.deb', 'rebuilt-any_2-1+b2_amd64.deb']);
  });

  it('says when a binNMU’s binary, and so its entry, is not to be had', async () => {
    archive.files.delete('/debian/pool/main/r/rebuilt/rebuilt-any_2-1+b2_amd64.deb');
    expect(await look('debian:rebuilt')).toMatchObject({
      kind: 'unavailable',
      what: 'source',
      missing: ['the changelog entry of rebuilt 1:2-1+b2'],
    });
  });

  it('says when only binaries are left of a source', async () => {
    expect(await look('debian:removed')).toMatchObject({
      kind: 'unavailable',
      what: 'source',
      missing: ['removed=1-1'],
    });
  });
});
