import { expect, it } from 'vitest';
import { registerApi } from '../../../../rebuilder/server/index.ts';
import { serveWorkers } from '../../../helpers/worker-lab.ts';

it('the description of the API names what workers ask', async () => {
  const { url } = await serveWorkers({ groups: [registerApi] });
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { summary: string }>>;
  };
  const named = Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/worker/'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(named.sort()).toEqual([
    'post /api/worker/claim',
    'post /api/worker/jobs/{job}/give-back',
    'post /api/worker/jobs/{job}/heartbeat',
    'post /api/worker/jobs/{job}/log',
    'post /api/worker/jobs/{job}/result',
    'post /api/worker/register',
    'put /api/worker/jobs/{job}/blobs/{sha256}',
  ]);
});
