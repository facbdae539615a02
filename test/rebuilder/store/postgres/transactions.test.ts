import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Database, Queries } from '../../../../rebuilder/store/database.ts';
import { openDatabase } from '../../../../rebuilder/store/index.ts';
import { closed, postgresOfFile } from '../../../helpers/postgres.ts';

const server = postgresOfFile();

/** What a store does that was written for one writer: reads, thinks, writes. */
async function addOne(db: Queries, key: string): Promise<void> {
  const row = await db.selectFrom('lookup').select('value').where('key', '=', key).executeTakeFirst();
  const value = String(Number(row?.value ?? 0) + 1);
  await db
    .insertInto('lookup')
    .values({ kind: 'count', key, value, created_at: 'x' })
    .onConflict((conflict) => conflict.columns(['kind', 'key']).doUpdateSet({ value }))
    .execute();
}

async function readCount(database: Database, key: string): Promise<string | undefined> {
  const row = await database.read('reading', (db) =>
    db.selectFrom('lookup').select('value').where('key', '=', key).executeTakeFirst(),
  );
  return row?.value;
}

describe('writers on PostgreSQL', () => {
  it('lose no update of two processes that read and write the same row', async () => {
    const address = await server.database();
    const databases = await Promise.all([1, 2].map(async () => closed(await openDatabase(address))));
    await Promise.all(
      databases.flatMap((database) =>
        Array.from({ length: 25 }, () => database.write('counting', (db) => addOne(db, 'a'))),
      ),
    );
    expect(await readCount(databases[0]!, 'a')).toBe('50');
  });

  it('see no row that another one made them miss: two that each look for the other both find one', async () => {
    const address = await server.database();
    const database = closed(await openDatabase(address));
    const seen: number[] = [];
    const lookAndAdd = (key: string) =>
      database.write('looking', async (db) => {
        const rows = await db.selectFrom('lookup').select('key').execute();
        await sleep(20);
        await db.insertInto('lookup').values({ kind: 'k', key, value: '1', created_at: 'x' }).execute();
        return rows.length;
      });
    seen.push(...(await Promise.all(['a', 'b', 'c'].map(lookAndAdd))));
    expect(seen.sort()).toEqual([0, 1, 2]);
  });

  it('give a long one its turn among many short ones that are in its way', async () => {
    const address = await server.database();
    const database = closed(await openDatabase(address));
    let ended = false;
    let shorts = 0;
    const short = async () => {
      while (!ended) {
        await database.write('counting', (db) => addOne(db, 'a'));
        shorts++;
      }
    };
    const long = async () => {
      await database.write('counting slowly', async (db) => {
        await readCount(database, 'a');
        await addOne(db, 'b');
        const row = await db.selectFrom('lookup').select('value').where('key', '=', 'a').executeTakeFirst();
        await sleep(100);
        const value = String(Number(row?.value ?? 0));
        await db.updateTable('lookup').set({ value }).where('key', '=', 'a').execute();
      });
      ended = true;
    };
    await Promise.all([short(), short(), long()]);
    expect(await readCount(database, 'a')).toBe(String(shorts));
    expect(await readCount(database, 'b')).toBe('1');
  });

  it('go on beside each other where they do not meet', async () => {
    const address = await server.database();
    const database = closed(await openDatabase(address));
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holding = database.write('holding', async (db) => {
      await db.insertInto('queue_setting').values({ name: 'a', value: '1', set_at: 'x' }).execute();
      await held;
    });
    await database.write('counting', (db) => addOne(db, 'a'));
    expect(await readCount(database, 'a')).toBe('1');
    release();
    await holding;
  });

  it('undo all of a transaction whose work throws', async () => {
    const database = closed(await openDatabase(await server.database()));
    const failing = database.write('counting', async (db) => {
      await addOne(db, 'a');
      throw new Error('thought better of it');
    });
    await expect(failing).rejects.toThrow('thought better of it');
    expect(await readCount(database, 'a')).toBeUndefined();
  });

  it('give up with STORE_BUSY when a lock is held for too long', async () => {
    const address = await server.database();
    const [holder, other] = await Promise.all([
      openDatabase(address).then(closed),
      openDatabase(address, { busySeconds: 0.2 }).then(closed),
    ]);
    await holder.write('counting', (db) => addOne(db, 'a'));
    await holder.write('counting', async (db) => {
      await addOne(db, 'a');
      await expect(other.write('counting too', (db) => addOne(db, 'a'))).rejects.toMatchObject({ code: 'STORE_BUSY' });
    });
    expect(await readCount(other, 'a')).toBe('2');
  });

  it('refuse a character that no text of the database can have, as a wrong request', async () => {
    const database = closed(await openDatabase(await server.database()));
    await expect(database.write('counting', (db) => addOne(db, 'a\u0000b'))).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });
});
