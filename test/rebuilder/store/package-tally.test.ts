import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seeded } from '../../../bench/service-data.ts';
import { type AlikeReader, alikeBinaries, alikeShown, alikeSources } from '../../../rebuilder/store/packages/alike.ts';
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
  const readers = [alikeBinaries, alikeSources, alikeShown] as readonly AlikeReader<{ readonly packages: number }>[];
  const tallies = readers.map((reader) => createTally(watched, reader, 0));
  const expectExact = async () => {
    for (const [at, { counted }] of readers.entries()) {
      const expected = sorted(await database.read('counting', counted));
      expect(sorted((await tallies[at]?.groups()) ?? [])).toEqual(expected);
    }
  };
  /** Once it is known of each row where it is. */
  const ready = async () => {
    for (const tally of tallies) {
      await tally.groups();
      await tally.ready();
    }
    wholeReads = 0;
  };
  const sources = createTally(watched, alikeSources, 0);
  const writers = { ours: resultWriter(database), others: resultWriter(other) };
  return { ...writers, add, expectExact, ready, sources, wholeReads: () => wholeReads };
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
    const { expectExact, ready, wholeReads, ours, others } = await lab();
    const random = seeded(5);
    const upTo = (limit: number) => Math.floor(random() * limit);
    await ready();
    for (let at = 0; at < 60; at++) {
      const writer = upTo(2) === 0 ? ours : others;
      for (let more = upTo(3); more >= 0; more--)
        await writer.importResult(1 + upTo(SOURCES), ENTRIES[upTo(ENTRIES.length)] ?? ENTRIES[0]);
      await expectExact();
    }
    expect(wholeReads()).toBe(0);
  });

  it('are exact while it is still to be found out where each package is', async () => {
    const { expectExact, ours } = await lab();
    await expectExact();
    for (const [at, entry] of ENTRIES.entries()) {
      await ours.importResult(1 + at, entry);
      await expectExact();
    }
  });

  it('are counted whole when packages come, and when very many results did', async () => {
    const { add, expectExact, ready, wholeReads, ours } = await lab();
    await ready();
    await add('another');
    await expectExact();
    expect(wholeReads()).toBeGreaterThan(0);
    await ready();
    await expectExact();
    expect(wholeReads()).toBe(0);
    const many = Array.from({ length: 600 }, (_, at) => ({
      buildInputId: 1 + (at % SOURCES),
      entry: ENTRIES[at % 5] ?? ENTRIES[0],
    }));
    await ours.importResults(many);
    await expectExact();
    expect(wholeReads()).toBeGreaterThan(0);
  });

  it('are told once to all who ask while nothing changes', async () => {
    const { sources, ours } = await lab();
    const [first, second] = await Promise.all([sources.groups(), sources.groups()]);
    expect(second).toBe(first);
    await ours.importResult(1, ENTRIES[0]);
    const after = await sources.groups();
    expect(after).not.toBe(first);
    expect(after.find(({ status }) => status === 'BAD')).toMatchObject({ packages: 1 });
    expect(after.find(({ status }) => status === null)).toMatchObject({ packages: SOURCES - 1 });
  });
});
