import type { FastifyReply, FastifyRequest } from 'fastify';
import { link, type OperatorFrame, type Page, renderPage } from '../../../dashboard/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { ROLES, type Role } from '../../store/access/types.ts';
import { PAGE_HEADERS, type Site } from '../dashboard/site.ts';
import { type Session, sameText } from '../sessions.ts';

/** What operators' routes work with beside the site. */
export type OperatorSite = Site & {
  /** The session of a request that a page of a role is asked with; undefined: it was sent to sign in. */
  readonly enter: (request: FastifyRequest, reply: FastifyReply, role: Role) => Promise<Session | undefined>;
  /**
   * The same for a form: it has to come from a page of ours that this session was shown. Throws ACCESS_REQUIRED,
   * ACCESS_DENIED.
   */
  readonly change: (request: FastifyRequest, role: Role) => Promise<Session>;
  /** What pages of a session are drawn in; takes its notice. */
  readonly shown: (request: FastifyRequest, session: Session) => OperatorFrame;
  /** Answers with a page that nobody keeps and no other host sees. */
  readonly show: (request: FastifyRequest, reply: FastifyReply, page: Page) => FastifyReply;
};

/** The actor that a session's changes are noted under: the token's. */
export function actorOf({ token }: Session): string {
  return `token:${token.name}`;
}

export function operatorSite(site: Site): OperatorSite {
  return {
    ...site,
    enter: async (request, reply, role) => {
      const session = await site.sessions.of(request);
      if (session === undefined) {
        const next = request.method === 'GET' ? request.url : undefined;
        reply.header('cache-control', 'no-store').redirect(link(site, ['operator', 'sign-in'], { next }), 303);
        return undefined;
      }
      requireRole(session, role);
      return session;
    },
    change: async (request, role) => {
      const session = await site.sessions.of(request);
      if (session === undefined)
        throw new ReproofError('ACCESS_REQUIRED', 'taking a form: whoever sent it is not signed in any more');
      checkOrigin(request, site);
      const { csrf } = (request.body ?? {}) as { readonly csrf?: unknown };
      if (typeof csrf !== 'string' || !sameText(csrf, session.csrf))
        throw new ReproofError('ACCESS_DENIED', 'taking a form: it is not of a page that this session was shown');
      requireRole(session, role);
      return session;
    },
    shown: (request, session) => {
      const { notes, token, csrf, expiresAt } = session;
      const { notice } = notes;
      delete notes.notice;
      return {
        ...site.frame(request),
        who: { name: token.name, role: token.role, until: expiresAt.toISOString() },
        csrf,
        ...(notice === undefined ? {} : { notice }),
      };
    },
    show: (request, reply, page) =>
      reply
        .headers({ ...PAGE_HEADERS, 'cache-control': 'no-store' })
        .removeHeader('access-control-allow-origin')
        .type('text/html; charset=utf-8')
        .send(renderPage(site.frame(request), page)),
  };
}

/** Browsers say where a form is from (https://www.w3.org/TR/fetch-metadata/): another site's is refused before it is read. */
export function checkOrigin({ headers, host }: FastifyRequest, { publicUrl }: Pick<Site, 'publicUrl'>): void {
  const from = headers['sec-fetch-site'];
  const { origin } = headers;
  // A proxy may give this server another name than people know it by.
  const ours = [host, ...(publicUrl === undefined ? [] : [URL.parse(publicUrl)?.host])];
  const foreign =
    (typeof from === 'string' && from !== 'same-origin' && from !== 'none') ||
    (typeof origin === 'string' && !ours.includes(URL.parse(origin)?.host));
  if (foreign) throw new ReproofError('ACCESS_DENIED', 'taking a form: it comes from another site');
}

function requireRole({ token }: Session, role: Role): void {
  if (ROLES.indexOf(token.role) < ROLES.indexOf(role))
    throw new ReproofError('ACCESS_DENIED', `asking for what needs the role ${role}: the token's is ${token.role}`);
}
