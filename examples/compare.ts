import { bufferSource, type Comparison, compare, fileSource, report, spool } from 'reproof/compare';

/** Compares two buffers: yields the tree of what differs, undefined when nothing does. */
export async function compareBuffers(left: Uint8Array, right: Uint8Array): Promise<Comparison['difference']> {
  const { difference } = await compare(bufferSource('left', left), bufferSource('right', right));
  return difference;
}

/** Compares a stream, which can be read only once, with a file; gives five lines for people. */
export async function summarize(stream: AsyncIterable<Uint8Array>, path: string): Promise<string> {
  const spooled = await spool(stream, { name: 'stream', limitBytes: 2 ** 30 });
  try {
    const comparison = await compare(spooled, await fileSource(path), { enough: AbortSignal.timeout(60_000) });
    return [...(await report(comparison, 'summary'))].join('');
  } finally {
    await spooled.close();
  }
}

/** Compares two files with less memory and in less depth than usual; prints the difference as a tree. */
export async function printDifference(left: string, right: string): Promise<boolean> {
  const limits = { depth: 4, heldBytes: 2 ** 20 };
  const comparison = await compare(await fileSource(left), await fileSource(right), { limits });
  for (const piece of await report(comparison, 'text')) process.stdout.write(piece);
  return comparison.identical;
}
