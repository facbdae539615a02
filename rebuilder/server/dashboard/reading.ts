import { readingPage } from '../../../dashboard/index.ts';
import type { Pages } from './site.ts';

/** How to read this: the same for everybody. */
export const readingPages: Pages = (app, site) => {
  app.get('/reading', { onRequest: site.reader, schema: { hide: true } }, async (request, reply) =>
    site.send(request, reply, readingPage(site.frame(request))),
  );
};
