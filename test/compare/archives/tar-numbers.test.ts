import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../model/index.ts';
import { mirroredTree } from '../../helpers/leaf-tree.ts';
import { END, header, padded } from '../../helpers/small-tar.ts';

const archive = (fields: Record<number, string>, content = ''): Buffer =>
  Buffer.concat([header(fields, content.length), content === '' ? Buffer.alloc(0) : padded(content), END]);
const compare = (left: Buffer, right: Buffer): Promise<Difference> => mirroredTree(left, right, { name: 'a.tar' });
const base256 = (last: string): string => `\x80${'\0'.repeat(10)}${last}`;

describe('telling numbers in headers of tar archives', () => {
  it('tells no value twice that both sides write in the same way, as libarchive does', async () => {
    const sized = await compare(archive({ 124: '00000000001 ' }, 'a'), archive({ 124: '00000000002 ' }, 'bc'));
    expect(sized.children[0]?.fields ?? []).toEqual([]);
    const owned = await compare(archive({ 108: '0000000 ' }), archive({ 108: '0000005 ' }));
    expect(owned.children[0]?.fields).toEqual([{ name: 'uid', left: '0', right: '5' }]);
    const dated = await compare(archive({ 136: base256('\x05') }), archive({ 136: base256('\x06') }));
    expect(dated.children[0]?.fields?.map(({ name }) => name)).toEqual(['mtime']);
  });

  it.each([
    ['0000005 ', '0000005\0', '7 octal digits before " "', undefined],
    ['    05 \0', '     5 \0', '2 octal digits before " \\x00"', 'spaces and octal digits before " \\x00"'],
    ['5\0', '000005 \0', `1 octal digits before "${'\\x00'.repeat(7)}"`, '6 octal digits before " \\x00"'],
  ])('tells one value apart that is written as %j and as %j', async (left, right, one, other) => {
    const found = await compare(archive({ 108: left, 116: '0000000\0' }), archive({ 108: right, 116: '0000000\0' }));
    expect(found.children[0]?.fields).toEqual([
      { name: 'stored uid', left: one, ...(other === undefined ? {} : { right: other }) },
    ]);
  });
});
