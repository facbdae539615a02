import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { canonicalJson, STAGES, type StageName } from '../../model/index.ts';
import type { OpenedStore, StoredStage } from '../../rebuilder/store/index.ts';
import { sampleRecord, sampleRequest, sampleTarget } from '../helpers/sample-record.ts';

/** A fresh, empty store; `reopen` gives another connection to the same data. */
export type MadeStore = { readonly store: OpenedStore; readonly reopen: () => Promise<OpenedStore> };

function stageOf(stage: StageName, value: unknown = { of: stage }): StoredStage {
  return { stage, value, startedAt: '2026-01-02T03:04:05.678Z', wallSeconds: 1.25 };
}

/** What every store does, whatever database is under it. */
export function describeStore(name: string, makeStore: () => Promise<MadeStore>): void {
  describe(`${name}: rebuilds and their stages`, () => {
    let made: MadeStore;
    let store: OpenedStore;
    beforeEach(async () => {
      made = await makeStore();
      store = made.store;
    });

    it('begins a rebuild under an id of 12 characters of lower-case base 32', async () => {
      expect(await store.createRebuild(sampleRequest)).toMatch(/^[0-9a-hjkmnp-tv-z]{12}$/);
    });

    it('tells of a new rebuild what was asked and that nothing is done yet', async () => {
      const id = await store.createRebuild(sampleRequest);
      const summary = await store.rebuild(id);
      expect(summary).toEqual({ id, createdAt: summary.createdAt, request: sampleRequest, state: 'unfinished' });
      expect(new Date(summary.createdAt).toISOString()).toBe(summary.createdAt);
    });

    it('gives stages back in the order they run, whatever order they were saved in', async () => {
      const id = await store.createRebuild(sampleRequest);
      for (const stage of STAGES.toReversed()) await store.saveStage(id, stageOf(stage));
      expect(await store.stages(id)).toEqual(STAGES.map((stage) => stageOf(stage)));
    });

    it('gives values back canonically equal through another connection', async () => {
      const id = await store.createRebuild(sampleRequest);
      const value = { z: [1, 0.5, -0, 1e21, null], a: { ü: '\u0000\u2028"', '': [] }, gone: undefined };
      await store.saveStage(id, stageOf('plan', value));
      const other = await made.reopen();
      const [stage] = await other.stages(id);
      expect(canonicalJson(stage?.value)).toBe(canonicalJson(value));
    });

    it('stores a stage once, even with an equal value', async () => {
      const id = await store.createRebuild(sampleRequest);
      await store.saveStage(id, stageOf('source', 'first'));
      await expect(store.saveStage(id, stageOf('source', 'second'))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      await expect(store.saveStage(id, stageOf('source', 'first'))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      expect((await store.stages(id)).map((stage) => stage.value)).toEqual(['first']);
    });

    it('keeps nothing of a stage whose value is not JSON', async () => {
      const id = await store.createRebuild(sampleRequest);
      await expect(store.saveStage(id, stageOf('source', { bad: 1n }))).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await store.stages(id)).toEqual([]);
    });

    it('knows no stages, record or summary of a rebuild that never began', async () => {
      const code = { code: 'RECORD_UNKNOWN' };
      await expect(store.saveStage('000000000000', stageOf('source'))).rejects.toMatchObject(code);
      await expect(store.stages('000000000000')).rejects.toMatchObject(code);
      await expect(store.saveRecord(sampleRecord('000000000000'))).rejects.toMatchObject(code);
      await expect(store.record('000000000000')).rejects.toMatchObject(code);
      await expect(store.rebuild('000000000000')).rejects.toMatchObject(code);
    });

    it('takes many writes and reads at the same moment', async () => {
      const ids = await Promise.all(
        Array.from({ length: 20 }, async (_, number) => {
          const id = await store.createRebuild(sampleRequest);
          await Promise.all(STAGES.map((stage) => store.saveStage(id, stageOf(stage, number))));
          expect((await store.stages(id)).map(({ value }) => value)).toEqual(STAGES.map(() => number));
          return id;
        }),
      );
      expect(await store.rebuilds({ limit: 100 })).toHaveLength(new Set(ids).size);
    });

    it('learns the target from the first stage that carries one', async () => {
      const id = await store.createRebuild(sampleRequest);
      await store.saveStage(id, stageOf('source', { target: sampleTarget }));
      await store.saveStage(id, stageOf('plan', { target: { ...sampleTarget, source: 'more' } }));
      expect(await store.rebuild(id)).toMatchObject({ source: 'less', version: '668-1', lastStage: 'plan' });
    });
  });

  describe(`${name}: records`, () => {
    let store: OpenedStore;
    beforeEach(async () => {
      store = (await makeStore()).store;
    });

    it('has no record while a rebuild is unfinished, and then the one that was saved', async () => {
      const id = await store.createRebuild(sampleRequest);
      expect(await store.record(id)).toBeUndefined();
      await store.saveRecord(sampleRecord(id));
      expect(await store.record(id)).toEqual(sampleRecord(id));
    });

    it('tells which recorded rebuilds have not come to a stage, newest first', async () => {
      const ids: string[] = [];
      for (let number = 0; number < 4; number++) ids.push(await store.createRebuild(sampleRequest));
      const [first = '', second = '', third = ''] = ids;
      for (const id of [first, second, third]) await store.saveRecord(sampleRecord(id));
      await store.saveStage(second, stageOf('publish'));
      await store.saveStage(third, stageOf('attest'));
      expect(await store.recordedWithout('publish', 10)).toEqual([third, first]);
      expect(await store.recordedWithout('publish', 1)).toEqual([third]);
    });

    it('takes an equal record again and refuses another', async () => {
      const id = await store.createRebuild(sampleRequest);
      const record = sampleRecord(id);
      await store.saveRecord(record);
      await store.saveRecord(Object.fromEntries(Object.entries(record).reverse()) as typeof record);
      await expect(store.saveRecord({ ...record, notes: ['another'] })).rejects.toMatchObject({
        code: 'STORE_CORRUPT',
      });
      expect(await store.record(id)).toEqual(record);
    });

    it('summarises a recorded rebuild with its target, verdict and reason', async () => {
      const id = await store.createRebuild(sampleRequest);
      const verdict = { kind: 'inconclusive', reason: 'environment drift', detail: 'x' } as const;
      await store.saveRecord(sampleRecord(id, { verdict }));
      expect(await store.rebuild(id)).toMatchObject({
        state: 'recorded',
        source: 'less',
        version: '668-1',
        suite: 'trixie',
        architecture: 'amd64',
        verdict: 'inconclusive',
        reason: 'environment drift',
      });
    });
  });

  describe(`${name}: looking up`, () => {
    let store: OpenedStore;
    beforeEach(async () => {
      store = (await makeStore()).store;
    });

    it('finds a rebuild by the beginning of its id, in either case and with look-alike letters', async () => {
      const id = await store.createRebuild(sampleRequest);
      expect((await store.rebuild(id.slice(0, 6))).id).toBe(id);
      expect((await store.rebuild(id.toUpperCase().replaceAll('0', 'O').replaceAll('1', 'I'))).id).toBe(id);
    });

    it('names the candidates of an ambiguous beginning', async () => {
      // 33 ids with 32 first characters: two begin alike.
      const ids: string[] = [];
      for (let made = 0; made < 33; made++) ids.push(await store.createRebuild(sampleRequest));
      const byFirst = Map.groupBy(ids, (id) => id.slice(0, 1));
      const [first, alike] = [...byFirst].find(([, group]) => group.length > 1) ?? ['', []];
      const failure = store.rebuild(first);
      await expect(failure).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' });
      await expect(failure).rejects.toThrow(alike.at(-1) ?? 'none');
    });

    it.each(['', '%', '_', 'u', '0'.repeat(13), "' or 1=1 --", '../x'])('does not take %j for an id', async (text) => {
      await store.createRebuild(sampleRequest);
      await expect(store.rebuild(text)).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' });
    });

    it('lists the newest first, and no more than asked', async () => {
      const ids: string[] = [];
      for (let made = 0; made < 4; made++) ids.push(await store.createRebuild(sampleRequest));
      expect((await store.rebuilds({ limit: 3 })).map((summary) => summary.id)).toEqual(ids.toReversed().slice(0, 3));
    });

    it('filters by source, suite and verdict, and by what was asked while the source is unknown', async () => {
      const asked = await store.createRebuild(sampleRequest);
      const more = await store.createRebuild(sampleRequest);
      await store.saveRecord(
        sampleRecord(more, { target: { ...sampleTarget, source: 'more', suite: 'forky' }, verdict: unreproducible }),
      );
      const ids = async (filter: { source?: string; suite?: string; verdict?: string }): Promise<readonly string[]> =>
        (await store.rebuilds({ ...filter, limit: 10 })).map((summary) => summary.id);
      expect(await ids({ source: 'less' })).toEqual([asked]);
      expect(await ids({ source: 'more' })).toEqual([more]);
      expect(await ids({ suite: 'trixie' })).toEqual([asked]);
      expect(await ids({ verdict: 'unreproducible' })).toEqual([more]);
      expect(await ids({ source: 'less', verdict: 'unreproducible' })).toEqual([]);
      expect(await ids({})).toEqual([more, asked]);
    });
  });

  describe(`${name}: caches`, () => {
    let store: OpenedStore;
    beforeEach(async () => {
      store = (await makeStore()).store;
    });

    it('remembers the first value of a kind and key', async () => {
      const { lookups } = store;
      expect(await lookups.memo('lock/1', 'k')).toBeUndefined();
      await lookups.remember('lock/1', 'k', { a: [1] });
      await lookups.remember('lock/1', 'k', 'another');
      expect(await lookups.memo('lock/1', 'k')).toEqual({ a: [1] });
      expect(await lookups.memo('lock/2', 'k')).toBeUndefined();
    });

    it('forgets look-ups older than a time', async () => {
      const { lookups } = store;
      await lookups.remember('lock/1', 'k', null);
      expect(await lookups.forgetBefore('2000-01-01T00:00:00.000Z')).toBe(0);
      expect(await lookups.memo('lock/1', 'k')).toBeNull();
      expect(await lookups.forgetBefore('9999-01-01T00:00:00.000Z')).toBe(1);
      expect(await lookups.memo('lock/1', 'k')).toBeUndefined();
    });

    it('holds one environment for each lock and engine, and forgets it when told', async () => {
      const { environments } = store;
      const made = { lockDigest: 'l', rootfsDigest: 'r1', imageId: 'sha256:1', engineId: 'e', bytes: 2 ** 40 };
      await environments.saveEnvironment(made);
      expect(await environments.environment('l', 'e')).toMatchObject(made);
      expect(await environments.environment('l', 'other')).toBeUndefined();
      await environments.saveEnvironment({ ...made, imageId: 'sha256:2' });
      expect((await environments.environments()).map((one) => one.imageId)).toEqual(['sha256:2']);
      await environments.forgetEnvironment('l', 'e');
      expect(await environments.environments()).toEqual([]);
    });

    it('keeps every root file system a lock ever gave', async () => {
      const { environments } = store;
      const made = { lockDigest: 'l', imageId: 'i', engineId: 'e', bytes: 1 };
      for (const rootfsDigest of ['r2', 'r1', 'r2']) await environments.saveEnvironment({ ...made, rootfsDigest });
      await environments.forgetEnvironment('l', 'e');
      expect(await environments.rootfsDigests('l')).toEqual(['r1', 'r2']);
      expect(await environments.rootfsDigests('none')).toEqual([]);
    });

    it('lists environments by when they were last used, the longest ago first', async () => {
      const { environments } = store;
      const made = { rootfsDigest: 'r', imageId: 'i', engineId: 'e', bytes: 1 };
      for (const lockDigest of ['a', 'b']) await environments.saveEnvironment({ ...made, lockDigest });
      await environments.touchEnvironment('a', 'e');
      await environments.touchEnvironment('gone', 'e');
      expect((await environments.environments()).map((one) => one.lockDigest)).toEqual(['b', 'a']);
    });
  });
}

const unreproducible = { kind: 'unreproducible', reason: 'nondeterministic', detail: 'x' } as const;

/** Closes a store with the test that opened it. */
export function closedAfterTest(store: OpenedStore): OpenedStore {
  onTestFinished(() => store.close());
  return store;
}
