import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { ReproofError } from '../../model/index.ts';
import { type AccessStore, ROLES, type Token } from '../store/access/types.ts';
import type { ServerAccess } from './context.ts';
import type { Sessions } from './sessions.ts';

/** How many addresses with wrong tokens are remembered: an attacker with more has to be slow for each. */
const ADDRESSES = 10_000;
const WINDOW_MILLISECONDS = 60_000;
/** IPv6 hands everybody so many bits of an address. */
export const IPV6_SUBNET = 64;

/** Who an address is for limits: IPv6 hands everybody a /64. */
export function addressKey(request: FastifyRequest): string {
  return normalizeIP(request.ip, IPV6_SUBNET);
}

/** Roles of requests, by their tokens. */
export function serverAccess(
  store: Pick<AccessStore, 'token'>,
  options: {
    readonly publicReading: boolean;
    readonly sessions: Pick<Sessions, 'of'>;
    readonly failuresPerMinute: number;
    readonly now: () => Date;
  },
): ServerAccess {
  const actors = new WeakMap<FastifyRequest, string>();
  const failures = countFailures(options);

  const tokenOf = async (request: FastifyRequest): Promise<Token | undefined> => {
    const secret = secretOf(request);
    if (secret !== undefined) return tokenOfSecret(request, secret);
    // A browser sends its cookie whoever wrote the page: it lets nobody change anything.
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    return (await options.sessions.of(request))?.token;
  };

  const tokenOfSecret = async (request: FastifyRequest, secret: string): Promise<Token | undefined> => {
    const address = addressKey(request);
    failures.check(address);
    const token = await store.token(secret);
    if (token === undefined) failures.note(address);
    return token;
  };

  return {
    tokenOf,
    tokenOfSecret,
    require: (role) => async (request) => {
      if (role === 'reader' && options.publicReading) return;
      const token = await tokenOf(request);
      if (token === undefined)
        throw new ReproofError('ACCESS_REQUIRED', `asking for what needs the role ${role}: a valid token is missing`);
      if (ROLES.indexOf(token.role) < ROLES.indexOf(role))
        throw new ReproofError('ACCESS_DENIED', `asking for what needs the role ${role}: the token's is ${token.role}`);
      actors.set(request, `token:${token.name}`);
    },
    actorOf: (request) => actors.get(request) ?? 'public',
  };
}

function secretOf(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const cookie = request.headers['x-auth-cookie'];
  return typeof cookie === 'string' ? cookie.trim() : undefined;
}

/** Wrong tokens by address; past the limit even a right one has to wait, or trying would pay. */
function countFailures(options: { readonly failuresPerMinute: number; readonly now: () => Date }) {
  const seen = new Map<string, { count: number; readonly until: number }>();
  const current = (address: string) => {
    const entry = seen.get(address);
    return entry !== undefined && entry.until > options.now().getTime() ? entry : undefined;
  };
  return {
    check: (address: string): void => {
      if ((current(address)?.count ?? 0) >= options.failuresPerMinute)
        throw new ReproofError(
          'RATE_LIMITED',
          'reading a token: there were too many wrong ones; try again in a minute',
        );
    },
    note: (address: string): void => {
      const entry = current(address) ?? { count: 0, until: options.now().getTime() + WINDOW_MILLISECONDS };
      entry.count += 1;
      // Last in the order of the map: those that were quiet longest go first.
      seen.delete(address);
      seen.set(address, entry);
      if (seen.size > ADDRESSES) seen.delete(seen.keys().next().value as string);
    },
  };
}
