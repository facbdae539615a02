import { describe, expect, it } from 'vitest';
import { bufferSource } from '../../../compare/buffer-source.ts';
import { readTextLines, type TextLines } from '../../../compare/comparators/documents/text-lines.ts';

const LIMIT = 1_000;

describe('reading two texts as lines', () => {
  it('gives the lines of each, however much of the two is equal', async () => {
    for (const [left, right] of pairsOf(['', 'a', 'ä', '\n', '\r\n', 'b\n'])) {
      const found = await linesOf(Buffer.from(left), Buffer.from(right));
      expect([wordsOf(found.left), wordsOf(found.right)], JSON.stringify([left, right])).toEqual([left, right]);
    }
  });

  it('holds lines that both begin and end with once, and says how many they are', async () => {
    const found = await linesOf(Buffer.from('a\nb\nold\nc\nd\n'), Buffer.from('a\nb\nnew\nc\nd\n'));
    expect(found.equal).toEqual({ first: 2, last: 2 });
    expect(found.right.lines).toEqual(['a', 'b', 'new', 'c', 'd']);
  });

  it('leaves out the mark, and reads bytes that are no UTF-8 one by one', async () => {
    const marked = await linesOf(Buffer.from('\ufeffa\nb\n'), Buffer.from('\ufeffa\nc\n'));
    expect([marked.left.lines, marked.right.lines]).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
    const single = await linesOf(Buffer.from('gr\xfc\xdfe\nb\n', 'latin1'), Buffer.from('gr\xfc\xdfe\nc\n', 'latin1'));
    expect([single.left.encoding, single.right.lines]).toEqual(['8-bit', ['gr\xfc\xdfe', 'c']]);
  });

  it('says that the same text is stored in another encoding', async () => {
    const found = await linesOf(Buffer.from('\ufeffa\n', 'utf16le'), Buffer.from('a\n'));
    expect(found).toMatchObject({ same: true, left: { encoding: 'UTF-16LE', lines: ['a'] }, right: { lines: ['a'] } });
  });

  it('takes lines without their ends where each side ends them in its own way', async () => {
    const found = await linesOf(Buffer.from('a\r\nb\r\n'), Buffer.from('a\nb\n'));
    expect(found).toMatchObject({ otherEndings: true, left: { lines: ['a', 'b'] }, right: { lines: ['a', 'b'] } });
  });

  it('reads no text past the limit, and none that is none', async () => {
    const read = (left: Buffer): Promise<unknown> =>
      readTextLines(bufferSource('left', left), bufferSource('right', Buffer.from('a')), LIMIT);
    expect(await read(Buffer.alloc(LIMIT + 1, 'a'))).toBe('long');
    expect(await read(Buffer.alloc(8))).toBe('binary');
  });
});

async function linesOf(left: Buffer, right: Buffer) {
  const found = await readTextLines(bufferSource('left', left), bufferSource('right', right), LIMIT);
  if (typeof found === 'string') throw new Error(found);
  return { ...found, left: ended(found.left, found.otherEndings), right: ended(found.right, found.otherEndings) };
}

type Ended = TextLines & { readonly end: string };

function ended(lines: TextLines, otherEndings: boolean): Ended {
  return { ...lines, end: otherEndings ? (lines.ending as string) : '\n' };
}

function wordsOf({ lines, open, end }: Ended): string {
  return lines.length === 0 ? '' : lines.join(end) + (open ? '' : end);
}

/** Every two of the texts that three of the pieces make. */
function* pairsOf(pieces: readonly string[]): Generator<readonly [string, string]> {
  const texts = [
    ...new Set(pieces.flatMap((one) => pieces.flatMap((two) => pieces.map((three) => one + two + three)))),
  ];
  for (const left of texts) for (const right of texts) yield [left, right];
}
