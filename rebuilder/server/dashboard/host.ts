import { z } from 'zod';
import { hostFormPage, hostPage } from '../../../dashboard/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { HOST_STATES, LIST_LIMITS, readPackageList, reportHost } from '../../host/index.ts';
import type { App } from '../context.ts';
import { readForms } from '../form-body.ts';
import type { Pages } from './site.ts';

/** Text in a form may need three characters for each. */
const BODY_BYTES = 3 * LIST_LIMITS.bytes;

const form = z.strictObject({
  packages: z.string(),
  show: z.enum(['all', ...HOST_STATES]).default('all'),
  name: z.string().max(200).default(''),
  as: z.literal('json').optional(),
});

/** My host: what of a machine was reproduced. Nothing of the list is kept. */
export const hostPages: Pages = (app, site) => {
  app.get('/host', { onRequest: site.reader, schema: { hide: true } }, async (request, reply) =>
    site.send(request, reply, hostFormPage(site.frame(request))),
  );

  void app.register(async (plugin) => {
    const scope = plugin as unknown as App;
    readForms(scope, site, BODY_BYTES);
    scope.post(
      '/host',
      { onRequest: site.reader, bodyLimit: BODY_BYTES, schema: { hide: true, body: form } },
      async (request, reply) => {
        const { packages, show, name, as } = request.body;
        // As forms are sent; it goes back into one.
        const text = packages.replaceAll('\r\n', '\n');
        try {
          const report = await reportHost(readPackageList(text), site.store);
          if (as === 'json') return reply.type('application/json; charset=utf-8').send(JSON.stringify(report));
          return site.send(request, reply, hostPage(site.frame(request), report, { text, show, name }));
        } catch (error) {
          if (!isReproofError(error, 'REQUEST_INVALID', 'REQUEST_TOO_LARGE')) throw error;
          const failed = { text: text.slice(0, LIST_LIMITS.bytes), failed: error.message };
          return site.send(request, reply.code(400), hostFormPage(site.frame(request), failed));
        }
      },
    );
  });
};
