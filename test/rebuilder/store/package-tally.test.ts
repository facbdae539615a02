import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seeded } from '../../../bench/service-data.ts';
import { alikeBinaries, alikeSources } from '../../../rebuilder/store/packages/alike.ts';
import { createTally } from '../../../rebuilder/store/packages/tally.ts';
import { resultWriter } from '../../../rebuilder/store/results/writer.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { serviceRows } from '../../helpers/service-data.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const SOURCES = 20;

/** Twenty sources with two binaries each, and counts of both tables that are kept. */
async function lab() {
  const file = path.join(await temporaryFolder(), 'tally.sqlite3');
  const database = await openSqlite(file);
  const other = await openSqlite(file);
  onTestFinished(async () => {
    await database.close();
    await other.close();
  });
  const rows = serviceRows(database);
  const add = async (name: string) => {
    const source_package_id = await rows.source({ name });
    const build_input_id = await rows.input({ source: name });
    for (const part of ['', '-doc']) await rows.binary({ name: `${name}${part}`, source_package_id, build_input_id });
  };
  for (let at = 0; at < SOURCES; at++) await add(`package-${at}`);
  let wholeReads = 0;
  const watched = {
    ...database,
    readAside: ((doing, work) => {
      wholeReads += 1;
      return database.readAside(doing, work);
    }) satisfies typeof database.readAside,
  };
  const kept = { binaries: createTally(watched, alikeBinaries), sources: createTally(watched, alikeSources) };
  const expectExact = async () => {
    const counted = await database.read('counting', async (db) => ({
      binaries: await alikeBinaries.counted(db),
      sources: await alikeSources.counted(db),
    }));
    const told = { binaries: await kept.binaries(), sources: await kept.sources() };
    for (const table of ['binaries', 'sources'] as const) expect(sorted(told[table])).toEqual(sorted(counted[table]));
  };
  return {
    add,
    expectExact,
    kept,
    wholeReads: () => wholeReads,
    ours: resultWriter(database),
    others: resultWriter(other),
  };
}

function sorted(groups: readonly object[]): readonly string[] {
  return groups.map((group) => JSON.stringify(group)).sort();
}

const NOW = '2026-02-01T00:00:00.000Z';
const ENTRY = { origin: 'imported', startedAt: NOW, builtAt: NOW, decides: true, artifacts: [] } as const;
const ENTRIES = [
  { ...ENTRY, status: 'BAD', verdict: 'unreproducible', reason: 'different' },
  { ...ENTRY, status: 'BAD', verdict: 'unreproducible', reason: 'nondeterministic' },
  { ...ENTRY, status: 'FAIL', verdict: 'failed-to-build' },
  { ...ENTRY, status: 'GOOD', verdict: 'reproducible' },
  { ...ENTRY, status: 'UNKWN', verdict: 'inconclusive', reason: 'infrastructure', decides: false },
] as const;

describe('counts of packages that are alike', () => {
  it('are those of a whole count after each result, whichever connection recorded it', async () => {
    const { expectExact, wholeReads, ours, others } = await lab();
    const random = seeded(5);
    const upTo = (limit: number) => Math.floor(random() * limit);
    await expectExact();
    for (let at = 0; at < 60; at++) {
      const writer = upTo(2) === 0 ? ours : others;
      for (let more = upTo(3); more >= 0; more--)
        await writer.importResult(1 + upTo(SOURCES), ENTRIES[upTo(ENTRIES.length)] ?? ENTRIES[0]);
      await expectExact();
    }
    expect(wholeReads()).toBe(2);
  });

  it('are counted anew when packages come, and when very many results did', async () => {
    const { add, expectExact, wholeReads, ours } = await lab();
    await expectExact();
    await add('another');
    await expectExact();
    expect(wholeReads()).toBe(4);
    await ours.importResults(
      Array.from({ length: 600 }, (_, at) => ({
        buildInputId: 1 + (at % SOURCES),
        entry: ENTRIES[at % 5] ?? ENTRIES[0],
      })),
    );
    await expectExact();
    expect(wholeReads()).toBe(6);
  });

  it('are told once to all who ask while nothing changes', async () => {
    const { kept, ours } = await lab();
    const [first, second] = await Promise.all([kept.sources(), kept.sources()]);
    expect(second).toBe(first);
    await ours.importResult(1, ENTRIES[0]);
    const after = await kept.sources();
    expect(after).not.toBe(first);
    expect(after.find(({ status }) => status === 'BAD')).toMatchObject({ reason: 'different', packages: 1 });
    expect(after.find(({ status }) => status === null)).toMatchObject({ packages: SOURCES - 1 });
  });
});
