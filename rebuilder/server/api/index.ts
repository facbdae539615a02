import type { RouteGroup } from '../context.ts';
import { registerAccess } from './access.ts';
import { registerBadges } from './badges.ts';
import { registerCsv } from './csv.ts';
import { registerDifferences } from './differences.ts';
import { registerEnvironment } from './environment.ts';
import { registerFeeds } from './feeds.ts';
import { registerHost } from './host.ts';
import { registerLiveLog } from './live-log.ts';
import { registerLogLines } from './log-lines.ts';
import { registerPackages } from './packages.ts';
import { registerQueue } from './queue.ts';
import { registerRebuilds } from './rebuilds.ts';

/** Our own API, under /api/. */
export const registerApi: RouteGroup = (app, context) => {
  for (const group of [
    registerPackages,
    registerRebuilds,
    registerDifferences,
    registerEnvironment,
    registerLogLines,
    registerQueue,
    registerLiveLog,
    registerAccess,
    registerFeeds,
    registerBadges,
    registerHost,
    registerCsv,
  ])
    group(app, context);
  app.get('/api/openapi.json', { onRequest: context.access.require('reader'), schema: { hide: true } }, async () =>
    app.swagger(),
  );
};
