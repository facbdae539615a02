import { z } from 'zod';
import { ReproofError } from '../../../model/index.ts';
import type { App, ServerContext } from '../context.ts';
import { readDrift } from '../environment-drift.ts';
import { content, failure, idParams } from '../schemas/fields.ts';
import { sendBlob } from '../send-blob.ts';
import { there } from './packages.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

const drift = z
  .object({
    changes: z
      .array(z.object({ name: z.string(), theirs: z.string().optional(), ours: z.string().optional() }))
      .readonly(),
    same: z.number(),
    by: z.enum(['here', 'worker']),
  })
  .meta({ id: 'EnvironmentDrift' });

/** What attempts ran in. */
export function registerEnvironment(app: App, context: ServerContext): void {
  const { store, blobs, access } = context;
  const onRequest = access.require('reader');
  const tags = ['rebuilds'];

  app.get(
    '/api/rebuilds/:id/environment',
    {
      onRequest,
      schema: {
        tags,
        summary: 'The packages it ran with that are others than the .buildinfo names, where both are known',
        params: idParams,
        response: { 200: drift, '4xx': failure },
      },
    },
    async ({ params }) => {
      const found = await readDrift(context, there(await store.results.result(params.id), 'a rebuild'));
      if (found !== undefined) return found;
      throw new ReproofError('RESOURCE_UNKNOWN', 'looking up an environment: it is not known beside a .buildinfo');
    },
  );

  app.get(
    '/api/rebuilds/:id/testimony',
    {
      onRequest,
      schema: {
        tags,
        summary: 'What a worker elsewhere said of how it built: its plan, lock and root file system',
        params: idParams,
        response: { 200: content('application/json', 'the testimony, canonical JSON'), '4xx': failure },
      },
    },
    async ({ params }, reply) => {
      const found = there(await store.results.result(params.id), 'a rebuild');
      return sendBlob(blobs, reply, { sha256: await store.results.testimony(found.id), type: JSON_TYPE, as: 'stored' });
    },
  );
}
