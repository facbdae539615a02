import { bufferSource, explain, renderText } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { FORMAT_TRAPS } from './format-traps.ts';

// Run by itself, so that its memory is its own. Prints what became of the trap that the argument names.
const LIMITS = { bytes: 256 * 2 ** 20, members: 500, nodes: 5_000 };

const {
  left,
  right,
  name = 'file',
} = FORMAT_TRAPS[process.argv[2] as string]?.() ?? {
  left: Buffer.alloc(0),
  right: Buffer.alloc(0),
};
const found = await explain(bufferSource(name, left), bufferSource(name, right), { limits: LIMITS });
const nodes = (node: Difference): readonly Difference[] => [node, ...node.children.flatMap(nodes)];
const text = renderText(found);
process.stdout.write(
  JSON.stringify({
    kind: found.kind,
    notes: nodes(found).flatMap((node) => node.notes),
    truncated: nodes(found).some((node) => node.truncated),
    textBytes: text.length,
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
