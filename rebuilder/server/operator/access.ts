import { z } from 'zod';
import { auditPage, link, revokePage, tokenMadePage, tokensPage, workersPage } from '../../../dashboard/index.ts';
import { ROLES } from '../../store/access/types.ts';
import { there } from '../api/packages.ts';
import type { App } from '../context.ts';
import { byId, readPart } from '../paging.ts';
import { rowIdOf } from './sign-in.ts';
import { actorOf, type OperatorSite } from './signed-in.ts';

const ROWS = 50;
const DAY_MILLISECONDS = 86_400_000;
const part = z.strictObject({ cursor: z.string().max(300).optional() });
const csrf = z.string().max(100);
const csrfForm = z.strictObject({ csrf });
const tokenForm = z.strictObject({
  csrf,
  name: z.string().trim().min(1).max(100),
  role: z.enum(ROLES),
  days: z.union([z.literal('').transform(() => undefined), z.coerce.number().int().min(1).max(3650)]),
});

/** Workers, tokens and the audit log. */
export function registerAccessPages(app: App, site: OperatorSite): void {
  const { access } = site.store;
  const hide = { hide: true } as const;

  app.get('/operator/workers', { schema: { ...hide, querystring: part } }, async (request, reply) => {
    const session = await site.enter(request, reply, 'operator');
    if (session === undefined) return reply;
    const { cursor } = request.query;
    const list = await readPart({ cursor, limit: ROWS, sort: 'id' as const }, { name: 'workers', filter: {} }, (page) =>
      access.workers(page),
    );
    return site.show(
      request,
      reply,
      workersPage(site.shown(request, session), { ...list, later: cursor !== undefined }),
    );
  });

  app.get('/operator/audit', { schema: { ...hide, querystring: part } }, async (request, reply) => {
    const session = await site.enter(request, reply, 'admin');
    if (session === undefined) return reply;
    const { cursor } = request.query;
    const list = await readPart(
      byId({ cursor, limit: ROWS }),
      { name: 'audit', filter: {}, fallback: 'descending' },
      (page) => access.auditLog(page),
    );
    return site.show(request, reply, auditPage(site.shown(request, session), { ...list, later: cursor !== undefined }));
  });

  app.get('/operator/tokens', { schema: hide }, async (request, reply) => {
    const session = await site.enter(request, reply, 'admin');
    if (session === undefined) return reply;
    return site.show(request, reply, tokensPage(site.shown(request, session), await access.tokens()));
  });

  app.post('/operator/tokens', { schema: { ...hide, body: tokenForm } }, async (request, reply) => {
    const session = await site.change(request, 'admin');
    const { name, role, days } = request.body;
    const expiresAt =
      days === undefined ? {} : { expiresAt: new Date(site.now().getTime() + days * DAY_MILLISECONDS).toISOString() };
    const made = await site.store.noted(
      (stores) => stores.access.createToken({ name, role, ...expiresAt }),
      ({ token }) => ({
        actor: actorOf(session),
        action: 'token.create',
        subject: `token:${token.id}`,
        detail: { name, role },
      }),
    );
    return site.show(request, reply, tokenMadePage(site.shown(request, session), { name, role, secret: made.secret }));
  });

  for (const kind of ['worker', 'token'] as const) {
    const list = link(site, ['operator', `${kind}s`]);
    const named = async (id: number): Promise<string> => {
      const found = kind === 'worker' ? await access.worker(id) : (await access.tokens()).find((one) => one.id === id);
      return there(found, `a ${kind}`).name;
    };

    app.get(`/operator/${kind}s/:id/revoke`, { schema: hide }, async (request, reply) => {
      const session = await site.enter(request, reply, 'admin');
      if (session === undefined) return reply;
      const id = rowIdOf(request);
      return site.show(request, reply, revokePage(site.shown(request, session), { kind, id, name: await named(id) }));
    });

    app.post(`/operator/${kind}s/:id/revoke`, { schema: { ...hide, body: csrfForm } }, async (request, reply) => {
      const session = await site.change(request, 'admin');
      const id = rowIdOf(request);
      const name = await named(id);
      await site.store.noted(
        (stores) => (kind === 'worker' ? stores.access.revokeWorker(id) : stores.access.revokeToken(id)),
        (done) =>
          done
            ? { actor: actorOf(session), action: `${kind}.revoke`, subject: `${kind}:${id}`, detail: {} }
            : undefined,
      );
      session.notes.notice = { text: `The ${kind} ${name} has no rights any more.` };
      return reply.redirect(list, 303);
    });
  }
}
