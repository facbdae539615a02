import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readRDataHeader } from '../../../formats/index.ts';
import { compareAllWays, compareBytes, survivesDamage } from '../../helpers/compare-bytes.ts';
import { mirroredTree } from '../../helpers/leaf-tree.ts';

const u32 = (...values: number[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.from(value.toString(16).padStart(8, '0'), 'hex')));
/** As R 4 writes it: form 3, and the encoding behind the releases. */
const saved = (release: number, objects: string, encoding = 'UTF-8'): Buffer =>
  Buffer.concat([
    Buffer.from('X\n'),
    u32(3, release, 0x30500, encoding.length),
    Buffer.from(encoding),
    Buffer.from(objects),
  ]);
const [R431, R452] = [0x40301, 0x40502];

describe('explaining how two files of R objects differ', () => {
  it('names the release that wrote them, where that is all', async () => {
    const found = await compareAllWays(saved(R431, 'objects'), saved(R452, 'objects'));
    expect(found).toMatchObject({
      kind: 'r-data',
      detail: 'the same objects: only the header differs',
      fields: [{ name: 'written by R', left: '4.3.1', right: '4.5.2' }],
      reasons: [{ kind: 'version-text', left: '4.3.1', right: '4.5.2' }],
      children: [],
    });
  });

  it('shows objects that differ as bytes, without the header', async () => {
    const found = await mirroredTree(gzipSync(saved(R431, '\0one object')), gzipSync(saved(R452, '\0two object')), {
      name: 'a.rds.gz',
    });
    expect(found.children[0]?.children).toMatchObject([
      { path: 'objects', kind: 'bytes', detail: expect.stringContaining('first difference at byte 1') },
    ]);
  });

  it('reads forms 2 and 3, and takes nothing else for one', () => {
    const two = Buffer.concat([Buffer.from('X\n'), u32(2, 0x20f03, 0x20300)]);
    expect(readRDataHeader(two)).toEqual({
      version: 2,
      writtenBy: '2.15.3',
      readableFrom: '2.3.0',
      encoding: undefined,
      bytes: 14,
    });
    expect(readRDataHeader(saved(R431, ''))).toMatchObject({ version: 3, encoding: 'UTF-8', bytes: 23 });
    const others = [
      'X\nis a text of one letter',
      'X\n',
      saved(R431, '', 'x'.repeat(65)),
      saved(0x1000000, ''),
      saved(R431, '', ''),
    ];
    expect(others.map((bytes) => readRDataHeader(Buffer.from(bytes)))).toEqual(others.map(() => undefined));
  });

  it('leaves files that are too long to others', async () => {
    const [left, right] = [saved(R431, 'a'.repeat(100)), saved(R431, 'b'.repeat(100))];
    expect((await compareBytes(left, right, { limits: { textBytes: left.length } })).kind).toBe('r-data');
    const found = await compareBytes(left, right, { limits: { textBytes: left.length - 1 } });
    expect(found).toMatchObject({ kind: 'bytes', notes: [expect.stringContaining('not compared as R objects')] });
  });

  it('never throws and never says equal, wherever one is cut or broken', async () => {
    await survivesDamage(saved(R431, 'some objects'));
  });
});
