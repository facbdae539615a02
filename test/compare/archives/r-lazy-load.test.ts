import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compareAllWays, compareBytes, patched } from '../../helpers/compare-bytes.ts';

const u32 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(8, '0'), 'hex');
const object = (text: string): Buffer =>
  Buffer.concat([Buffer.from('X\n'), u32(3), u32(0x40502), u32(0x30500), u32(5), Buffer.from(`UTF-8${text}`)]);
/** As R packs them one after the other; a level that no size tells. */
const database = (texts: readonly string[], level = 6): Buffer =>
  Buffer.concat(texts.flatMap((text) => [u32(object(text).length), deflateSync(object(text), { level })]));
const name = { name: 'a.rdb' };
const tree = (left: Buffer, right: Buffer): ReturnType<typeof compareBytes> => compareAllWays(left, right, name);

describe('explaining how two databases of R objects differ', () => {
  it('names the objects that differ, and shows them unpacked', async () => {
    const found = await tree(
      database(['one', 'made in /build/a-1/R/x.R', 'three']),
      database(['one', 'made in /build/b-22/R/x.R', 'three']),
    );
    expect(found.kind).toBe('r-lazy-load');
    expect(found.children).toMatchObject([{ path: 'object 2', kind: 'r-data' }]);
    expect(JSON.stringify(found.children)).toContain('"left":"/build/a-1/R/x.R","right":"/build/b-22/R/x.R"');
  });

  it('tells objects of one side, and those in another order', async () => {
    const more = await tree(database(['one', 'two']), database(['one', 'two', 'three']));
    expect(more.children).toMatchObject([{ path: 'object 3', detail: 'only on one side' }]);
    const packed = await tree(database(['a'.repeat(99)], 9), database(['a'.repeat(99)], 1));
    expect(packed.reasons).toMatchObject([{ kind: 'packing' }]);
  });

  it('takes what is cut, packed otherwise or larger than it says for bytes', async () => {
    const whole = database(['one', 'two']);
    const large = Buffer.from(whole);
    large.writeUInt32BE(7, 0);
    for (const other of [whole.subarray(0, -3), Buffer.concat([whole, Buffer.from('junk')]), large])
      expect((await tree(whole, other)).kind).toBe('bytes');
    const named = await compareBytes(whole, database(['one', 'tow']), { name: 'a.bin' });
    expect(named.kind).toBe('bytes');
  });

  it('survives damage', async () => {
    const whole = database(['one', 'two']);
    for (let offset = 0; offset < whole.length; offset++) {
      const broken = await compareBytes(whole, patched(whole, offset, [(whole[offset] as number) ^ 0xff]), name);
      expect(broken.kind, `broken at ${offset}`).not.toBe('identical');
    }
  });
});
