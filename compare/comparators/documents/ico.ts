import { ICO_TABLE_BYTES, type Ico, readIco } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { bothOf } from '../../identity.ts';
import { changedFields } from '../../pairing.ts';
import { readRange, type Section, sectionParts } from '../../section-parts.ts';
import type { ByteSource, Head, LeafComparator } from '../../types.ts';

/** Icons and cursors of Windows, favicon.ico: which pictures they hold; each that differs is looked into. */
export const ico: LeafComparator = {
  kind: 'leaf',
  id: 'ico',
  recognizes: (head) => isIco(head),
  async *explain(left, right) {
    const [old, now] = await bothOf(read(left), read(right));
    yield { kind: 'fields', fields: changedFields(factsOf(old), factsOf(now)) };
    yield* sectionParts({ source: left, sections: sectionsOf(old) }, { source: right, sections: sectionsOf(now) });
  },
};

/** There is no magic number: the table must be sound, and begin with a picture of a known kind where that is seen. */
function isIco(head: Head): boolean {
  if (head.length < 22 || head[0] !== 0 || head[1] !== 0 || head[3] !== 0) return false;
  try {
    const [first] = readIco(head).images;
    const start = Buffer.from(head.subarray(first?.offset ?? 0)).subarray(0, 4);
    return start.length < 4 || start.readUInt32LE() === 40 || start.readUInt32BE() === 0x89504e47;
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return false;
  }
}

async function read(source: ByteSource): Promise<Ico> {
  return readIco(await readRange(source, { offset: 0, size: ICO_TABLE_BYTES }));
}

function factsOf({ kind, images }: Ico): Readonly<Record<string, string>> {
  const sizes = images.map(({ width, height, detail }) => `${width}x${height} (${detail})`);
  return { kind, pictures: sizes.join(', ').slice(0, 1_000) };
}

function sectionsOf({ images }: Ico): readonly Section[] {
  return images.map(({ width, height, offset, size }, index) => ({
    name: `picture ${index + 1}, ${width}x${height}`,
    offset,
    size,
  }));
}
