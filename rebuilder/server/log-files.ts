import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  folderSource,
  levelWidth,
  MAX_BUNDLE_BYTES,
  NOTE_LIMITS,
  readCheckpoint,
  readNote,
  readTilePath,
  TILE_WIDTH,
  type TileName,
} from '../../attest/index.ts';
import { ReproofError } from '../../model/index.ts';
import { IMMUTABLE } from './answers.ts';
import type { RouteGroup } from './context.ts';
import { content, failure } from './schemas/fields.ts';

/** As c2sp.org/tlog-tiles asks: what is newest may be kept for seconds, what is published never changes. */
const NEWEST = 'public, max-age=2';
const KEY_BYTES = 1024;

/**
 * The transparency log's files of a folder, as any static server could send them. Tiles past the published checkpoint are
 * not there: a writer may still replace them.
 */
export function logFileRoutes(folder: string): RouteGroup {
  const source = folderSource(folder);
  const read = async (path: string, maxBytes: number): Promise<Uint8Array> => {
    const bytes = await source.read(path, maxBytes);
    if (bytes === undefined) throw new ReproofError('RESOURCE_UNKNOWN', `reading ${path} of the log: there is none`);
    return bytes;
  };
  return (app, { access }) => {
    const guard = { onRequest: access.require('reader') };
    for (const [name, limit, summary] of [
      ['checkpoint', NOTE_LIMITS.bytes, "the log's newest checkpoint, a signed note (c2sp.org/tlog-checkpoint)"],
      ['log.vkey', KEY_BYTES, "the key of the log's checkpoints (c2sp.org/signed-note)"],
    ] as const)
      app.get(
        `/log/${name}`,
        {
          ...guard,
          schema: { tags: ['log'], summary, response: { 200: content('text/plain', summary), '4xx': failure } },
        },
        async (_request, reply) => {
          const text = Buffer.from(await read(name, limit)).toString('utf8');
          return reply.header('cache-control', NEWEST).type('text/plain; charset=utf-8').send(text);
        },
      );
    app.get(
      '/log/tile/*',
      {
        ...guard,
        schema: {
          tags: ['log'],
          summary: 'LEVEL/NUMBER[.p/WIDTH]: hashes of the log, or with entries/ its entries (c2sp.org/tlog-tiles)',
          params: z.object({ '*': z.string().max(100) }),
          response: { 200: content('application/octet-stream', 'a tile'), '4xx': failure },
        },
      },
      async ({ params }, reply) => {
        const path = `tile/${params['*']}`;
        const name = readTilePath(path);
        if (name === undefined || !isPublished(name, await read('checkpoint', NOTE_LIMITS.bytes)))
          throw new ReproofError('RESOURCE_UNKNOWN', 'reading a tile of the log: there is none of this name');
        return sendTile(reply, await read(path, MAX_BUNDLE_BYTES));
      },
    );
  };
}

function sendTile(reply: FastifyReply, bytes: Uint8Array): FastifyReply {
  return reply.header('cache-control', IMMUTABLE).type('application/octet-stream').send(Buffer.from(bytes));
}

function isPublished({ level, index, width }: TileName, checkpoint: Uint8Array): boolean {
  const { size } = readCheckpoint(readNote(checkpoint).text);
  return levelWidth(level === 'entries' ? 0 : level, size) >= index * TILE_WIDTH + width;
}
