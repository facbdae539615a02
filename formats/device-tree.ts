import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';

/** A node's path, such as /cpus/cpu@0, and its properties; text as latin1, values not copied. */
export type DeviceTreeNode = {
  readonly path: string;
  readonly properties: readonly { readonly name: string; readonly value: Buffer }[];
};

export type DeviceTree = {
  readonly version: number;
  readonly bootCpu: number;
  /** Memory that the system leaves alone: address and size in hexadecimal. */
  readonly reservations: readonly string[];
  readonly nodes: readonly DeviceTreeNode[];
  /** Bytes after the tree's own end, as U-Boot's images have them. */
  readonly size: number;
};

export type DeviceTreeLimits = {
  /** Nodes, properties and reservations together. */
  readonly entries: number;
  readonly depth: number;
  /** Characters of a node's path. */
  readonly pathLength: number;
};

export const DEVICE_TREE_MAGIC = 0xd00dfeed;
const TOKEN = { beginNode: 1, endNode: 2, property: 3, nothing: 4, end: 9 };

/**
 * A flattened device tree, Devicetree Specification 0.4 chapter 5: a blob that dtc(1) makes, or a FIT image. Throws
 * FORMAT_MALFORMED (context `offset`), FORMAT_LIMIT.
 */
export function readDeviceTree(bytes: Uint8Array, limits: DeviceTreeLimits): DeviceTree {
  const cursor = new ByteCursor(bytes, { what: 'device tree' });
  if (cursor.u32('magic') !== DEVICE_TREE_MAGIC) cursor.fail('magic');
  const [size, structure, strings, reserved, version, oldest, bootCpu] = Array.from({ length: 7 }, () =>
    cursor.u32('header'),
  ) as [number, number, number, number, number, number, number];
  if (oldest > 17 || version < 16) cursor.fail(`header of version ${version}`);
  if (size > bytes.length) cursor.fail('a tree that ends after its file: its end');
  const stringBytes = cursor.u32('size of the strings');
  let entries = 0;
  const count = (): void => {
    if (++entries > limits.entries) throw passed('entries', limits.entries);
  };
  const reservations: string[] = [];
  cursor.seek(reserved);
  for (;;) {
    const [address, length] = [cursor.u64('reservation'), cursor.u64('reservation')];
    if (address === 0n && length === 0n) break;
    count();
    reservations.push(`0x${address.toString(16)} 0x${length.toString(16)}`);
  }
  const names = cursor.seek(strings).take(stringBytes, 'strings');
  cursor.seek(structure);
  return { version, bootCpu, reservations, size, nodes: readNodes(cursor, names, { ...limits, count }) };
}

type Limits = DeviceTreeLimits & { readonly count: () => void };

function readNodes(cursor: ByteCursor, names: Buffer, limits: Limits): readonly DeviceTreeNode[] {
  const nodes: DeviceTreeNode[] = [];
  const open: { path: string; properties: { name: string; value: Buffer }[] }[] = [];
  for (;;) {
    const token = cursor.u32('token');
    const node = open.at(-1);
    switch (token) {
      case TOKEN.beginNode: {
        limits.count();
        if (open.length >= limits.depth) throw passed('nodes inside each other', limits.depth);
        const name = nodeName(cursor, limits.pathLength);
        const path = node === undefined ? '/' : `${node.path === '/' ? '' : node.path}/${name}`;
        if (path.length > limits.pathLength) throw passed('characters of a path', limits.pathLength);
        const begun = { path, properties: [] };
        open.push(begun);
        nodes.push(begun);
        break;
      }
      case TOKEN.endNode:
        if (open.pop() === undefined) cursor.fail('the end of a node that was not begun');
        break;
      case TOKEN.property: {
        limits.count();
        if (node === undefined) return cursor.fail('a property outside of nodes');
        const [length, at] = [cursor.u32('property'), cursor.u32('property')];
        const value = cursor.take(length, 'value of a property');
        cursor.take((4 - (length % 4)) % 4, 'padding of a property');
        const end = names.indexOf(0, at);
        if (at >= names.length || end < 0) return cursor.fail('name of a property');
        if (end - at > limits.pathLength) throw passed('characters of a name', limits.pathLength);
        node.properties.push({ name: names.toString('latin1', at, end), value });
        break;
      }
      case TOKEN.nothing:
        break;
      case TOKEN.end:
        if (open.length > 0) cursor.fail('a node that does not end');
        return nodes;
      default:
        cursor.fail('token');
    }
  }
}

function nodeName(cursor: ByteCursor, limit: number): string {
  const start = cursor.position;
  const end = cursor.bytes.indexOf(0, start);
  if (end < 0) cursor.fail('name of a node');
  if (end - start > limit) throw passed('characters of a name', limit);
  const name = cursor.take(end - start).toString('latin1');
  // Names are padded to a whole number of words, their zero counted in.
  cursor.take(4 - ((end - start) % 4), 'name of a node');
  return name;
}

function passed(limit: string, value: number): ReproofError {
  const context = { limit, value };
  return new ReproofError('FORMAT_LIMIT', `reading device tree: more than ${value} ${limit}`, { context });
}
