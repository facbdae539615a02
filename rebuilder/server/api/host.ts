import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { LIST_LIMITS, readPackageList, reportHost } from '../../host/index.ts';
import { openBody } from '../body.ts';
import type { App, ServerContext } from '../context.ts';
import { given } from '../paging.ts';
import { failure } from '../schemas/fields.ts';
import { hostBody, hostQuery, hostReport } from '../schemas/host.ts';

/** Text in JSON may need an escape for every character. */
const BODY_BYTES = 2 * LIST_LIMITS.bytes;

/** What of a machine was reproduced. Nothing of the list is kept. */
export function registerHost(app: App, context: ServerContext): void {
  const { store, access, limits } = context;
  // A scope of its own: only here plain text is a body.
  void app.register((plugin, _options, done) => {
    const scope = plugin as unknown as App;
    scope.addContentTypeParser('text/plain', (request: FastifyRequest, payload: Readable) =>
      plainText(openBody(request, payload, { ...limits, bodyBytes: BODY_BYTES, unpackedBytes: BODY_BYTES })),
    );
    scope.post(
      '/api/host',
      {
        onRequest: access.require('reader'),
        config: { body: { bodyBytes: BODY_BYTES, unpackedBytes: BODY_BYTES } },
        bodyLimit: BODY_BYTES,
        schema: {
          tags: ['host'],
          summary: 'What of a list of installed packages was reproduced: as text/plain what dpkg-query prints, or JSON',
          querystring: hostQuery,
          body: hostBody,
          response: { 200: hostReport, '4xx': failure },
        },
      },
      async ({ body, query }) => {
        const list = readPackageList('text' in body ? body.text : JSON.stringify(body));
        return reportHost(list, store, given(query));
      },
    );
    done();
  });
}

async function plainText(bytes: AsyncIterable<Uint8Array>): Promise<{ readonly text: string }> {
  return { text: Buffer.concat(await Array.fromAsync(bytes)).toString('utf8') };
}
