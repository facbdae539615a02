import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../rebuilder/store/database.ts';
import { type PackageReader, packageReader } from '../../rebuilder/store/packages/index.ts';
import { fillPackages } from '../helpers/packages-to-read.ts';
import { serviceRows } from '../helpers/service-data.ts';

/** How every store of packages counts, whatever database is under it. */
export function describePackageCounts(name: string, make: () => Promise<Database>): void {
  describe(`${name}: counting packages`, () => {
    let database: Database;
    let packages: PackageReader;
    beforeEach(async () => {
      database = await make();
      packages = packageReader(database);
      await fillPackages(serviceRows(database));
    });

    it('counts what is listed now by where it is from', async () => {
      expect(await packages.counts({ distribution: 'debian' })).toEqual([
        {
          distribution: 'debian',
          release: 'sid',
          component: 'main',
          architecture: 'amd64',
          good: 0,
          bad: 0,
          fail: 1,
          unknown: 0,
        },
        {
          distribution: 'debian',
          release: 'trixie',
          component: 'contrib',
          architecture: 'amd64',
          good: 0,
          bad: 1,
          fail: 0,
          unknown: 0,
        },
        {
          distribution: 'debian',
          release: 'trixie',
          component: 'main',
          architecture: 'all',
          good: 0,
          bad: 1,
          fail: 0,
          unknown: 0,
        },
        {
          distribution: 'debian',
          release: 'trixie',
          component: 'main',
          architecture: 'amd64',
          good: 1,
          bad: 0,
          fail: 0,
          unknown: 0,
        },
      ]);
      expect(await packages.counts({ release: null })).toMatchObject([{ distribution: 'other', unknown: 1 }]);
    });

    it('tells the counts of earlier days, oldest first', async () => {
      const counts = { good: 1, bad: 2, fail: 3, unknown: 4 };
      const at = { distribution: 'debian', release: 'trixie', architecture: 'amd64', ...counts };
      await database.write('making test data', (db) =>
        db
          .insertInto('daily_status')
          .values([
            { day: '2026-01-02', ...at },
            { day: '2026-01-01', ...at },
            { day: '2026-01-02', ...at, distribution: 'other', release: '' },
          ])
          .execute(),
      );
      const days = await packages.days({ since: '2026-01-01' });
      expect(days.map((day) => [day.day, day.distribution, day.release])).toEqual([
        ['2026-01-01', 'debian', 'trixie'],
        ['2026-01-02', 'debian', 'trixie'],
        ['2026-01-02', 'other', undefined],
      ]);
      expect(days[0]).toMatchObject(counts);
      expect(await packages.days({ since: '2026-01-02', release: null })).toHaveLength(1);
    });
  });
}
