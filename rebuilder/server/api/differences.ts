import type { FastifyReply } from 'fastify';
import { ReproofError } from '../../../model/index.ts';
import { IMMUTABLE } from '../answers.ts';
import type { App, ServerContext } from '../context.ts';
import { findTree, readRebuild, withText, withTree } from '../rebuild-parts.ts';
import { content, failure, idParams } from '../schemas/fields.ts';
import {
  childrenQuery,
  diffText,
  linesQuery,
  nodeParams,
  pieceQuery,
  shownNode,
  textPage,
  treeParams,
  trees,
} from '../schemas/pieces.ts';

/** What a page of lines of a text may take: bytes, and characters of a line. */
export const TEXT_PAGE = { bytes: 256 * 1024, characters: 2000 } as const;
/** More than any picture of ours. */
const PICTURE_CHARACTERS = 8 * 1024 ** 2;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Trees of differences, a part at a time. */
export function registerDifferences(app: App, context: ServerContext): void {
  const onRequest = context.access.require('reader');
  const tags = ['rebuilds'];

  app.get(
    '/api/rebuilds/:id/differences',
    {
      onRequest,
      schema: {
        tags,
        summary: 'The trees of differences of a rebuild, by name',
        params: idParams,
        response: { 200: trees, '4xx': failure },
      },
    },
    async ({ params }) => ({
      records: (await readRebuild(context, params.id)).trees.map(({ place: _, ...tree }) => tree),
    }),
  );

  for (const [url, params] of [
    ['/api/rebuilds/:id/differences/:tree', treeParams],
    ['/api/rebuilds/:id/differences/:tree/:node', nodeParams],
  ] as const)
    app.get(
      url,
      {
        onRequest,
        schema: {
          tags,
          summary: 'A node of a tree with a list of what is in it; nodes count in reading order, from the top, 0',
          params,
          querystring: childrenQuery,
          response: { 200: shownNode, '4xx': failure },
        },
      },
      async ({ params: { id, tree, ...rest }, query }) => {
        const { tree: found } = await findTree(context, id, tree);
        const node = 'node' in rest ? (rest.node as number) : 0;
        return withTree(context, found, async (reader, index) => {
          const shown = await reader.node(index, node, query);
          const next = shown.insideFrom + shown.inside.length;
          return { ...shown, body: { ...shown.body }, ...(next < shown.children ? { next } : {}) };
        });
      },
    );

  app.get(
    '/api/rebuilds/:id/differences/:tree/:node/lines',
    {
      onRequest,
      schema: {
        tags,
        summary: "A piece of a node's diff; joined, the texts of all pieces are the diff",
        params: nodeParams,
        querystring: pieceQuery,
        response: { 200: diffText, '4xx': failure },
      },
    },
    async ({ params, query }, reply) => {
      const { tree: found } = await findTree(context, params.id, params.tree);
      const lines = await withTree(context, found, (reader, index) => reader.lines(index, params.node, query.piece));
      reply.header('cache-control', IMMUTABLE);
      return lines;
    },
  );

  app.get(
    '/api/rebuilds/:id/differences/:tree/:node/picture',
    {
      onRequest,
      schema: {
        tags,
        summary: 'The picture of a node, where two pictures differ',
        params: nodeParams,
        response: { 200: content('image/png', 'the picture'), '4xx': failure },
      },
    },
    async ({ params }, reply) => {
      const { tree: found } = await findTree(context, params.id, params.tree);
      const { base64 } = await withTree(context, found, (reader, index) => reader.picture(index, params.node));
      const png = base64.length > PICTURE_CHARACTERS ? Buffer.alloc(0) : Buffer.from(base64, 'base64');
      if (!png.subarray(0, PNG.length).equals(PNG))
        throw new ReproofError('RESOURCE_UNKNOWN', 'reading the picture of a difference: it is none');
      const answer: FastifyReply = reply;
      return answer.header('cache-control', IMMUTABLE).type('image/png').send(png);
    },
  );

  app.get(
    '/api/rebuilds/:id/differences/:tree/text',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Lines of what a foreign worker says of a difference',
        params: treeParams,
        querystring: linesQuery,
        response: { 200: textPage, '4xx': failure },
      },
    },
    async ({ params, query }) => {
      const { form, place } = (await findTree(context, params.id, params.tree)).tree;
      if (form !== 'text') throw new ReproofError('RESOURCE_UNKNOWN', 'reading the text of a difference: it is a tree');
      return withText(context, place.sha256, async (reader) => ({
        ...(await reader.lines(query.from, { lines: query.limit, ...TEXT_PAGE })),
        total: reader.outline.lines,
      }));
    },
  );
}
