import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { type PackContent, writePack } from '../../../attest/pack/index.ts';
import { ReproofError, type Sha256 } from '../../../model/index.ts';
import { type PackSources, packOfOwner } from '../../evidence-pack/index.ts';
import type { BlobStore } from '../../store/index.ts';
import type { RouteGroup } from '../context.ts';
import { content, failure, idParams } from '../schemas/fields.ts';
import { unpacked } from '../send-blob.ts';
import { ownerOf } from './statements.ts';

const PACK_TYPE = 'application/x-tar';
const LINK_BYTES = 1024 ** 2;

/** All that is signed of an ended attempt in one file, to be checked without this server: docs/verify.md. */
export function evidenceRoutes(sources: PackSources): RouteGroup {
  return (app, { store, blobs, access }) => {
    app.get(
      '/api/rebuilds/:id/evidence',
      {
        onRequest: access.require('reader'),
        schema: {
          tags: ['rebuilds'],
          summary:
            'The evidence pack of it: statements with their proofs, links and public keys, as `reproof verify` reads it',
          params: idParams,
          response: { 200: content(PACK_TYPE, 'a tar archive'), '4xx': failure },
        },
      },
      async ({ params }, reply) => {
        const owner = await ownerOf(params.id, store);
        if (owner === undefined)
          throw new ReproofError('RESOURCE_UNKNOWN', 'packing evidence: nothing is stated of what was not built here');
        const digests = (await store.results.artifacts(params.id)).flatMap(({ attestation }) => attestation ?? []);
        const links = await Promise.all([...new Set(digests)].map((sha256) => linkOf(blobs, sha256)));
        const pack = await packOfOwner(owner, sources, { links: links.flatMap((link) => link ?? []), artifacts: [] });
        return sendPack(reply, pack, `rebuild-${params.id}.evidence.tar`);
      },
    );
  };
}

function sendPack(reply: FastifyReply, pack: PackContent, name: string): FastifyReply {
  return reply
    .type(PACK_TYPE)
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Readable.from(writePack(pack), { objectMode: false }));
}

/** A stored link, or undefined where it was pruned. */
async function linkOf(blobs: BlobStore, sha256: Sha256): Promise<Uint8Array | undefined> {
  if ((await blobs.path(sha256)) === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of unpacked(blobs.read(sha256))) {
    size += chunk.length;
    if (size > LINK_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
