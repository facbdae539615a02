import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../rebuilder/store/database.ts';
import { type PackageReader, packageReader } from '../../rebuilder/store/packages/index.ts';
import type { PackageFilter } from '../../rebuilder/store/packages/types.ts';
import { resultReader } from '../../rebuilder/store/results/index.ts';
import { resultWriter } from '../../rebuilder/store/results/writer.ts';
import { fillPackages } from '../helpers/packages-to-read.ts';
import { type ServiceRows, serviceRows } from '../helpers/service-data.ts';
import { entryOf } from './result-entries.ts';

/** What every store knows of why packages are held back, whatever database is under it. */
export function describeHeldBack(name: string, make: () => Promise<Database>): void {
  describe(`${name}: what holds packages back`, () => {
    let database: Database;
    let packages: PackageReader;
    let rows: ServiceRows;
    beforeEach(async () => {
      database = await make();
      packages = packageReader(database);
      rows = serviceRows(database);
      await fillPackages(rows);
    });

    const shown = async (filter: PackageFilter) => {
      const { records, total } = await packages.sourcePackages(filter, {});
      expect(total).toBe(records.length);
      return records.map(({ id }) => id);
    };

    it.each<[string, PackageFilter, number[]]>([
      ['part of a maintainer, in any case', { maintainerHolds: 'SANTIAGO <S@' }, [1]],
      ['signs of a maintainer that mean something to LIKE', { maintainerHolds: '_antiago%' }, []],
      ['part of no maintainer', { maintainerHolds: 'nobody' }, []],
      ['part of a maintainer, and a name', { maintainerHolds: 'santiago', name: 'rust-dfrs' }, []],
      ['the word of the shown result', { verdict: 'reproducible', status: ['BAD'] }, [1, 2]],
      ['a word that none has', { verdict: 'unreproducible' }, []],
      ['that word of what is listed now', { verdict: 'reproducible', status: ['BAD'], seenOnly: true }, [1, 2]],
      ['the same in a release', { verdict: 'reproducible', status: ['BAD'], seenOnly: true, release: 'sid' }, []],
      ['a reason that none of them has', { reason: 'different', status: ['BAD', 'FAIL'], seenOnly: true }, []],
      ['a word and no status', { verdict: 'reproducible', status: [], seenOnly: true }, []],
    ])('lists source packages by %s', async (_, filter, ids) => {
      expect(await shown(filter)).toEqual(ids);
    });

    it('finds packages by their maintainers of now', async () => {
      expect(await shown({ maintainerHolds: 'new' })).toEqual([]);
      await database.write('handing over', (db) =>
        db
          .updateTable('source_package')
          .set({ maintainer: 'New Ünder <new@example.org>' })
          .where('id', '=', 3)
          .execute(),
      );
      expect(await shown({ maintainerHolds: 'w Ü' })).toEqual([3]);
      expect(await shown({ maintainerHolds: 'EW ü' })).toEqual([3]);
    });

    it('counts anew what a result changes', async () => {
      const wanted = { reason: 'different', name: 'rust-dfrs' } as const;
      const listed = { reason: 'different', status: ['BAD'], seenOnly: true } as const;
      const total = async (filter: PackageFilter) => (await packages.sourcePackages(filter, {})).total;
      expect([await total(wanted), await total(listed)]).toEqual([0, 0]);
      const bad = entryOf({ status: 'BAD', verdict: 'unreproducible', reason: 'different' });
      await database.write('making room', (db) => db.updateTable('build_input').set({ decided_at: null }).execute());
      await resultWriter(database).importResult(3, bad);
      expect([await total(wanted), await total(listed)]).toEqual([1, 1]);
    });

    it('looks for packages by what differs in them, and counts them, the commonest first', async () => {
      await database.write('adding causes', async (db) => {
        for (const [result_id, cause] of [
          [2, 'order'],
          [2, 'timestamp'],
          [3, 'timestamp'],
          [4, 'timestamp'],
        ] as const)
          await db.insertInto('result_cause').values({ result_id, cause }).execute();
      });
      expect(await shown({ cause: 'timestamp' })).toEqual([1, 2, 3]);
      expect(await shown({ cause: 'order', status: ['BAD'] })).toEqual([1]);
      expect(await shown({ cause: 'padding' })).toEqual([]);
      const { records } = await packages.binaryPackages({ cause: 'timestamp' }, {});
      expect(records.map(({ id }) => id)).toEqual([2, 3, 4]);
      const trixie = { distribution: 'debian', release: 'trixie' };
      const counted = [
        { ...trixie, cause: 'timestamp', packages: 2 },
        { ...trixie, cause: 'order', packages: 1 },
      ];
      expect(await packages.causes({})).toEqual(counted);
      expect(await packages.causes(trixie)).toEqual(counted);
      expect(await packages.causes({ release: 'sid' })).toEqual([]);
    });

    it('finds what does not reproduce while an older version did', async () => {
      expect(await shown({ regressed: true })).toEqual([]);
      await rows.input({ source: 'rust-dfrs', version: '0.0.8-1', status: 'GOOD' });
      await rows.input({ source: 'rust-dfrs', version: 'no version', status: 'GOOD' });
      await rows.input({ source: 'rust-dfrs', version: '0.0.6-1', status: 'GOOD', distribution: 'other' });
      await rows.input({ source: 'failing', version: '0', status: 'GOOD' });
      // Counts are kept until something is added that they count.
      await rows.result({});
      expect(await shown({ regressed: true })).toEqual([]);
      await rows.input({ source: 'rust-dfrs', version: '0.0.7-9', status: 'GOOD' });
      await rows.result({});
      expect(await shown({ regressed: true })).toEqual([2]);
      expect(await shown({ regressed: true, release: 'sid' })).toEqual([]);
    });

    it('tells every version of a source package, those listed last first', async () => {
      const versions = await packages.versions({ names: ['hello', 'waiting'] });
      expect(versions.map(({ name, version, architecture, seen }) => [name, version, architecture, seen])).toEqual([
        ['hello', '2.10-4', 'amd64', false],
        ['waiting', '9', 'amd64', true],
        ['hello', '2.10-5', 'all', true],
        ['hello', '2.10-5', 'amd64', true],
      ]);
      expect(versions[3]).toMatchObject({ release: 'trixie', status: 'GOOD', verdict: 'reproducible', resultId: 1 });
      expect(versions[1]).not.toHaveProperty('release');
      expect(await packages.versions({ names: [] })).toEqual([]);
      const sid = await packages.versions({ names: ['failing', 'hello'], distribution: 'debian', release: 'sid' });
      expect(sid.map(({ name }) => name)).toEqual(['failing']);
    });

    it('keeps what differs in a result, each kind once, and never changes it', async () => {
      const results = resultReader(database);
      const bad = entryOf({ status: 'BAD', verdict: 'unreproducible', reason: 'different' });
      const writer = resultWriter(database);
      const first = await writer.importResult(1, { ...bad, causes: ['timestamp', 'order', 'timestamp'] });
      const second = await writer.importResult(1, { ...bad, causes: ['code'] });
      const third = await writer.importResult(1, bad);
      expect(await results.causesOf([second, first, third])).toEqual(
        new Map([
          [first, ['order', 'timestamp']],
          [second, ['code']],
        ]),
      );
      await expect(
        database.write('changing', (db) => db.updateTable('result_cause').set({ cause: 'code' }).execute()),
      ).rejects.toThrow();
      expect(await results.causesOf([second])).toEqual(new Map([[second, ['code']]]));
    });
  });
}
