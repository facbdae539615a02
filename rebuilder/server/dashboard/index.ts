import { join } from 'node:path';
import { z } from 'zod';
import { errorPage, renderPage } from '../../../dashboard/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { IMMUTABLE } from '../answers.ts';
import type { RouteGroup, ServerContext } from '../context.ts';
import type { ErrorPages } from '../errors.ts';
import { operatorPages } from '../operator/index.ts';
import { readAssets } from './assets.ts';
import { differencePages } from './differences.ts';
import { hashPages } from './hash.ts';
import { hostPages } from './host.ts';
import { keepCounts } from './keep-counts.ts';
import { logPages } from './logs.ts';
import { overviewPages } from './overview.ts';
import { packagePages } from './package.ts';
import { packagesPages } from './packages.ts';
import { readingPages } from './reading.ts';
import { rebuildPages } from './rebuilds.ts';
import { openSite, PAGE_HEADERS, type Pages, placesOf } from './site.ts';
import { drawBefore } from './warm.ts';

/**
 * Every page, each with its line. A file here reads what the API's routes read, by the same functions and schemas, and
 * hands it to a function of dashboard/pages: `export const NAMEPages: Pages = (app, site) => { app.get('/NAME',
 * { onRequest: site.reader, schema: { hide: true, querystring } }, async (request, reply) =>
 * site.send(request, reply, NAMEPage(site.frame(request), values))) }`.
 */
const PAGES: readonly Pages[] = [
  overviewPages,
  packagesPages,
  packagePages,
  rebuildPages,
  differencePages,
  logPages,
  hashPages,
  hostPages,
  operatorPages,
  readingPages,
];

/** Where styles and islands lie: beside the pages, in a checkout as in dist/. */
const FOLDER = join(import.meta.dirname, '..', '..', '..', 'dashboard');

const fileParams = z.object({ file: z.string().max(200) });

type Dashboard = {
  readonly routes: RouteGroup;
  readonly errorPages: ErrorPages;
  /** Draws pages for nobody, before anybody asks. */
  readonly warm: (context: Pick<ServerContext, 'basePath' | 'version' | 'store' | 'now'>) => Promise<void>;
};

/** The dashboard: pages for people at the base path, and what failures look like to them. */
export async function openDashboard(): Promise<Dashboard> {
  const assets = await readAssets(FOLDER);
  return {
    routes: (app, context) => {
      const site = openSite(context, assets);
      app.get('/assets/:file', { schema: { hide: true, params: fileParams } }, async ({ params }, reply) => {
        const found = assets.files.get(params.file);
        if (found === undefined)
          throw new ReproofError('RESOURCE_UNKNOWN', 'looking for what was asked: there is no such file');
        return reply.header('cache-control', IMMUTABLE).type(found.type).send(found.body);
      });
      for (const pages of PAGES) pages(app, site);
      keepCounts(app, context);
    },
    warm: (context) => drawBefore(context, placesOf(context, assets)),
    errorPages: (context) => {
      const { frame } = openSite(context, assets);
      return (request, reply, told) =>
        reply
          .headers(PAGE_HEADERS)
          .type('text/html; charset=utf-8')
          .send(renderPage(frame(request), errorPage(frame(request), told)));
    },
  };
}
