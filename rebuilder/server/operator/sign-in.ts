import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { link, signInPage } from '../../../dashboard/index.ts';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import type { App } from '../context.ts';
import { actorOf, checkOrigin, type OperatorSite } from './signed-in.ts';

const place = z.string().max(4000).optional();
const form = z.strictObject({ csrf: z.string().max(100), token: z.string().max(200), next: place });
const csrfForm = z.strictObject({ csrf: z.string().max(100) });

/** Signing in by a token, and out. */
export function registerSignIn(app: App, site: OperatorSite): void {
  const hide = { hide: true } as const;

  app.get('/operator', { schema: hide }, async (request, reply) => {
    if ((await site.enter(request, reply, 'reader')) === undefined) return reply;
    return reply.redirect(link(site, ['operator', 'queue']), 303);
  });

  app.get(
    '/operator/sign-in',
    { schema: { ...hide, querystring: z.object({ next: place }) } },
    async (request, reply) => {
      const csrf = site.sessions.beginSigningIn(request, reply);
      return site.show(request, reply, signInPage(site.frame(request), { csrf, next: request.query.next }));
    },
  );

  app.post('/operator/sign-in', { schema: { ...hide, body: form } }, async (request, reply) => {
    checkOrigin(request, site);
    const { csrf, token: secret, next } = request.body;
    const failed = (status: number, wrong: string) => {
      const again = site.sessions.beginSigningIn(request, reply);
      return site.show(request, reply.code(status), signInPage(site.frame(request), { csrf: again, next, wrong }));
    };
    if (!site.sessions.maySignIn(request, csrf)) return failed(403, 'This form was open for too long. Try once more.');
    try {
      const token = await site.access.tokenOfSecret(request, secret.trim());
      if (token === undefined) return failed(401, 'That is no valid token: it is unknown, ended, or was revoked.');
      site.sessions.begin(request, reply, token);
      await site.store.access.audit({
        actor: `token:${token.name}`,
        action: 'session.begin',
        subject: `token:${token.id}`,
        detail: {},
      });
      return reply.header('cache-control', 'no-store').redirect(ownPlace(site, next), 303);
    } catch (error) {
      if (!isReproofError(error, 'RATE_LIMITED')) throw error;
      return failed(429, 'There were too many wrong tokens from your address. Wait a minute.');
    }
  });

  app.post('/operator/sign-out', { schema: { ...hide, body: csrfForm } }, async (request, reply) => {
    const session = await site.change(request, 'reader');
    site.sessions.end(request, reply);
    const { id } = session.token;
    await site.store.access.audit({
      actor: actorOf(session),
      action: 'session.end',
      subject: `token:${id}`,
      detail: {},
    });
    return reply.redirect(link(site, []), 303);
  });
}

/** Where somebody wanted to go; nowhere but on this site. */
function ownPlace(site: OperatorSite, next: string | undefined): string {
  const home = link(site, ['operator', 'queue']);
  const base = 'http://here.invalid';
  const url = next === undefined ? null : URL.parse(next, base);
  const inside = url !== null && url.origin === base && url.pathname.startsWith(`${site.basePath}/`);
  return inside ? `${url.pathname}${url.search}` : home;
}

/** The id in an address. Throws RESOURCE_UNKNOWN. */
export function rowIdOf(request: FastifyRequest): number {
  const { id = '' } = request.params as { readonly id?: string };
  if (!/^[1-9]\d{0,8}$/.test(id)) throw new ReproofError('RESOURCE_UNKNOWN', 'looking for a row: that is no id');
  return Number(id);
}
