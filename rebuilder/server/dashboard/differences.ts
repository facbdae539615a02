import { z } from 'zod';
import {
  childrenPart,
  differenceListPage,
  differencePage,
  differenceTextPage,
  type NodePlace,
  nodePart,
  piecePart,
  renderPart,
  type ShownNode,
  type TreeOf,
} from '../../../dashboard/index.ts';
import { TEXT_PAGE } from '../api/differences.ts';
import type { DifferenceReader } from '../pieces/index.ts';
import { findTree, type RebuildParts, type RebuildTree, readRebuild, withText, withTree } from '../rebuild-parts.ts';
import { idParams } from '../schemas/fields.ts';
import { linesQuery, nodeParams, treeParams } from '../schemas/pieces.ts';
import { PAGE_HEADERS, type Pages, type Site } from './site.ts';

/** What a page shows at once of a tree. */
const AT_ONCE = { nodes: 24, lines: 900, children: 100, depth: 12 } as const;
/** What is put into a page that is there already. */
const IN_A_PART = { nodes: 12, lines: 600, children: 100, depth: 12 } as const;

const number = z.coerce.number().int().min(0).max(2_147_483_647);
/** `part`: the inside alone, for the page that asks for more. */
const nodeQuery = z.strictObject({
  view: z.enum(['unified', 'split']).default('unified'),
  from: number.optional(),
  piece: number.optional(),
  part: z.literal('1').optional(),
});
const textQuery = linesQuery.pick({ from: true }).extend({ part: z.literal('1').optional() });

/** What differs: the trees of a rebuild, and each node of them. */
export const differencePages: Pages = (app, site) => {
  const onRequest = site.reader;

  app.get(
    '/rebuilds/:id/differences',
    { onRequest, schema: { hide: true, params: idParams } },
    async (request, reply) => {
      const parts = await readRebuild(site, request.params.id);
      return site.send(request, reply, differenceListPage(site.frame(request), rebuildOf(parts), parts.trees));
    },
  );

  for (const [url, params, querystring] of [
    ['/rebuilds/:id/differences/:tree', treeParams, nodeQuery.extend({ from: number.optional() })],
    ['/rebuilds/:id/differences/:tree/:node', nodeParams, nodeQuery],
  ] as const)
    app.get(url, { onRequest, schema: { hide: true, params, querystring } }, async (request, reply) => {
      const { id, tree: name, ...rest } = request.params;
      const { result, tree } = await findTree(site, id, name);
      const of = { ...rebuildOf({ result }), tree: tree.tree, fileName: tree.fileName, between: tree.between };
      const { query } = request;
      if (tree.form === 'text') {
        const { from } = textQuery.parse({ from: Math.max(1, query.from ?? 1) });
        return site.send(request, reply, await textPage(site, tree, { of, from, frame: site.frame(request) }));
      }
      const number = 'node' in rest ? (rest.node as number) : 0;
      const place: NodePlace = { frame: site.frame(request), of, view: query.view };
      const send = (html: string) => reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(html);
      return withTree(site, tree, async (reader, index) => {
        const room = { ...(query.part === undefined ? AT_ONCE : IN_A_PART) };
        const wanted = { index, from: query.from ?? 0, piece: query.piece ?? 0 };
        const { node, above, before, after } = await gather(reader, { number, depth: 0, ...wanted }, room);
        if (query.part !== undefined) {
          if (query.piece !== undefined) return send(renderPart(piecePart(place, node)));
          if (query.from !== undefined) return send(renderPart(childrenPart(place, node)));
          return send(renderPart(nodePart(place, node)));
        }
        const around = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
        return site.send(request, reply, differencePage(place, { node, above, ...around }));
      });
    });
};

function rebuildOf({ result }: Pick<RebuildParts, 'result'>): Omit<TreeOf, 'tree' | 'fileName' | 'between'> {
  const { id, source, version, architecture } = result;
  return { rebuild: id, source, version, architecture };
}

async function textPage(
  site: Site,
  tree: RebuildTree,
  { of, from, frame }: { readonly of: TreeOf; readonly from: number; readonly frame: NodePlace['frame'] },
) {
  return withText(site, tree.place.sha256, async (reader) => {
    const page = await reader.lines(from, { lines: 500, ...TEXT_PAGE });
    return differenceTextPage(frame, of, { ...page, total: reader.outline.lines });
  });
}

type Room = { nodes: number; lines: number; readonly children: number; readonly depth: number };
type Wanted = {
  readonly index: number;
  readonly number: number;
  readonly depth: number;
  readonly from: number;
  readonly piece: number;
};

/** A node with its lines and what is in it, as far as there is room: an only child as its parent, the rest in order. */
async function gather(reader: DifferenceReader, wanted: Wanted, room: Room) {
  const { index, number, depth } = wanted;
  room.nodes--;
  const { above, before, after, inside, ...node } = await reader.node(index, number, {
    from: wanted.from,
    limit: room.children,
  });
  const diff =
    node.pieces > 0 && (room.lines > 0 || depth === 0) ? await reader.lines(index, number, wanted.piece) : undefined;
  if (diff !== undefined) room.lines -= diff.text.split('\n').length;
  const shown: ShownNode['inside'][number][] = [];
  for (const child of inside) {
    const fits = room.nodes > 0 && room.lines > 0 && depth < room.depth && child.lines <= Math.max(room.lines, 200);
    shown.push(
      fits
        ? (await gather(reader, { index, number: child.node, depth: depth + 1, from: 0, piece: 0 }, room)).node
        : child,
    );
  }
  const whole: ShownNode = { ...node, inside: shown, ...(diff === undefined ? {} : { diff }) };
  return { node: whole, above, before, after };
}
