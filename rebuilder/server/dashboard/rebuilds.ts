import { rebuildPage } from '../../../dashboard/index.ts';
import { readDrift } from '../environment-drift.ts';
import { readRebuild } from '../rebuild-parts.ts';
import { idParams } from '../schemas/fields.ts';
import type { Pages } from './site.ts';

/** One rebuild: its verdict, and all that stands behind it. */
export const rebuildPages: Pages = (app, site) => {
  app.get(
    '/rebuilds/:id',
    { onRequest: site.reader, schema: { hide: true, params: idParams } },
    async (request, reply) => {
      const { result, artifacts, record, trees } = await readRebuild(site, request.params.id);
      const drift = await readDrift(site, result);
      const serves = (path: string): boolean =>
        result.origin === 'ours' && app.hasRoute({ method: 'GET', url: `${site.basePath}/api/rebuilds/:id/${path}` });
      return site.send(
        request,
        reply,
        rebuildPage(site.frame(request), {
          result,
          files: artifacts,
          trees,
          signed: { statements: serves('statements'), pack: serves('evidence') },
          ...(record === undefined ? {} : { record }),
          ...(drift === undefined ? {} : { drift }),
        }),
      );
    },
  );
};
