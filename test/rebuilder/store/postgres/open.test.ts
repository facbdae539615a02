import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase, openStore } from '../../../../rebuilder/store/index.ts';
import { MIGRATIONS } from '../../../../rebuilder/store/migrations/index.ts';
import { shownAddress } from '../../../../rebuilder/store/postgres/index.ts';
import { closed, postgresOfFile } from '../../../helpers/postgres.ts';
import { textOf } from '../../../helpers/run-cli.ts';
import { sampleRequest } from '../../../helpers/sample-record.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const server = postgresOfFile();

describe('opening a PostgreSQL database', () => {
  it('makes the tables once, however many begin at the same moment', async () => {
    const address = await server.database('empty');
    const stores = await Promise.all(Array.from({ length: 6 }, async () => closed(await openStore(address))));
    const ids = await Promise.all(stores.map((store) => store.createRebuild(sampleRequest)));
    expect(await stores[0]?.rebuilds({ limit: 10 })).toHaveLength(new Set(ids).size);
    const rows = await server.query(address, 'select name from kysely_migration order by name collate "C"');
    expect(rows.map((row) => row.name)).toEqual(Object.keys(MIGRATIONS));
  });

  it('compares every text column of every table by bytes', async () => {
    const address = await server.database();
    const rows = await server.query(
      address,
      `select table_name, column_name, collation_name from information_schema.columns
       where table_schema = 'public' and data_type = 'text'`,
    );
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((row) => row.collation_name !== 'C')).toEqual([]);
  });

  it('orders text by bytes where the database itself does not', async () => {
    const address = await server.database();
    const database = closed(await openDatabase(address));
    const names = ['zlib', 'Zope', 'apt', 'a+b', 'ab', 'é'];
    await database.write('filling', async (db) => {
      for (const key of names)
        await db.insertInto('lookup').values({ kind: 'k', key, value: '1', created_at: 'x' }).execute();
    });
    const rows = await database.read('listing', (db) => db.selectFrom('lookup').select('key').orderBy('key').execute());
    expect(rows.map((row) => row.key)).toEqual(['Zope', 'a+b', 'ab', 'apt', 'zlib', 'é']);
    const [own] = await server.query(address, "select 'Zope' < 'apt' as less");
    expect(own?.less).toBe(false);
  });

  it('gives counts, sums and large numbers as numbers', async () => {
    const database = closed(await openDatabase(await server.database()));
    const { rows } = await database.read('counting', (db) =>
      sql`select count(*) as count, sum(x) as sum, max(x) as most from (values (9007199254740991::bigint)) t(x)`.execute(
        db,
      ),
    );
    expect(rows).toEqual([{ count: 1, sum: 9007199254740991, most: 9007199254740991 }]);
  });

  it('refuses tables of a newer version, and leaves them as they are', async () => {
    const address = await server.database();
    await server.query(address, "insert into kysely_migration values ('9999-tomorrow', 'x')");
    await expect(openStore(address)).rejects.toMatchObject({
      code: 'STORE_VERSION',
      message: expect.stringContaining('9999-tomorrow'),
    });
  });

  it("refuses another program's database", async () => {
    const address = await server.database('empty');
    await server.query(address, 'create table somebody_else (id integer)');
    await expect(openStore(address)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await server.query(address, "select relname from pg_class where relname = 'rebuild'")).toEqual([]);
  });

  it('refuses a database that does not keep text in UTF-8', async () => {
    const address = await server.database('empty');
    await server.query(address, "create database latin template template0 encoding 'LATIN1' locale 'C'");
    const latin = address.replace(/[^/]*$/, 'latin');
    await expect(openStore(latin)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('LATIN1'),
    });
  });

  it.each([
    'update rebuild set request = null',
    'delete from rebuild',
    'truncate rebuild cascade',
    'delete from audit',
  ])('refuses `%s`: what is append-only is so for everybody', async (text) => {
    const address = await server.database();
    const store = closed(await openStore(address));
    await store.createRebuild(sampleRequest);
    await expect(server.query(address, text)).rejects.toThrow('append-only');
    expect(await store.rebuilds({ limit: 10 })).toHaveLength(1);
  });
});

describe('a PostgreSQL database that is not there', () => {
  it.each([
    ['no server', 'postgres://me:hunter2@127.0.0.1:1/reproof'],
    ['no socket', 'postgres://me:hunter2@%2Fnowhere/reproof'],
    ['no host of that name', 'postgres://me:hunter2@host.invalid/reproof'],
  ])('with %s is DATABASE_UNAVAILABLE, and the password is in no message', async (_, address) => {
    const failure = await openStore(address).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(JSON.stringify(failure) + String(failure) + String((failure as Error).cause)).not.toContain('hunter2');
  });

  it('names the database that does not exist', async () => {
    const address = (await server.database()).replace(/[^/]*$/, 'nothing');
    await expect(openStore(address)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('"nothing" does not exist'),
    });
  });

  it('is unavailable while it is stopped, and goes on when it is back', async () => {
    const store = closed(await openStore(await server.database()));
    const id = await store.createRebuild(sampleRequest);
    await server.stop();
    await expect(store.rebuild(id)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(store.createRebuild(sampleRequest)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await server.start();
    expect(await store.rebuild(id)).toMatchObject({ id });
  });

  it('says which package is missing where the client is not installed', async () => {
    const folder = await temporaryFolder();
    const root = pathToFileURL(resolve(import.meta.dirname, '../../../..')).href;
    const program = `import { registerHooks } from 'node:module';
      registerHooks({ resolve: (name, context, next) => next(name === 'pg' ? 'not-installed-here' : name, context) });
      const { openStore } = await import('${root}/rebuilder/store/index.ts');
      await openStore('postgres://localhost/x').catch((error) => console.log(error.code, error.message));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: join(folder),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await Promise.all([textOf(child.stdout), once(child, 'close')]);
    expect(text).toMatch(/^PROGRAM_MISSING .*npm install pg/);
  });

  it.each([
    ['postgres://me:secret@host:5/db', 'postgres://me@host:5/db'],
    ['postgresql://me:se@cr/et@host/db?sslmode=require', 'postgres://me@host/db'],
    ['postgres://host/db?password=secret', 'postgres://host/db'],
    ['postgres://me:se?cr@et@host/db', 'postgres://'],
    ['postgres:///db?password=a@secret', 'postgres://'],
    ['postgres:///db', 'postgres:///db'],
  ])('shows %s as %s', (address, shown) => {
    expect(shownAddress(address)).toBe(shown);
  });
});
