import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App, ServerLog } from './context.ts';
import { packAnswers } from './packing/index.ts';

/** For what is named by its digest: it never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Keep browsers from making anything of an answer. */
export const INERT_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
};

/**
 * What every answer carries: headers that keep browsers from making anything of it, CORS for reading, an ETag and 304,
 * and compression as it is asked for.
 */
export async function shapeAnswers(
  app: App,
  options: { readonly publicReading: boolean; readonly log: ServerLog },
): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(INERT_HEADERS);
    if (options.publicReading && ['GET', 'HEAD', 'OPTIONS'].includes(request.method))
      reply.headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': 'etag, retry-after' });
  });
  if (options.publicReading)
    app.options('/*', { schema: { hide: true } as object }, async (_request, reply) =>
      reply
        .code(204)
        .headers({
          'access-control-allow-methods': 'GET, HEAD',
          'access-control-allow-headers': 'if-none-match, last-event-id',
          'access-control-max-age': '86400',
        })
        .send(),
    );
  app.addHook('onSend', validate(options.publicReading));
  await packAnswers(app, options.log);
  // After compression: another coding is another representation, RFC 9110 8.8.3.3.
  app.addHook('onRoute', (route) => {
    const own = route.onSend === undefined ? [] : [route.onSend].flat();
    route.onSend = [...own, nameCoding];
  });
}

function validate(publicReading: boolean) {
  return async (request: FastifyRequest, reply: FastifyReply, text: unknown): Promise<unknown> => {
    // As bytes once, for its digest, its compression and its sending.
    const payload = typeof text === 'string' ? Buffer.from(text) : text;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
      return payload;
    }
    if (reply.statusCode !== 200) return payload;
    if (!reply.hasHeader('cache-control'))
      reply.header('cache-control', publicReading ? 'public, no-cache' : 'private, no-cache');
    if (!reply.hasHeader('etag') && Buffer.isBuffer(payload))
      reply.header('etag', `"${hash('sha256', payload, 'base64url').slice(0, 27)}"`);
    const etag = reply.getHeader('etag');
    const wanted = request.headers['if-none-match'];
    if (typeof etag !== 'string' || wanted === undefined || !matches(wanted, etag)) return payload;
    if (payload !== null && typeof payload === 'object' && 'destroy' in payload)
      (payload as { destroy(): void }).destroy();
    reply.code(304).removeHeader('content-length');
    return null;
  };
}

/** Whether one of the listed ETags is ours, in whatever coding it was sent. */
function matches(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return header
    .split(',')
    .map((item) =>
      item
        .trim()
        .replace(/^W\//, '')
        .replace(/-(?:zstd|br|gzip)"$/, '"'),
    )
    .includes(etag);
}

async function nameCoding(_request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const coding = reply.getHeader('content-encoding');
  const etag = reply.getHeader('etag');
  if (typeof coding === 'string' && typeof etag === 'string' && etag.endsWith('"'))
    reply.header('etag', `${etag.slice(0, -1)}-${coding}"`);
  return payload;
}
