import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Of } from '../../model/index.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import { packageWriter } from '../../rebuilder/store/packages/import.ts';
import type { Import, ListedSource } from '../../rebuilder/store/packages/types.ts';
import { listed, lookInto } from '../helpers/listed-packages.ts';

const SYNC: Import = { profile: 'sid', distribution: 'debian', kind: 'whole' };

/** What every store does with lists, whatever database is under it. `make` gives a fresh, empty one. */
export function describePackageImport(name: string, make: () => Promise<Database>): void {
  describe(`${name}: taking lists in`, () => {
    let database: Database;
    let store: ReturnType<typeof packageWriter>;
    let look: ReturnType<typeof lookInto>;
    beforeEach(async () => {
      database = await make();
      store = packageWriter(database);
      look = lookInto(database);
    });

    it('queues what is new once, behind what people ask for and not before its time', async () => {
      const counts = await store.import({ ...SYNC, notBefore: '2026-02-01T00:00:00.000Z' }, [
        listed('less', '1'),
        listed('hello', '2', { binaries: ['hello', 'hello-doc'] }),
      ]);
      expect(counts).toEqual({ sources: 2, files: 3, added: 3, withdrawn: 0, queued: 2, dropped: 0 });
      expect(await look.jobs()).toEqual(
        [
          ['hello', '2'],
          ['less', '1'],
        ].map(([source, version]) => ({
          source,
          version,
          kind: 'new',
          priority: 1,
          state: 'queued',
          notBefore: '2026-02-01T00:00:00.000Z',
        })),
      );
      expect(await look.seenFiles()).toEqual(['sid hello 2', 'sid hello-doc 2', 'sid less 1']);
    });

    it('changes nothing when the same list comes again, in another order and with files twice', async () => {
      const [less, hello] = [listed('less', '1'), listed('hello', '2', { binaries: ['hello', 'hello-doc'] })];
      await store.import(SYNC, [less, hello]);
      const again = await store.import(SYNC, [{ ...hello, files: hello.files.toReversed() }, less, less]);
      expect(again).toEqual({ sources: 2, files: 3, added: 0, withdrawn: 0, queued: 0, dropped: 0 });
      expect(await look.inputs()).toHaveLength(2);
    });

    it('takes superseded versions off the queue and keeps them as history', async () => {
      await store.import(SYNC, [listed('less', '1'), listed('hello', '2')]);
      const counts = await store.import(SYNC, [listed('less', '2'), listed('hello', '2')]);
      expect(counts).toEqual({ sources: 2, files: 2, added: 1, withdrawn: 1, queued: 1, dropped: 1 });
      expect(await look.jobNames()).toEqual(['hello 2', 'less 2']);
      expect(await look.seenFiles()).toEqual(['sid hello 2', 'sid less 2']);
      expect(await look.seenSources()).toEqual(['sid hello 2', 'sid less 2']);
      const history = await database.read('a test', (db) =>
        db.selectFrom('binary_package').select(['name', 'version']).where('seen', '=', 0).execute(),
      );
      expect(history).toEqual([{ name: 'less', version: '1' }]);
    });

    it('sees a version that came back again, as the same row', async () => {
      await store.import(SYNC, [listed('less', '1')]);
      await store.import(SYNC, [listed('less', '2')]);
      const counts = await store.import(SYNC, [listed('less', '1')]);
      expect(counts).toMatchObject({ added: 1, withdrawn: 1, queued: 1, dropped: 1 });
      expect(await look.seenFiles()).toEqual(['sid less 1']);
      expect(await look.seenSources()).toEqual(['sid less 1']);
      expect(await look.inputs()).toHaveLength(2);
      expect(await look.jobNames()).toEqual(['less 1']);
    });

    it('keeps jobs that somebody asked for by hand, and those that run', async () => {
      await store.import(SYNC, [listed('a1', '1'), listed('b1', '1'), listed('c1', '1')]);
      await database.write('a test', async (db) => {
        const id = async (source: string) =>
          (await db.selectFrom('build_input').select('id').where('source', '=', source).executeTakeFirstOrThrow()).id;
        await db
          .updateTable('job')
          .set({ kind: 'manual' })
          .where('build_input_id', '=', await id('a1'))
          .execute();
        await db
          .updateTable('job')
          .set({ state: 'leased' })
          .where('build_input_id', '=', await id('b1'))
          .execute();
      });
      const counts = await store.import(SYNC, [listed('d1', '1')]);
      expect(counts).toMatchObject({ withdrawn: 3, dropped: 1 });
      expect(await look.jobNames()).toEqual(['a1 1', 'b1 1', 'd1 1']);
    });

    it('builds the same files in two releases once, and the later one begins with the status of the first', async () => {
      await store.import(SYNC, [listed('less', '1')]);
      await look.decide('less', 'GOOD');
      const counts = await store.import({ ...SYNC, profile: 'trixie' }, [listed('less', '1', { release: 'trixie' })]);
      expect(counts).toMatchObject({ added: 1, queued: 0 });
      expect(await look.inputs()).toHaveLength(1);
      const rows = await database.read('a test', (db) =>
        db.selectFrom('binary_package').select(['status', 'result_id', 'artifact_id']).execute(),
      );
      expect(rows).toEqual(Array(2).fill({ status: 'GOOD', result_id: 7, artifact_id: 9 }));
    });

    it('makes another input of other files under the same name and version', async () => {
      await store.import(SYNC, [listed('less', '1')]);
      const [file] = listed('less', '1').files;
      const rebuilt = { ...listed('less', '1'), files: [{ ...file!, version: '1+b1', sha256: sha256Of('rebuilt') }] };
      const counts = await store.import(SYNC, [rebuilt]);
      expect(counts).toMatchObject({ sources: 1, added: 1, withdrawn: 1, queued: 1, dropped: 1 });
      expect((await look.inputs()).map((input) => input.version)).toEqual(['1', '1']);
      expect(await look.seenSources()).toEqual(['sid less 1']);
    });

    it('leaves to the queue what is listed all the time, and queues what comes back and is not good', async () => {
      await store.import(SYNC, [listed('good', '1'), listed('bad1', '1')]);
      await look.decide('good', 'GOOD');
      await look.decide('bad1', 'BAD');
      expect(await store.import(SYNC, [listed('good', '1'), listed('bad1', '1')])).toMatchObject({ queued: 0 });
      await store.import(SYNC, []);
      expect(await store.import(SYNC, [listed('good', '1'), listed('bad1', '1')])).toMatchObject({ queued: 1 });
      expect(await look.jobNames()).toEqual(['bad1 1']);
    });

    it('lets no profile drop the jobs of another', async () => {
      await store.import(SYNC, [listed('less', '1'), listed('hello', '2')]);
      const counts = await store.import({ ...SYNC, profile: 'only-hello' }, [listed('hello', '2')]);
      expect(counts).toEqual({ sources: 1, files: 1, added: 1, withdrawn: 0, queued: 0, dropped: 0 });
      expect(await look.jobNames()).toEqual(['hello 2', 'less 1']);
      const emptied = await store.import({ ...SYNC, profile: 'only-hello' }, []);
      expect(emptied).toMatchObject({ withdrawn: 1, dropped: 0 });
      expect(await look.jobNames()).toEqual(['hello 2', 'less 1']);
      expect(await look.seenFiles()).toEqual(['sid hello 2', 'sid less 1']);
    });

    it('withdraws only what a part of a list takes the place of', async () => {
      const part: Import = { ...SYNC, profile: 'client', kind: 'additions' };
      await store.import(part, [listed('less', '1'), listed('hello', '2', { binaries: ['hello', 'hello-doc'] })]);
      await store.import(part, [listed('less', '1', { release: 'trixie' })]);
      const counts = await store.import(part, [listed('less', '2')]);
      expect(counts).toMatchObject({ added: 1, withdrawn: 1, dropped: 0 });
      expect(await look.seenFiles()).toEqual(['sid hello 2', 'sid hello-doc 2', 'sid less 2', 'trixie less 1']);
      await store.import(part, [listed('hello', '3')]);
      expect(await look.seenFiles()).toEqual(['sid hello 3', 'sid less 2', 'trixie less 1']);
    });

    it('takes files of unknown content by the address of their .buildinfo', async () => {
      const { sha256: _, size: _size, ...file } = listed('less', '1').files[0]!;
      const source = listed('less', '1', { files: [file], url: 'http://example.org/less_1_amd64.buildinfo' });
      const part: Import = { ...SYNC, profile: 'client', kind: 'additions' };
      expect(await store.import(part, [source])).toMatchObject({ added: 1, queued: 1 });
      expect(await store.import(part, [source])).toMatchObject({ added: 0, queued: 0 });
      expect(await look.inputs()).toMatchObject([{ url: 'http://example.org/less_1_amd64.buildinfo' }]);
    });

    it('brings addresses and maintainers up to date without making anything new', async () => {
      await store.import(SYNC, [listed('less', '1')]);
      const [file] = listed('less', '1').files;
      const moved = listed('less', '1', { files: [{ ...file!, url: 'http://other.example.org/x' }], maintainer: 'B' });
      expect(await store.import(SYNC, [moved])).toMatchObject({ added: 0, withdrawn: 0, queued: 0 });
      const rows = await database.read('a test', (db) =>
        db
          .selectFrom('binary_package as b')
          .innerJoin('source_package as s', 's.id', 'b.source_package_id')
          .select(['b.url', 's.maintainer'])
          .execute(),
      );
      expect(rows).toEqual([{ url: 'http://other.example.org/x', maintainer: 'B' }]);
    });

    it('brings a whole list up to date when it is read at another address, each file to its own', async () => {
      const many = (root: string, size?: number): ListedSource[] =>
        Array.from({ length: 401 }, (_, number) => {
          const source = listed(`p${number}`, '1');
          const { size: _size, ...file } = source.files[0]!;
          const url = `${root}/p${number}`;
          return { ...source, files: [{ ...file, url, ...(size === undefined ? {} : { size: size + number }) }] };
        });
      await store.import(SYNC, many('http://a.example.org'));
      expect(await store.import(SYNC, many('http://b.example.org', 3_000_000_000))).toMatchObject({ added: 0 });
      await store.import(SYNC, []);
      await store.import(SYNC, many('http://c.example.org', 5_000_000_000).slice(0, 1));
      const rows = await database.read('a test', (db) =>
        db
          .selectFrom('binary_package')
          .select(['distribution', 'release', 'source', 'url', 'size', 'seen'])
          .orderBy('id')
          .execute(),
      );
      const at = (number: number, changes: object) => ({
        distribution: 'debian',
        release: 'sid',
        source: `p${number}`,
        url: `http://b.example.org/p${number}`,
        size: 3_000_000_000 + number,
        seen: 0,
        ...changes,
      });
      expect(rows).toEqual([
        at(0, { url: 'http://c.example.org/p0', size: 5_000_000_000, seen: 1 }),
        ...Array.from({ length: 400 }, (_, number) => at(number + 1, {})),
      ]);
    });

    it('changes nothing when the list breaks off', async () => {
      await store.import({ ...SYNC, inputDigest: sha256Of('one') }, [listed('less', '1')]);
      async function* broken(): AsyncGenerator<ListedSource> {
        for (let number = 0; number < 500; number++) yield listed(`new${number}`, '1');
        throw new Error('the index ends here');
      }
      await expect(store.import(SYNC, broken())).rejects.toThrow('the index ends here');
      expect(await look.seenFiles()).toEqual(['sid less 1']);
      expect(await look.jobNames()).toEqual(['less 1']);
      expect(await store.profiles()).toMatchObject([{ name: 'sid', inputDigest: sha256Of('one') }]);
    });

    it('refuses one of two imports of a profile that ran at once, whole', async () => {
      await store.import(SYNC, [listed('less', '1')]);
      async function* overtaken(): AsyncGenerator<ListedSource> {
        yield listed('less', '2');
        await store.import(SYNC, [listed('less', '3')]);
      }
      await expect(store.import(SYNC, overtaken())).rejects.toMatchObject({ code: 'STORE_BUSY' });
      expect(await look.seenFiles()).toEqual(['sid less 3']);
    });

    it('takes in what another profile let go of meanwhile', async () => {
      await store.import(SYNC, [listed('less', '1')]);
      async function* meanwhile(): AsyncGenerator<ListedSource> {
        for (let number = 0; number < 400; number++) yield listed(number === 0 ? 'less' : `other${number}`, '1');
        await store.import(SYNC, []);
      }
      await store.import({ ...SYNC, profile: 'second' }, meanwhile());
      expect(await look.seenFiles()).toContain('sid less 1');
      expect(await look.seenSources()).toContain('sid less 1');
      expect(await look.jobNames()).toContain('less 1');
    });

    it('takes lists that are longer than any statement may be', async () => {
      const many = Array.from({ length: 1203 }, (_, number) => listed(`p${number}`, '1'));
      expect(await store.import(SYNC, many)).toMatchObject({ sources: 1203, files: 1203, added: 1203, queued: 1203 });
      expect(await store.import(SYNC, many)).toMatchObject({ files: 1203, added: 0, withdrawn: 0 });
      expect(await store.import(SYNC, [])).toMatchObject({ withdrawn: 1203, dropped: 1203 });
      expect(await look.seenFiles()).toEqual([]);
    });

    it('keeps how syncs began and ended', async () => {
      await store.noteSync('sid', { kind: 'started', distribution: 'debian' });
      expect(await store.profiles()).toMatchObject([
        { name: 'sid', distribution: 'debian', startedAt: expect.any(String) },
      ]);
      await store.noteSync('sid', { kind: 'failed', error: 'no answer' });
      expect(await store.profiles()).toMatchObject([{ error: 'no answer', finishedAt: expect.any(String) }]);
      await store.import({ ...SYNC, inputDigest: sha256Of('one'), suiteDates: { sid: '2026-01-01T00:00:00Z' } }, []);
      const [synced] = await store.profiles();
      expect(synced).toMatchObject({ inputDigest: sha256Of('one'), suiteDates: { sid: '2026-01-01T00:00:00Z' } });
      expect(synced).not.toHaveProperty('error');
      await store.noteSync('sid', { kind: 'unchanged' });
      expect(await store.profiles()).toMatchObject([{ inputDigest: sha256Of('one') }]);
    });

    it('counts a day by status, once however often it is counted', async () => {
      const names = ['good', 'bad1', 'fail', 'new1'];
      await store.import(
        SYNC,
        names.map((each) => listed(each, '1')),
      );
      for (const each of ['good', 'bad1', 'fail'])
        await look.decide(each, each.slice(0, 3) === 'bad' ? 'BAD' : each.toUpperCase());
      await store.noteDay();
      await store.noteDay();
      const rows = await database.read('a test', (db) => db.selectFrom('daily_status').selectAll().execute());
      expect(rows).toEqual([
        {
          day: database.now().slice(0, 10),
          distribution: 'debian',
          release: 'sid',
          architecture: 'amd64',
          good: 1,
          bad: 1,
          fail: 1,
          unknown: 1,
        },
      ]);
    });
  });
}
