import { beforeEach, describe, expect, it } from 'vitest';
import { createAccessStore } from '../../rebuilder/store/access/access-store.ts';
import type { AccessStore } from '../../rebuilder/store/access/types.ts';
import type { MadeDatabase } from './service-database.ts';

const CAPABILITIES = { architectures: ['amd64', 'all'] };
const reproof = (key: string, name = 'a worker') =>
  ({ name, key, kind: 'reproof', capabilities: CAPABILITIES }) as const;

/** What every store of who may do what does, whatever database is under it. */
export function describeAccess(name: string, makeDatabase: () => Promise<MadeDatabase>): void {
  let made: MadeDatabase;
  let access: AccessStore;
  beforeEach(async () => {
    made = await makeDatabase();
    access = createAccessStore(made.database);
  });

  describe(`${name}: tokens`, () => {
    it('opens with the text that was given once, and with no other', async () => {
      const { token, secret } = await access.createToken({ name: 'mine', role: 'operator' });
      expect(secret).toMatch(/^reproof_[A-Za-z0-9_-]{43}$/);
      expect(await access.token(secret)).toMatchObject({ id: token.id, name: 'mine', role: 'operator' });
      const other = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
      for (const wrong of ['', other, secret.toUpperCase(), `${secret} `, secret.slice(8)])
        expect(await access.token(wrong)).toBeUndefined();
    });

    it('keeps no text of it', async () => {
      const { secret } = await access.createToken({ name: 'mine', role: 'admin' });
      const rows = await made.database.read('looking', (db) => db.selectFrom('token').selectAll().execute());
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain(secret.slice(8));
    });

    it('ends when its time is over', async () => {
      const expiresAt = new Date(made.clock.now().getTime() + 60_000).toISOString();
      const { secret } = await access.createToken({ name: 'short', role: 'reader', expiresAt });
      made.clock.pass(59);
      expect(await access.token(secret)).toMatchObject({ name: 'short', expiresAt });
      made.clock.pass(1);
      expect(await access.token(secret)).toBeUndefined();
    });

    it('refuses a time that is none', async () => {
      const made = access.createToken({ name: 'odd', role: 'reader', expiresAt: 'tomorrow' });
      await expect(made).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
      expect(await access.tokens()).toEqual([]);
    });

    it('is revoked once, on every connection', async () => {
      const { token, secret } = await access.createToken({ name: 'mine', role: 'admin' });
      const other = createAccessStore(await made.reopen());
      expect(await access.revokeToken(token.id)).toBe(true);
      expect(await other.revokeToken(token.id)).toBe(false);
      expect(await other.token(secret)).toBeUndefined();
      expect(await access.revokeToken(token.id + 1)).toBe(false);
    });

    it('says when it was used, to the minute', async () => {
      const { secret } = await access.createToken({ name: 'mine', role: 'admin' });
      expect(await access.tokens()).toEqual([expect.not.objectContaining({ lastUsedAt: expect.anything() })]);
      const first = made.clock.now().toISOString();
      await access.token(secret);
      made.clock.pass(30);
      await access.token(secret);
      expect(await access.tokens()).toMatchObject([{ lastUsedAt: first }]);
      made.clock.pass(30);
      await access.token(secret);
      expect(await access.tokens()).toMatchObject([{ lastUsedAt: made.clock.now().toISOString() }]);
    });
  });

  describe(`${name}: workers`, () => {
    it('registers a key once, and brings the rest up to date', async () => {
      const first = await access.registerWorker({ ...reproof('k1'), address: '192.0.2.1' });
      made.clock.pass(5);
      const again = await access.registerWorker({ ...reproof('k1', 'renamed'), address: '192.0.2.2' });
      expect(again).toMatchObject({ id: first.id, name: 'renamed', address: '192.0.2.2', capabilities: CAPABILITIES });
      expect(again.registeredAt).toBe(first.registeredAt);
      expect(again.lastSeenAt).toBe(made.clock.now().toISOString());
      expect(await access.workerByKey('k1')).toEqual(again);
      expect(await access.worker(first.id)).toEqual(again);
    });

    it('notes who let a new key in, in one step with it, and nothing of one that is known', async () => {
      const { id } = await access.registerWorker({ ...reproof('k1'), address: '192.0.2.1', letInBy: 'signup' });
      await access.registerWorker({ ...reproof('k1', 'renamed'), letInBy: 'signup' });
      await access.registerWorker(reproof('k2'));
      expect((await access.auditLog({})).records).toMatchObject([
        {
          actor: 'signup',
          action: 'worker.register',
          subject: `worker:${id}`,
          detail: { name: reproof('k1').name, key: 'k1', address: '192.0.2.1' },
        },
      ]);
    });

    it('lets nobody register the key of a worker of another kind', async () => {
      const first = await access.registerWorker(reproof('k1'));
      const posing = access.registerWorker({ ...reproof('k1', 'evil'), kind: 'rebuilderd' });
      await expect(posing).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
      expect(await access.worker(first.id)).toEqual(first);
    });

    it('leaves a revoked worker revoked when it registers again', async () => {
      const { id } = await access.registerWorker(reproof('k1'));
      expect(await access.revokeWorker(id)).toBe(true);
      expect(await access.revokeWorker(id)).toBe(false);
      expect(await access.registerWorker(reproof('k1'))).toMatchObject({ id, revokedAt: expect.any(String) });
    });

    it('lists by id and by name, in parts that meet', async () => {
      for (const [key, worker] of [
        ['k1', 'c'],
        ['k2', 'a'],
        ['k3', 'b'],
        ['k4', 'a'],
      ] as const)
        await access.registerWorker(reproof(key, worker));
      const keys = async (page: Parameters<AccessStore['workers']>[0]) => {
        const { total, records } = await access.workers(page);
        expect(total).toBe(4);
        return records.map(({ key }) => key);
      };
      expect(await keys({})).toEqual(['k1', 'k2', 'k3', 'k4']);
      expect(await keys({ direction: 'descending', limit: 2 })).toEqual(['k4', 'k3']);
      expect(await keys({ sort: 'name' })).toEqual(['k2', 'k4', 'k3', 'k1']);
      const [, second] = (await access.workers({ sort: 'name' })).records;
      expect(await keys({ sort: 'name', after: second!.id })).toEqual(['k3', 'k1']);
      expect(await keys({ sort: 'name', before: second!.id })).toEqual(['k2']);
      expect(await keys({ sort: 'name', direction: 'descending', after: second!.id })).toEqual(['k2']);
      expect(await keys({ sort: 'name', after: 999 })).toEqual([]);
    });

    it('notes when it was heard of, and what it said', async () => {
      const { id, lastSeenAt } = await access.registerWorker(reproof('k1'));
      made.clock.pass(10);
      await access.seen(id, 'building hello');
      const seen = await access.worker(id);
      expect(seen).toMatchObject({ status: 'building hello', lastSeenAt: made.clock.now().toISOString() });
      expect(seen?.lastSeenAt).not.toBe(lastSeenAt);
      await access.seen(id);
      expect(await access.worker(id)).toMatchObject({ status: 'building hello' });
    });

    it('takes a nonce of a worker once, on every connection, while it is kept', async () => {
      const one = await access.registerWorker(reproof('k1'));
      const two = await access.registerWorker(reproof('k2'));
      const other = createAccessStore(await made.reopen());
      expect(await access.takeNonce(one.id, 'n', 300)).toBe(true);
      expect(await other.takeNonce(one.id, 'n', 300)).toBe(false);
      expect(await access.takeNonce(two.id, 'n', 300)).toBe(true);
      made.clock.pass(300);
      expect(await access.takeNonce(one.id, 'n', 300)).toBe(false);
      made.clock.pass(1);
      expect(await access.takeNonce(one.id, 'n', 300)).toBe(true);
    });
  });

  describe(`${name}: the audit log`, () => {
    it('keeps what was done, in order', async () => {
      for (const subject of ['a', 'b', 'c'])
        await access.audit({ actor: 'token:me', action: 'queue.cancel', subject, detail: { affected: 1 } });
      const { total, records } = await access.auditLog({ direction: 'descending', limit: 2 });
      expect(total).toBe(3);
      expect(records.map(({ subject }) => subject)).toEqual(['c', 'b']);
      expect(records[0]).toMatchObject({ actor: 'token:me', action: 'queue.cancel', detail: { affected: 1 } });
      const after = await access.auditLog({ direction: 'descending', after: records[1]!.id });
      expect(after.records.map(({ subject }) => subject)).toEqual(['a']);
    });

    it('lets no row be changed or removed', async () => {
      await access.audit({ actor: 'local', action: 'token.create', subject: 'token:1', detail: null });
      for (const change of [
        () => made.database.write('forging', (db) => db.updateTable('audit').set({ actor: 'x' }).execute()),
        () => made.database.write('hiding', (db) => db.deleteFrom('audit').execute()),
      ])
        await expect(change()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      expect((await access.auditLog({})).records).toMatchObject([{ actor: 'local' }]);
    });
  });
}
