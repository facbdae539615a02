import { z } from 'zod';
import type { LinkSigner } from '../../../attest/index.ts';
import { publicKeyPem } from '../../../attest/index.ts';
import { ReproofError, type Sha256 } from '../../../model/index.ts';
import type { PackageFilter } from '../../store/packages/types.ts';
import type { App, ServerContext } from '../context.ts';
import { askRebuilds, askSources, askTargets } from '../lists/index.ts';
import { given } from '../paging.ts';
import { sendBlob } from '../send-blob.ts';
import { answerList, found } from './answers.ts';
import { attestationOf } from './attestations.ts';
import * as queries from './queries.ts';
import { artifactView, binaryView, buildView, sourceView } from './views.ts';

const BINARY_COLUMNS = {
  id: 'id',
  name: 'name',
  version: 'version',
  architecture: 'architecture',
  status: 'status',
} as const;
const SOURCE_COLUMNS = { id: 'id', name: 'name', version: 'version', last_seen: 'last_seen' } as const;
const BUILD_COLUMNS = { id: 'id', built_at: 'built_at', started_at: 'built_at' } as const;
const MOST_ARTIFACTS = 1_000;

/** What of version 1 only reads: packages, builds and what is kept of them. */
export function registerReads(app: App, context: ServerContext, signer: LinkSigner): void {
  const { store, blobs } = context;
  const onRequest = context.access.require('reader');
  const hide = { hide: true } as const;
  const { packages, results } = store;

  app.get(
    '/packages/binary',
    { onRequest, schema: { ...hide, querystring: queries.packageQuery } },
    ({ query }, reply) =>
      answerList(reply, queries.pageOf(query, BINARY_COLUMNS), askTargets(context, packageFilter(query))),
  );
  app.get(
    '/packages/source',
    { onRequest, schema: { ...hide, querystring: queries.packageQuery } },
    ({ query }, reply) =>
      answerList(reply, queries.pageOf(query, SOURCE_COLUMNS), askSources(context, packageFilter(query))),
  );
  const byId = { onRequest, schema: { ...hide, params: queries.idParams } };
  app.get('/packages/binary/:id', byId, async ({ params }) =>
    binaryView(found(await packages.binaryPackage(params.id), 'a binary package')),
  );
  app.get('/packages/source/:id', byId, async ({ params }) =>
    sourceView(found(await packages.sourcePackage(params.id), 'a source package')),
  );
  app.get(
    '/packages/source/:id/history',
    { onRequest, schema: { ...byId.schema, querystring: queries.pageQuery } },
    async ({ params, query }, reply) => {
      const { distribution, release, name } = found(await packages.sourcePackage(params.id), 'a source package');
      const page = queries.pageOf({ sort: 'built_at', direction: 'Descending', ...query }, BUILD_COLUMNS);
      return answerList(reply, page, askRebuilds(context, { distribution, release: release ?? null, name }));
    },
  );
  app.get('/builds', { onRequest, schema: { ...hide, querystring: queries.buildQuery } }, ({ query }, reply) => {
    const { name, version, status, since } = query;
    const filter = { ...queries.originOf(query), ...given({ name, version, status, since }) };
    return answerList(reply, queries.pageOf(query, BUILD_COLUMNS), askRebuilds(context, filter));
  });

  const buildOf = async (id: number) => found(await results.result(id), 'a build');
  app.get('/builds/:id', byId, async ({ params }) => buildView(await buildOf(params.id)));
  app.get('/builds/:id/log', byId, async ({ params }, reply) => {
    const { log } = await buildOf(params.id);
    return sendBlob(blobs, reply, { sha256: log?.sha256, type: 'text/plain; charset=utf-8', as: 'inert' });
  });
  app.get('/builds/:id/artifacts', byId, async ({ params }) => {
    await buildOf(params.id);
    return (await results.artifacts(params.id)).map(artifactView);
  });

  const byArtifact = { onRequest, schema: { ...hide, params: queries.artifactParams } };
  const artifactOf = async (params: { readonly id: number; readonly artifact: number }) => {
    const artifact = await results.artifact(params.artifact);
    return found(artifact?.resultId === params.id ? artifact : undefined, 'an artifact of that build');
  };
  app.get('/builds/:id/artifacts/:artifact', byArtifact, async ({ params }) => artifactView(await artifactOf(params)));
  app.get('/builds/:id/artifacts/:artifact/diffoscope', byArtifact, async ({ params }, reply) => {
    const { report } = await artifactOf(params);
    return sendBlob(blobs, reply, { sha256: report, type: 'text/plain; charset=utf-8', as: 'inert' });
  });
  app.get('/builds/:id/artifacts/:artifact/attestation', byArtifact, async ({ params }) =>
    attestationOf(await artifactOf(params), { results, blobs, signer }),
  );
  app.get(
    '/artifacts/:digest',
    { onRequest, schema: { ...hide, params: z.object({ digest: z.string().max(100) }) } },
    async ({ params }) => {
      const sha256 = /^sha256:([0-9a-f]{64})$/.exec(params.digest)?.[1];
      if (sha256 === undefined)
        throw new ReproofError('REQUEST_INVALID', 'reading a digest: it is not sha256: and 64 hexadecimal digits');
      return (await results.artifactsBySha256(sha256 as Sha256, MOST_ARTIFACTS)).map(artifactView);
    },
  );
  app.get('/meta/public-keys', { onRequest, schema: hide }, async () => ({
    current: [publicKeyPem(signer.publicKey)],
  }));
}

function packageFilter(query: z.infer<typeof queries.packageQuery>): PackageFilter {
  const { name, version, search, sha256 } = query;
  return {
    ...queries.originOf(query),
    ...(given({
      name,
      version,
      search,
      sha256,
      source: query.source_name,
      seenOnly: query.seen_only,
      nameStartsWith: query.name_starts_with,
      // What nothing is known of is UNKWN there.
      status: query.status?.flatMap((one) => (one === 'UNKWN' ? (['UNKWN', 'none'] as const) : [one])),
    }) as PackageFilter),
  };
}
