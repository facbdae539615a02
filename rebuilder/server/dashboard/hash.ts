import { z } from 'zod';
import { type ComparedIn, hashFormPage, hashPage, link } from '../../../dashboard/index.ts';
import { ReproofError, type Sha256 } from '../../../model/index.ts';
import type { StoredArtifact } from '../../store/results/types.ts';
import type { Pages, Site } from './site.ts';

const PUBLISHED = 50;
const COMPARED = 20;
const query = z.strictObject({ sha256: z.string().max(500).optional() });
const params = z.object({ sha256: z.string().max(200) });

/** By hash: what is known of bytes. */
export const hashPages: Pages = (app, site) => {
  app.get('/hash', { onRequest: site.reader, schema: { hide: true, querystring: query } }, async (request, reply) => {
    const { sha256 } = request.query;
    if (sha256 === undefined) return site.send(request, reply, hashFormPage(site.frame(request)));
    const found = digestIn(sha256);
    if (found === undefined) return site.send(request, reply.code(400), hashFormPage(site.frame(request), sha256));
    return reply.redirect(link(site, ['hash', found]), 303);
  });

  app.get('/hash/:sha256', { onRequest: site.reader, schema: { hide: true, params } }, async (request, reply) => {
    const found = digestIn(request.params.sha256);
    if (found === undefined)
      throw new ReproofError('REQUEST_INVALID', 'looking up bytes: a SHA-256 has 64 hexadecimal digits');
    if (found !== request.params.sha256) return reply.redirect(link(site, ['hash', found]), 308);
    const [published, artifacts, rebuilders] = await Promise.all([
      site.store.packages.binaryPackages({ sha256: found }, { direction: 'descending', limit: PUBLISHED }),
      site.store.results.artifactsBySha256(found, COMPARED),
      site.store.results.rebuildersOf([found]),
    ]);
    const facts = {
      sha256: found,
      published: published.records,
      publishedTotal: published.total,
      compared: await comparedIn(site, found, artifacts),
      rebuilders: rebuilders.get(found) ?? 0,
    };
    return site.send(request, reply, hashPage(site.frame(request), facts));
  });
};

/** The digest in what people paste: alone, after `sha256:`, or with a name behind it. Any case. */
function digestIn(text: string): Sha256 | undefined {
  return /^\s*(?:sha256[:=]\s*)?\\?([0-9a-f]{64})(?![0-9a-f])/i.exec(text)?.[1]?.toLowerCase() as Sha256 | undefined;
}

async function comparedIn(
  { store }: Site,
  sha256: Sha256,
  artifacts: readonly StoredArtifact[],
): Promise<readonly ComparedIn[]> {
  return Promise.all(
    artifacts.map(async ({ resultId, fileName, published, rebuilt }) => {
      const result = await store.results.result(resultId);
      const worker = result?.workerId === undefined ? undefined : await store.access.worker(result.workerId);
      const role =
        published?.sha256 === rebuilt?.sha256 ? 'both' : published?.sha256 === sha256 ? 'published' : 'rebuilt';
      return {
        resultId,
        fileName,
        role,
        rebuilder: worker?.name ?? (result?.origin === 'imported' ? 'an imported history' : 'this service'),
        ...(result === undefined ? {} : { builtAt: result.builtAt }),
      };
    }),
  );
}
