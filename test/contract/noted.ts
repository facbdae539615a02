import { beforeEach, describe, expect, it } from 'vitest';
import { createAccessStore } from '../../rebuilder/store/access/access-store.ts';
import type { AccessStore } from '../../rebuilder/store/access/types.ts';
import { type Changeable, createNoted } from '../../rebuilder/store/noted.ts';
import type { MadeDatabase } from './service-database.ts';

/** What changes that are noted do, whatever database is under them. */
export function describeNoted(name: string, makeDatabase: () => Promise<MadeDatabase>): void {
  let made: MadeDatabase;
  let access: AccessStore;
  beforeEach(async () => {
    made = await makeDatabase();
    access = createAccessStore(made.database);
  });

  describe(`${name}: changes and their notes`, () => {
    const entry = { actor: 'local', action: 'token.create', subject: 'token', detail: {} };
    const make = (stores: Changeable) => stores.access.createToken({ name: 'mine', role: 'reader' });

    it('are there together', async () => {
      const { token } = await createNoted(made.database)(make, (value) => ({
        ...entry,
        subject: `token:${value.token.id}`,
      }));
      expect((await access.tokens()).map(({ id }) => id)).toEqual([token.id]);
      expect((await access.auditLog({})).records).toMatchObject([
        { action: 'token.create', subject: `token:${token.id}` },
      ]);
    });

    it('are neither there when the other fails', async () => {
      const noted = createNoted(made.database);
      await expect(noted(make, () => ({ ...entry, detail: { odd: Number.NaN } }))).rejects.toThrow();
      await expect(
        noted(
          async (stores) => {
            await make(stores);
            throw new Error('the second half failed');
          },
          () => entry,
        ),
      ).rejects.toThrow('the second half failed');
      expect(await access.tokens()).toEqual([]);
      expect((await access.auditLog({})).total).toBe(0);
    });

    it('need no note where nothing was changed', async () => {
      const noted = createNoted(made.database);
      const isRevoked = await noted(
        (stores) => stores.access.revokeToken(7),
        (done) => (done ? entry : undefined),
      );
      expect(isRevoked).toBe(false);
      expect((await access.auditLog({})).total).toBe(0);
    });
  });
}
