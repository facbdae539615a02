import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { type Lists, listsOf, openLists } from '../../../rebuilder/server/lists/index.ts';
import { keepTargets } from '../../../rebuilder/server/lists/kept-targets.ts';
import type { ListPart, ListQuestion } from '../../../rebuilder/server/lists/questions.ts';
import { source, target } from '../../../rebuilder/server/schemas/packages.ts';
import { job } from '../../../rebuilder/server/schemas/queue.ts';
import { rebuild } from '../../../rebuilder/server/schemas/results.ts';
import { createServiceStore, openReadingStore, type ResultEntry } from '../../../rebuilder/store/index.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { listed } from '../../helpers/listed-packages.ts';
import { fillPackages } from '../../helpers/packages-to-read.ts';
import { serviceRows } from '../../helpers/service-data.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const BAD: ResultEntry = {
  origin: 'imported',
  startedAt: '2026-01-01T00:00:00.000Z',
  builtAt: '2026-01-01T00:01:00.000Z',
  status: 'BAD',
  verdict: 'unreproducible',
  decides: true,
  artifacts: [],
};

async function open() {
  const file = path.join(await temporaryFolder(), 'lists.sqlite3');
  const database = await openSqlite(file);
  const store = createServiceStore(database);
  const lists = openLists(file);
  onTestFinished(async () => {
    await lists.close();
    await database.close();
  });
  const questions = async (): Promise<readonly ListQuestion[]> => [
    { list: 'targets', filter: {}, page: {}, facts: await store.packages.listFacts('binaries', {}) },
    { list: 'sources', filter: {}, page: {}, facts: await store.packages.listFacts('sources', {}) },
    { list: 'rebuilds', filter: {}, page: {}, total: await store.results.countResults({}) },
    { list: 'jobs', filter: {}, page: {} },
  ];
  return { file, database, store, lists, questions };
}

async function openFilled() {
  const lab = await open();
  await fillPackages(serviceRows(lab.database));
  await lab.store.packages.import({ profile: 'sid', distribution: 'debian', kind: 'whole' }, [listed('zlib', '1')]);
  return lab;
}

function rowsOf({ rows }: ListPart): readonly Record<string, unknown>[] {
  return JSON.parse(`[${Buffer.from(rows).toString()}]`) as Record<string, unknown>[];
}

const SCHEMAS: Readonly<Record<ListQuestion['list'], z.ZodObject>> = {
  targets: target,
  sources: source,
  rebuilds: rebuild,
  jobs: job,
};

