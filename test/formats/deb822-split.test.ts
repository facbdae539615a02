import { describe, expect, it } from 'vitest';
import { parseParagraphs, splitParagraphs } from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';

async function split(text: string, size: number, limit = 100): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const bytes of splitParagraphs(chunksOf(Buffer.from(text), size), limit)) found.push(bytes.toString());
  return found;
}

describe('splitting a control document into paragraphs', () => {
  const text = '\n\nA: 1\nB: 2\n x\n\n\n\nA: 2\n\nA: 3';

  it.each([1, 7, 1_000])('gives each without the empty lines around it, in chunks of %i', async (size) => {
    expect(await split(text, size)).toEqual(['A: 1\nB: 2\n x\n', 'A: 2\n', 'A: 3']);
  });

  it('parts where the parser does, wherever it is cut', async () => {
    for (let end = 0; end <= text.length; end++) {
      const cut = text.slice(0, end).replace(/\nB?$|A$/, '\n');
      const parsed = parseParagraphs(Buffer.from(cut.replace(/ $/, '')), { paragraphBytes: 100, fields: 10 });
      expect(await split(cut.replace(/ $/, ''), 3), `cut at ${end}`).toHaveLength(parsed.length);
    }
  });

  it('refuses a paragraph past its limit, not one of as many bytes', async () => {
    expect(await split('A: 1234\n\nA: 2\n', 4, 12)).toHaveLength(2);
    await expect(split('A: 12345678901\n\n', 4, 12)).rejects.toMatchObject({ code: 'DEB822_LIMIT' });
  });
});
