import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../rebuilder/store/database.ts';
import { packageReader } from '../../rebuilder/store/packages/index.ts';
import { resultReader } from '../../rebuilder/store/results/index.ts';
import { fillPackages } from '../helpers/packages-to-read.ts';
import { digestOf, serviceRows } from '../helpers/service-data.ts';

/** What every store tells of a list of packages and of bytes, whatever database is under it. */
export function describeLookingUp(name: string, make: () => Promise<Database>): void {
  describe(`${name}: looking up`, () => {
    let database: Database;
    beforeEach(async () => {
      database = await make();
    });

    it('finds files by pairs of name and version', async () => {
      await fillPackages(serviceRows(database));
      const packages = packageReader(database);
      const { records } = await packages.binaryPackages({}, {});
      const [first, ...others] = records;
      if (first === undefined) throw new Error('there are no packages');
      const { name, version } = first;
      const same = records.filter((one) => one.name === name && one.version === version);
      const other = others.find((one) => one.name !== name && one.version !== version);
      expect(await packages.filesNamed([{ name, version }])).toEqual(same);
      expect(await packages.filesNamed([{ name, version: other?.version ?? '' }])).toEqual([]);
      expect(await packages.filesNamed([])).toEqual([]);
    });

    it('counts by how many rebuilders published bytes came out', async () => {
      const rows = serviceRows(database);
      await rows.source({});
      const build_input_id = await rows.input({});
      for (const [worker_id, origin, verdict] of [
        [7, 'ours', 'identical'],
        [7, 'ours', 'identical'],
        [8, 'ours', 'differs'],
        [9, 'rebuilderd', 'identical'],
        [null, 'imported', 'identical'],
        [null, 'imported', 'identical'],
      ] as const) {
        const result_id = await rows.result({ build_input_id, worker_id, origin });
        await rows.artifact({ result_id, verdict, published_sha256: digestOf('a') });
      }
      const results = resultReader(database);
      expect(await results.rebuildersOf([digestOf('a'), digestOf('b')])).toEqual(new Map([[digestOf('a'), 3]]));
      expect(await results.rebuildersOf([])).toEqual(new Map());
    });
  });
}