describe('parts of lists', () => {
  it('hold, in our words, all that the schema of the list has, and nothing beside', async () => {
    const { lists, questions } = await openFilled();
    for (const question of await questions()) {
      const rows = rowsOf(await lists.ask(question, { words: 'ours' }));
      expect(rows.length, question.list).toBeGreaterThan(0);
      const schema = SCHEMAS[question.list].strict();
      for (const row of rows) expect(JSON.stringify(schema.parse(row))).toBe(JSON.stringify(row));
    }
  });

  it.each(['ours', 'v1'] as const)(
    'are the same read in a thread and read where they are asked (%s)',
    async (words) => {
      const { lists, store, questions } = await openFilled();
      const here: Lists = listsOf(store);
      for (const question of await questions()) {
        const told = await lists.ask(question, { words });
        expect(told).toEqual(await here.ask(question, { words }));
        expect(rowsOf(told)).toHaveLength(told.count);
      }
    },
  );

  it('are told up to a row, and say which and that there is more', async () => {
    const { lists, questions } = await openFilled();
    const [targets] = await questions();
    const whole = rowsOf(await lists.ask(targets as ListQuestion, { words: 'ours' }));
    const part = await lists.ask(
      { ...(targets as ListQuestion & { list: 'targets' }), page: { limit: 3 } },
      { words: 'ours', atMost: 2 },
    );
    expect(rowsOf(part)).toEqual(whole.slice(0, 2));
    expect(part).toMatchObject({ count: 3, last: whole[1]?.id, total: whole.length });
  });

  it('see what was committed before they were asked for', async () => {
    const { lists, store } = await open();
    const ask = async () => {
      const facts = await store.packages.listFacts('sources', {});
      return lists.ask({ list: 'sources', filter: {}, page: {}, facts }, { words: 'ours' });
    };
    expect(await ask()).toMatchObject({ total: 0, count: 0 });
    await store.packages.import({ profile: 'sid', distribution: 'debian', kind: 'whole' }, [listed('zlib', '1')]);
    expect(rowsOf(await ask())).toMatchObject([{ name: 'zlib', version: '1' }]);
  });

  it.each(['ours', 'v1'] as const)('are never told as they were before a result or a sync (%s)', async (words) => {
    const { lists, store } = await open();
    const here = listsOf(store);
    const sync = (...names: readonly string[]) =>
      store.packages.import(
        { profile: 'sid', distribution: 'debian', kind: 'whole' },
        names.map((name) => listed(name, '1')),
      );
    const ask = async (of: Lists) => {
      const facts = await store.packages.listFacts('binaries', {});
      return rowsOf(await of.ask({ list: 'targets', filter: {}, page: {}, facts }, { words }));
    };
    const changes: readonly (() => Promise<unknown>)[] = [
      () => sync('zlib', 'hello'),
      () => store.results.importResult(1, BAD),
      () => store.results.importResult(2, BAD),
      () => sync('hello', 'new'),
      () => store.packages.noteSync('sid', { kind: 'unchanged' }),
      () => sync('hello', 'new', 'zlib'),
    ];
    let before: unknown = [];
    for (const [number, change] of changes.entries()) {
      await change();
      const now = await ask(lists);
      expect(now, `change ${number}`).toEqual(await ask(here));
      if (number !== 4) expect(now, `change ${number}`).not.toEqual(before);
      before = now;
    }
  });

  it('are the same where no more rows are kept than a few', async () => {
    const { file, store } = await openFilled();
    const targets = keepTargets(openReadingStore(file).targets, { mostCharacters: 1_000 });
    const facts = await store.packages.listFacts('binaries', {});
    for (const limit of [1, 2, 100, 3, 100]) {
      const question = { list: 'targets', filter: {}, page: { limit }, facts } as const;
      const told = await targets.answer(question, { words: 'v1' });
      expect(told).toEqual(await listsOf(store).ask(question, { words: 'v1' }));
    }
  });

  it('are read ahead after a question, so that the next are not read at all, until they change', async () => {
    const { file, store } = await openFilled();
    const reader = openReadingStore(file).targets;
    const reading: string[] = [];
    const of: typeof reader.of = (ids) => {
      reading.push(ids.join());
      return reader.of(ids);
    };
    const targets = keepTargets({ ...reader, of }, { beforeMilliseconds: 1 });
    const facts = await store.packages.listFacts('binaries', {});
    const ask = async (words: 'ours' | 'v1', limit: number) => {
      const question = { list: 'targets', filter: {}, page: { limit }, facts } as const;
      const told = await targets.answer(question, { words });
      expect(told).toEqual(await listsOf(store).ask(question, { words }));
    };
    await ask('ours', 1);
    await targets.toldAhead();
    expect(reading.splice(0)).toHaveLength(1);
    await ask('ours', 100);
    await ask('v1', 100);
    expect(reading).toEqual([]);
    await store.results.importResult(2, BAD);
    await ask('v1', 100);
    expect(reading.splice(0)).toEqual(['2']);
    await store.packages.import({ profile: 'other', distribution: 'debian', kind: 'whole' }, [listed('new', '1')]);
    await ask('v1', 1);
    await targets.toldAhead();
    reading.splice(0);
    await ask('ours', 100);
    expect(reading).toEqual([]);
  });

  it('that cannot be read ahead are read when they are asked for', async () => {
    const { file, store } = await openFilled();
    const failing = async () => Promise.reject(new Error('not now'));
    const targets = keepTargets({ ...openReadingStore(file).targets, following: failing }, { beforeMilliseconds: 1 });
    const question = { list: 'targets', filter: {}, page: {}, facts: await store.packages.listFacts('binaries', {}) };
    for (const words of ['ours', 'v1', 'ours'] as const) {
      const told = await targets.answer({ ...question, list: 'targets' }, { words });
      await targets.toldAhead();
      expect(told).toEqual(await listsOf(store).ask({ ...question, list: 'targets' }, { words }));
    }
  });

  it('that cannot be read are told as the store tells it, and the next is read all the same', async () => {
    const { lists, questions } = await openFilled();
    const impossible = { list: 'jobs', filter: {}, page: { sort: 'nothing' } } as unknown as ListQuestion;
    await expect(lists.ask(impossible, { words: 'ours' })).rejects.toMatchObject({ code: 'STORE_FAILED' });
    const [, , , jobs] = await questions();
    expect((await lists.ask(jobs as ListQuestion, { words: 'ours' })).count).toBeGreaterThan(0);
  });

  it('that are asked of a file that is not there fail, and so does what is asked after closing', async () => {
    const lists = openLists(path.join(await temporaryFolder(), 'nothing.sqlite3'));
    const question = { list: 'jobs', filter: {}, page: {} } as const;
    for (let times = 0; times < 3; times++)
      await expect(lists.ask(question, { words: 'v1' })).rejects.toThrow('unable to open database file');
    await lists.close();
    await expect(lists.ask(question, { words: 'v1' })).rejects.toThrow('closed');
  });
});
