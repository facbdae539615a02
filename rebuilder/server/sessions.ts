import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessStore, Token } from '../store/access/types.ts';
import type { QueueUndo } from './queue-undo.ts';

/** Somebody who signed in with a token in a browser. In memory: whoever restarts the service signs everybody out. */
export type Session = {
  /** As it is now; who has none any more has no session. */
  readonly token: Token;
  readonly csrf: string;
  readonly expiresAt: Date;
  /** What the next page says once, and what it can take back. */
  readonly notes: SessionNotes;
};

export type SessionNotes = {
  notice?: { readonly text: string; readonly undo?: string };
  readonly undos: Map<string, QueueUndo>;
};

export type Sessions = {
  /** Makes a session for a valid token, and sets its cookie. */
  readonly begin: (request: FastifyRequest, reply: FastifyReply, token: Token) => void;
  /** The session of a request; undefined without a valid one. */
  readonly of: (request: FastifyRequest) => Promise<Session | undefined>;
  /** Ends it, and takes the cookie back. */
  readonly end: (request: FastifyRequest, reply: FastifyReply) => void;
  /** What the form of signing in has to bring back, beside a cookie that is set with it. */
  readonly beginSigningIn: (request: FastifyRequest, reply: FastifyReply) => string;
  readonly maySignIn: (request: FastifyRequest, csrf: string) => boolean;
};

type Kept = { readonly tokenId: number; readonly expiresAt: Date; readonly notes: SessionNotes };

const SESSION = 'reproof_session';
const SIGNING_IN = 'reproof_signing_in';
const SIGNING_IN_SECONDS = 3600;
/** The oldest go first: an operator signs in again. */
const MOST = 1000;

/** Sessions of a server. `path` and `secure` are those of its cookies. */
export function openSessions(options: {
  readonly store: Pick<AccessStore, 'tokens'>;
  readonly now: () => Date;
  readonly seconds: number;
  readonly path: string;
  /** Whether people reach it by https, whatever a request says. */
  readonly secure: boolean;
}): Sessions {
  const { store, now, seconds } = options;
  const kept = new Map<string, Kept>();

  const set = (request: FastifyRequest, reply: FastifyReply, cookie: { name: string; value: string; age: number }) => {
    const secure = options.secure || request.protocol === 'https' ? '; Secure' : '';
    const path = options.path === '' ? '/' : options.path;
    const { name, value, age } = cookie;
    reply.header('set-cookie', `${name}=${value}; Path=${path}; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`);
  };

  return {
    begin: (request, reply, token) => {
      for (const [key, { expiresAt }] of kept) if (expiresAt <= now()) kept.delete(key);
      const id = randomBytes(32).toString('base64url');
      const expiresAt = new Date(now().getTime() + seconds * 1000);
      kept.set(digest(id), { tokenId: token.id, expiresAt, notes: { undos: new Map() } });
      if (kept.size > MOST) kept.delete(kept.keys().next().value as string);
      set(request, reply, { name: SESSION, value: id, age: seconds });
    },
    of: async (request) => {
      const id = cookieOf(request, SESSION);
      const found = id === undefined ? undefined : kept.get(digest(id));
      if (id === undefined || found === undefined) return undefined;
      const at = now();
      const token = (await store.tokens()).find((one) => one.id === found.tokenId);
      const ended =
        token === undefined ||
        token.revokedAt !== undefined ||
        (token.expiresAt !== undefined && token.expiresAt <= at.toISOString());
      if (ended || found.expiresAt <= at) {
        kept.delete(digest(id));
        return undefined;
      }
      return { token, csrf: csrfOf(id), expiresAt: found.expiresAt, notes: found.notes };
    },
    end: (request, reply) => {
      const id = cookieOf(request, SESSION);
      if (id !== undefined) kept.delete(digest(id));
      set(request, reply, { name: SESSION, value: '', age: 0 });
    },
    beginSigningIn: (request, reply) => {
      const value = randomBytes(32).toString('base64url');
      set(request, reply, { name: SIGNING_IN, value, age: SIGNING_IN_SECONDS });
      return csrfOf(value);
    },
    maySignIn: (request, csrf) => {
      const value = cookieOf(request, SIGNING_IN);
      return value !== undefined && sameText(csrf, csrfOf(value));
    },
  };
}

/** Whether two texts are the same, in a time that says nothing of where they differ. */
export function sameText(left: string, right: string): boolean {
  return timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest());
}

/** What a page may know of a cookie that no script can read. */
function csrfOf(value: string): string {
  return createHash('sha256').update(`form\0${value}`).digest('base64url');
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const pair = (headers.cookie ?? '').split(/; */).find((one) => one.startsWith(`${name}=`));
  const value = pair?.slice(name.length + 1);
  return value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined;
}
