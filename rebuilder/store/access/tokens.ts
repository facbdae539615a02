import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import { ReproofError } from '../../../model/index.ts';
import type { Database } from '../database.ts';
import type { TokenTable } from './tables.ts';
import type { AccessStore, Role, Token } from './types.ts';

const SECRET = /^reproof_[A-Za-z0-9_-]{43}$/;
/** How exactly it is kept when a token was used: not every request shall write. */
const USED_MILLISECONDS = 60_000;

/** Tokens: 256 random bits, so that one pass of SHA-256 keeps them from whoever reads the database. */
export function tokenStore(database: Database): Pick<AccessStore, 'createToken' | 'token' | 'tokens' | 'revokeToken'> {
  return {
    createToken: (token) => createToken(database, token),
    token: (secret) => findToken(database, secret),
    tokens: () =>
      database.read('listing tokens', async (db) =>
        (await db.selectFrom('token').selectAll().orderBy('id').execute()).map(tokenOf),
      ),
    revokeToken: (id) =>
      database.write('revoking a token', async (db) => {
        const { numUpdatedRows } = await db
          .updateTable('token')
          .set({ revoked_at: database.now() })
          .where('id', '=', id)
          .where('revoked_at', 'is', null)
          .executeTakeFirstOrThrow();
        return numUpdatedRows === 1n;
      }),
  };
}

async function createToken(
  database: Database,
  wanted: { readonly name: string; readonly role: Role; readonly expiresAt?: string },
): Promise<{ readonly token: Token; readonly secret: string }> {
  const expires = wanted.expiresAt === undefined ? undefined : new Date(wanted.expiresAt);
  if (expires !== undefined && Number.isNaN(expires.getTime()))
    throw new ReproofError('REQUEST_INVALID', 'making a token: the time it ends is no time');
  const secret = `reproof_${randomBytes(32).toString('base64url')}`;
  const row = {
    name: wanted.name,
    role: wanted.role,
    hash: digest(secret).toString('hex'),
    created_at: database.now(),
    expires_at: expires?.toISOString() ?? null,
    revoked_at: null,
    last_used_at: null,
  };
  return database.write('making a token', async (db) => {
    const { id } = await db.insertInto('token').values(row).returning('id').executeTakeFirstOrThrow();
    return { token: tokenOf({ id, ...row }), secret };
  });
}

async function findToken(database: Database, secret: string): Promise<Token | undefined> {
  if (!SECRET.test(secret)) return undefined;
  const hash = digest(secret);
  const row = await database.read('looking up a token', (db) =>
    db.selectFrom('token').selectAll().where('hash', '=', hash.toString('hex')).executeTakeFirst(),
  );
  if (row === undefined || !timingSafeEqual(Buffer.from(row.hash, 'hex'), hash)) return undefined;
  const now = database.now();
  if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now)) return undefined;
  if (row.last_used_at === null || Date.parse(now) - Date.parse(row.last_used_at) >= USED_MILLISECONDS)
    await database.write('noting that a token was used', (db) =>
      db.updateTable('token').set({ last_used_at: now }).where('id', '=', row.id).execute(),
    );
  return tokenOf(row);
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function tokenOf(row: Selectable<TokenTable>): Token {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
  };
}
