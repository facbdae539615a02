import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDeviceTree } from '../../formats/index.ts';
import {
  changedLines,
  compareAllWays,
  compareBytes,
  notesOf,
  patched,
  pathsOf,
  reasonsOf,
  survivesDamage,
} from '../helpers/compare-bytes.ts';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/device-tree', name));
const small = fixture('small.dtb');
const LIMITS = { entries: 20, depth: 4, pathLength: 40 };

/** The nodes and properties that dtc(1) writes, values as it writes them. */
function judged(): readonly string[] {
  const path: string[] = [];
  return fixture('small.judged.txt')
    .toString()
    .split('\n')
    .flatMap((line) => {
      const [, node] = /^\s*(\S+) \{$/.exec(line) ?? [];
      const [, name, value = ''] = /^\s+([^\s;={}]+)(?: = (.*))?;$/.exec(line) ?? [];
      if (node !== undefined) {
        path.push(node === '/' ? '' : node);
        return [path.join('/') || '/'];
      }
      if (/^\s*\};$/.test(line)) path.pop();
      return name === undefined || path.length === 0 ? [] : [`${path.join('/')}/${name} ${value}`];
    });
}

/** A value as dtc(1) writes it. */
function written(value: Buffer, like: string): string {
  if (value.length === 0) return '';
  if (like.startsWith('"')) return JSON.stringify(value.toString('latin1').slice(0, -1)).replaceAll('\\u0000', '\\0');
  if (like.startsWith('[')) return `[${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}]`;
  const words = Array.from({ length: value.length / 4 }, (_, at) => value.readUInt32BE(at * 4).toString(16));
  return `<${words.map((word) => `0x${word.padStart(2, '0')}`).join(' ')}>`;
}

const word = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};
/** A tree of this structure; one name, `timestamp`, at 0 of its strings. */
function blob(structure: Buffer, after = Buffer.alloc(0)): Buffer {
  const strings = Buffer.from('timestamp\0\0\0');
  const at = 40 + 16 + structure.length;
  const header = word(0xd00dfeed, at + strings.length, 56, at, 40, 17, 16, 0, strings.length, structure.length);
  return Buffer.concat([header, Buffer.alloc(16), structure, strings, after]);
}
const property = (value: Buffer): Buffer =>
  Buffer.concat([word(3, value.length, 0), value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
const root = (...inside: readonly Buffer[]): Buffer => Buffer.concat([word(1, 0), ...inside, word(2, 9)]);

describe('reading a device tree', () => {
  it('reads what dtc reads', () => {
    const tree = readDeviceTree(small, LIMITS);
    expect(tree).toMatchObject({ version: 17, bootCpu: 3, reservations: ['0x10000000 0x4000'], size: small.length });
    const expected = judged();
    const like = new Map(expected.map((line) => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)]));
    const read = tree.nodes.flatMap(({ path, properties }) => [
      path,
      ...properties.map(({ name, value }) => {
        const full = `${path === '/' ? '' : path}/${name}`;
        return `${full} ${written(value, like.get(full) ?? '')}`;
      }),
    ]);
    expect(read.toSorted()).toEqual(expected.toSorted());
    expect(read).toHaveLength(16);
  });

  it('stops at each limit', () => {
    const limit = (name: string, value: number): unknown => readDeviceTree(small, { ...LIMITS, [name]: value });
    expect(limit('entries', 17)).toMatchObject({ version: 17 });
    for (const [name, value] of [
      ['entries', 16],
      ['depth', 2],
      ['pathLength', 16],
    ] as const)
      expect(() => limit(name, value), name).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
  });

  it.each([
    ['a node that does not end', word(1, 0, 9)],
    ['an end without a node', word(2, 9)],
    ['a property outside of nodes', Buffer.concat([property(word(1)), word(9)])],
    ['a property longer than the file', root(word(3, 0xffffffff, 0))],
    ['a property whose name is not there', root(word(3, 0, 999))],
    ['a name that does not end', Buffer.concat([word(1), Buffer.alloc(8, 0x61)])],
    ['a token that is not known', word(7)],
    ['no end', word(1, 0, 2)],
  ])('refuses %s', (_what, structure) => {
    const bytes = blob(structure).subarray(0, structure.length < 16 ? undefined : 56 + structure.length);
    expect(() => readDeviceTree(bytes, LIMITS)).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
  });
});

describe('explaining how two device trees differ', () => {
  it('names the property that differs, with its node', async () => {
    const clock = small.indexOf(word(1_000_000_000));
    const found = await compareAllWays(small, patched(small, clock, word(0x4000_0000)));
    expect(found.kind).toBe('device-tree');
    expect(changedLines(found)).toEqual([
      '-/cpus/cpu@0/clock-frequency = <0x3b9aca00>',
      '+/cpus/cpu@0/clock-frequency = <0x40000000>',
    ]);
    const model = await compareAllWays(small, patched(small, small.indexOf('board"'), Buffer.from('Board')));
    expect(changedLines(model)).toContain('+/model = "A "Board""');
  });

  it('names what stands in the header, and says where only the layout differs', async () => {
    expect((await compareAllWays(small, patched(small, 31, [4]))).fields).toEqual([
      { name: 'boot CPU', left: '3', right: '4' },
    ]);
    const layout = await compareAllWays(blob(root()), blob(root(word(4))));
    expect(layout.detail).toBe('the same nodes and properties: only how they are laid out differs');
  });

  it('tells the time of an image, looks into long values, and at what follows the tree', async () => {
    const image = (seconds: number, letter: string): Buffer =>
      blob(root(property(word(seconds)), property(Buffer.alloc(2_000, letter))), Buffer.from(letter));
    const found = await compareAllWays(image(1_700_000_000, 'a'), image(1_700_000_060, 'b'));
    expect(reasonsOf(found)).toContainEqual({
      kind: 'timestamp',
      evidence: 'the timestamp of the image',
      left: '2023-11-14T22:13:20.000Z',
      right: '2023-11-14T22:14:20.000Z',
    });
    expect(pathsOf(found)).toEqual(['file', '/timestamp', '(after the tree)']);
  });

  it('falls back to bytes for what cannot be read', async () => {
    const found = await compareBytes(small, small.subarray(0, 300));
    expect(found).toMatchObject({ kind: 'bytes' });
    expect(notesOf(found)).toEqual([
      expect.stringMatching(/^FORMAT_MALFORMED: reading a tree that ends after its file/),
    ]);
  });

  it('never throws and never says equal, wherever one is cut or broken', () => survivesDamage(small, 3));
});
