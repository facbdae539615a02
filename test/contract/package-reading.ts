import { beforeEach, describe, expect, it } from 'vitest';
import type { Sha256 } from '../../model/index.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import { type PackageReader, packageReader } from '../../rebuilder/store/packages/index.ts';
import type { PackageFilter } from '../../rebuilder/store/packages/types.ts';
import type { PageRequest } from '../../rebuilder/store/page.ts';
import { fillPackages } from '../helpers/packages-to-read.ts';
import { digestOf, serviceRows } from '../helpers/service-data.ts';

/** What every store of packages reads, whatever database is under it. */
export function describePackageReading(name: string, make: () => Promise<Database>): void {
  describe(`${name}: reading packages`, () => {
    let database: Database;
    let packages: PackageReader;
    beforeEach(async () => {
      database = await make();
      packages = packageReader(database);
      await fillPackages(serviceRows(database));
    });
    const binaries = async (
      filter: PackageFilter,
      page: PageRequest<'id' | 'name' | 'version' | 'architecture' | 'status'> = {},
    ) => (await packages.binaryPackages(filter, page)).records.map((one) => one.id);

    it('tells all that is known of a binary package', async () => {
      expect(await packages.binaryPackage(1)).toEqual({
        id: 1,
        sourcePackageId: 1,
        buildInputId: 1,
        source: 'hello',
        sourceVersion: '2.10-5',
        distribution: 'debian',
        release: 'trixie',
        name: 'hello',
        version: '2.10-5',
        architecture: 'amd64',
        component: 'main',
        url: 'https://deb.example.org/debian/pool/hello_2.10-5_amd64.deb',
        fileName: 'hello_2.10-5_amd64.deb',
        sha256: digestOf('a'),
        size: 5,
        lastSeenAt: '2026-01-02T03:04:05.678Z',
        seen: true,
        status: 'GOOD',
        resultId: 1,
        artifactId: 1,
        builtAt: '2026-01-03T00:01:00.000Z',
        verdict: 'reproducible',
        exitStatus: 0,
        wallSeconds: 61.5,
        rebuiltSha256: digestOf('a'),
        hasReport: true,
        hasAttestation: true,
        checkedHere: false,
      });
    });

    it('leaves out what is not known of one', async () => {
      const waiting = await packages.binaryPackage(5);
      expect(waiting).toMatchObject({ distribution: 'other', seen: true, hasReport: false, hasAttestation: false });
      for (const key of ['release', 'component', 'status', 'resultId', 'artifactId', 'builtAt', 'sha256', 'size'])
        expect(waiting).not.toHaveProperty(key);
    });

    it('knows nothing of ids that are not there', async () => {
      expect(await packages.binaryPackage(7)).toBeUndefined();
      expect(await packages.sourcePackage(0)).toBeUndefined();
      expect(await packages.buildInput(2 ** 40)).toBeUndefined();
    });

    it.each<[string, PackageFilter, number[]]>([
      ['everything', {}, [1, 2, 3, 4, 5, 6]],
      ['a distribution', { distribution: 'other' }, [5]],
      ['a release', { release: 'sid' }, [4]],
      ['no release', { release: null }, [5]],
      ['a component', { component: 'contrib' }, [3]],
      ['an architecture', { architecture: 'all' }, [2]],
      ['a name', { name: 'hello' }, [1, 6]],
      ['a name and a version', { name: 'hello', version: '2.10-5' }, [1]],
      ['a source', { source: 'hello' }, [1, 2, 6]],
      ['the beginning of a name', { nameStartsWith: 'hello-' }, [2]],
      ['part of a name', { search: 'ello' }, [1, 2, 6]],
      ['part of a name in capitals', { search: 'DFRS' }, [3]],
      ['part of a name with signs that mean something to LIKE', { search: '_100%' }, [5]],
      ['signs that are in no name', { search: '%%%' }, []],
      ['a status', { status: ['BAD'] }, [2, 3]],
      ['one of several statuses', { status: ['FAIL', 'GOOD'] }, [1, 4]],
      ['no status', { status: ['none'] }, [5, 6]],
      ['no status or one', { status: ['none', 'FAIL'] }, [4, 5, 6]],
      ['no status at all', { status: [] }, []],
      ['a digest', { sha256: digestOf('a') as Sha256 }, [1]],
      ['what is listed now', { seenOnly: true }, [1, 2, 3, 4, 5]],
      ['a maintainer', { maintainer: 'Santiago <s@example.org>' }, [1, 2]],
      ['all at once', { distribution: 'debian', release: 'trixie', architecture: 'amd64', seenOnly: true }, [1, 3]],
      ["somebody's SQL", { name: "' or 1=1 --" }, []],
    ])('lists binary packages of %s, and counts them', async (_, filter, ids) => {
      expect(await binaries(filter)).toEqual(ids);
      expect((await packages.binaryPackages(filter, { limit: 1 })).total).toBe(ids.length);
      const pieces = await Array.fromAsync(packages.eachBinaryPackage(filter));
      expect(pieces.flat().map((one) => one.id)).toEqual(ids);
    });

    it('sorts by any column, and by id among equals', async () => {
      expect(await binaries({}, { sort: 'name' })).toEqual([3, 4, 1, 6, 2, 5]);
      expect(await binaries({}, { sort: 'name', direction: 'descending' })).toEqual([5, 2, 6, 1, 4, 3]);
      expect(await binaries({}, { sort: 'version' })).toEqual([3, 4, 6, 1, 2, 5]);
      expect(await binaries({}, { sort: 'architecture' })).toEqual([2, 1, 3, 4, 6, 5]);
      expect(await binaries({}, { sort: 'status' })).toEqual([5, 6, 2, 3, 4, 1]);
      expect(await binaries({}, { direction: 'descending' })).toEqual([6, 5, 4, 3, 2, 1]);
    });

    it.each(['id', 'name', 'version', 'architecture', 'status'] as const)(
      'gives each row once when a list by %s is read page by page, in both directions',
      async (sort) => {
        for (const direction of ['ascending', 'descending'] as const) {
          const whole = await binaries({}, { sort, direction });
          const read: number[] = [];
          for (let page = await binaries({}, { sort, direction, limit: 2 }); page.length > 0; ) {
            read.push(...page);
            page = await binaries({}, { sort, direction, limit: 2, after: page.at(-1) ?? 0 });
          }
          expect(read).toEqual(whole);
          expect(await binaries({}, { sort, direction, limit: 2, before: whole[4] ?? 0 })).toEqual(whole.slice(2, 4));
        }
      },
    );

    it('gives an empty page behind a cursor that is not there, and the total all the same', async () => {
      expect(await packages.binaryPackages({}, { sort: 'name', after: 99 })).toEqual({ total: 6, records: [] });
      expect(await packages.binaryPackages({}, { before: 99 })).toEqual({ total: 6, records: [] });
      expect(await packages.sourcePackages({}, { after: -1 })).toEqual({ total: 5, records: [] });
    });

    it('tells the worst status of the inputs of a source, and its result', async () => {
      const { records } = await packages.sourcePackages({}, {});
      expect(records.map(({ id, status, resultId }) => [id, status, resultId])).toEqual([
        [1, 'BAD', 2],
        [2, 'BAD', 3],
        [3, 'FAIL', 4],
        [4, undefined, undefined],
        [5, undefined, undefined],
      ]);
      expect(await packages.sourcePackage(3)).toEqual({
        id: 3,
        distribution: 'debian',
        release: 'sid',
        component: 'main',
        name: 'failing',
        version: '1:1.0-1',
        lastSeenAt: '2026-01-02T03:04:05.678Z',
        seen: true,
        status: 'FAIL',
        resultId: 4,
      });
    });

    it('tells the status of a source anew when that of its binaries changes', async () => {
      const show = (status: string | null, result_id: number | null) =>
        database.write('changing test data', (db) =>
          db.updateTable('binary_package').set({ status, result_id }).where('source_package_id', '=', 1).execute(),
        );
      await show('GOOD', 3);
      expect(await packages.sourcePackage(1)).toMatchObject({ status: 'GOOD', resultId: 3 });
      await show(null, null);
      expect(await packages.sourcePackage(1)).not.toHaveProperty('status');
    });

    it.each<[string, PackageFilter, number[]]>([
      ['everything', {}, [1, 2, 3, 4, 5]],
      ['a release', { release: 'trixie' }, [1, 2, 5]],
      ['no release', { release: null, distribution: 'other' }, [4]],
      ['a component', { component: 'contrib' }, [2]],
      ['an architecture', { architecture: 'all' }, [1]],
      ['a digest', { sha256: digestOf('a') as Sha256 }, [1]],
      ['a name', { name: 'hello' }, [1, 5]],
      ['a source', { source: 'hello', version: '2.10-4' }, [5]],
      ['part of a name', { search: 'ail' }, [3]],
      ['the beginning of a name', { nameStartsWith: 'r' }, [2]],
      ['what is listed now', { seenOnly: true }, [1, 2, 3, 4]],
      ['a maintainer', { maintainer: 'Santiago <s@example.org>' }, [1]],
      ['a status', { status: ['BAD'] }, [1, 2]],
      ['a status that others have too, where the worst counts', { status: ['GOOD'] }, []],
      ['no status or one', { status: ['none', 'FAIL'] }, [3, 4, 5]],
    ])('lists source packages of %s, and counts them', async (_, filter, ids) => {
      const page = await packages.sourcePackages(filter, {});
      expect(page.records.map((one) => one.id)).toEqual(ids);
      expect(page.total).toBe(ids.length);
    });

    it('sorts source packages by any column', async () => {
      const by = async (sort: 'name' | 'version' | 'last_seen') =>
        (await packages.sourcePackages({}, { sort })).records.map((one) => one.id);
      expect(await by('name')).toEqual([3, 1, 5, 2, 4]);
      expect(await by('version')).toEqual([2, 3, 5, 1, 4]);
      expect(await by('last_seen')).toEqual([1, 2, 3, 4, 5]);
    });

    it('tells of a build input what it has to give', async () => {
      const input = await packages.buildInput(1);
      expect(await packages.buildInputs([1, 2 ** 30])).toEqual(new Map([[1, input]]));
      expect(input).toMatchObject({ id: 1, source: 'hello', release: 'trixie', url: 'u', status: 'GOOD', resultId: 1 });
      expect(input?.files.map((file) => file.fileName)).toEqual(['hello_2.10-5_amd64.deb']);
      expect(await packages.buildInput(5)).not.toHaveProperty('release');
    });

    it('lists a file of an input once, however many suites have it', async () => {
      const rows = serviceRows(database);
      const sid = await rows.source({ release: 'sid' });
      await rows.binary({ source_package_id: sid, build_input_id: 1, sha256: digestOf('a'), url: 'https://later' });
      expect((await packages.buildInput(1))?.files).toMatchObject([{ name: 'hello', url: 'https://later' }]);
    });

    it('tells distributions, their releases and their architectures', async () => {
      const places = (await packages.places()).map((place) => Object.values(place).join(' '));
      expect(places).toEqual(['debian sid amd64', 'debian trixie all', 'debian trixie amd64', 'other riscv64']);
      expect(await packages.distributions()).toEqual(['debian', 'other']);
      expect(await packages.releases('debian')).toEqual(['sid', 'trixie']);
      expect(await packages.releases('other')).toEqual([undefined]);
      expect(await packages.releases('nothing')).toEqual([]);
      expect(await packages.architectures('debian')).toEqual(['all', 'amd64']);
      expect(await packages.architectures('debian', 'sid')).toEqual(['amd64']);
      expect(await packages.architectures('other', null)).toEqual(['riscv64']);
    });
  });
}
