import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Frame, type Page, renderPage } from '../../../dashboard/index.ts';
import type { App, ServerContext } from '../context.ts';
import type { Assets } from './assets.ts';

/** What the dashboard's routes work with. */
export type Site = ServerContext & {
  /** What a page is drawn in now. */
  readonly frame: (request: FastifyRequest) => Frame;
  /** The `onRequest` hook of a page that is for everybody who may read. */
  readonly reader: ReturnType<ServerContext['access']['require']>;
  /** Answers with a page. */
  readonly send: (request: FastifyRequest, reply: FastifyReply, page: Page) => FastifyReply;
};

/** A page's routes. */
export type Pages = (app: App, site: Site) => void;

/** What a page may do: nothing but what comes from this host, and nothing that is written into it. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Headers of every page, over those of other answers. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': PAGE_POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
};

/** A frame of pages but for the address and the time: where the server lies, and what its assets are called. */
export function placesOf(
  { basePath, version }: Pick<ServerContext, 'basePath' | 'version'>,
  assets: Assets,
): Omit<Frame, 'publicUrl' | 'now'> {
  const asset = (name: string): string => `${basePath}/assets/${name}`;
  return {
    basePath,
    version,
    stylesheet: asset(assets.stylesheet),
    icon: asset(assets.icon),
    islands: Object.fromEntries(Object.entries(assets.islands).map(([name, file]) => [name, asset(file)])),
  };
}

/** The site of a server. */
export function openSite(context: ServerContext, assets: Assets): Site {
  const { basePath, access, now } = context;
  const places = placesOf(context, assets);
  const frame = (request: FastifyRequest): Frame => ({
    ...places,
    publicUrl: context.publicUrl ?? `${request.protocol}://${request.host}${basePath}`,
    now: now(),
  });
  return {
    ...context,
    frame,
    reader: access.require('reader'),
    send: (request, reply, page) =>
      reply
        .headers(PAGE_HEADERS)
        .type('text/html; charset=utf-8')
        .send(renderPage(frame(request), page)),
  };
}
