import { createHash } from 'node:crypto';
import { DEVICE_TREE_MAGIC, type DeviceTree, readDeviceTree } from '../../../formats/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { escapeName, shorten } from '../../escape.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { namedPairs } from '../../named-pairs.ts';
import { changedFields } from '../../pairing.ts';
import { readWhole } from '../../read-whole.ts';
import type { Explanation, LeafComparator } from '../../types.ts';

const LIMITS = { entries: 100_000, depth: 64, pathLength: 1_024 };
/** FIT images hold a kernel and a root file system. */
const FILE_BYTES = 256 * 2 ** 20;
/** A value of more bytes is a file of its own. */
const LONG_BYTES = 1_024;

/** Flattened device trees and FIT images: which properties differ, each with the path of its node, as dtc(1) writes them. */
export const deviceTree: LeafComparator = {
  kind: 'leaf',
  id: 'device-tree',
  recognizes: (head) => head.length >= 40 && Buffer.from(head.subarray(0, 4)).readUInt32BE() === DEVICE_TREE_MAGIC,
  async *explain(left, right) {
    const [old, now] = await bothOf(readWhole(left, FILE_BYTES), readWhole(right, FILE_BYTES));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not compared as a device tree: longer than ${FILE_BYTES} bytes` };
      return;
    }
    const [one, other] = ofBoth(old, now, (bytes) => readDeviceTree(bytes, LIMITS));
    const fields = changedFields(factsOf(one), factsOf(other));
    if (fields.length > 0) yield { kind: 'fields', fields };
    const [before, after] = [linesOf(one), linesOf(other)];
    yield { kind: 'lines', left: before, right: after };
    yield* timestamp(one, other);
    yield* longValues(one, other);
    const same = before.length === after.length && before.every((line, index) => line === after[index]);
    if (same && fields.length === 0)
      yield { kind: 'detail', text: 'the same nodes and properties: only how they are laid out differs' };
    if (old.length > one.size || now.length > other.size)
      yield {
        kind: 'part',
        name: '(after the tree)',
        left: bufferSource('(after the tree)', old.subarray(one.size)),
        right: bufferSource('(after the tree)', now.subarray(other.size)),
      };
  },
};

function factsOf({ version, bootCpu, reservations }: DeviceTree): Readonly<Record<string, string>> {
  return { version: String(version), 'boot CPU': String(bootCpu), 'reserved memory': reservations.join(', ') };
}

function linesOf({ nodes }: DeviceTree): readonly string[] {
  return nodes.flatMap(({ path, properties }) => [
    `${escapeName(path)} {}`,
    ...properties.map(({ name, value }) => {
      const shown = valueText(value);
      return `${escapeName(path === '/' ? '' : path)}/${escapeName(name)}${shown === '' ? '' : ` = ${shown}`}`;
    }),
  ]);
}

/** As dtc(1) guesses: texts, else words, else bytes. A property may also have no value. */
function valueText(value: Buffer): string {
  if (value.length === 0) return '';
  if (value.length > LONG_BYTES)
    return `${value.length} bytes, SHA-256 ${createHash('sha256').update(value).digest('hex')}`;
  const texts = value.toString('latin1').split('\0');
  if (texts.pop() === '' && texts.every((text) => /^[ -~\t\n\r]+$/.test(text)))
    return texts.map((text) => `"${escapeName(text)}"`).join(', ');
  const hex = value.toString('hex');
  if (value.length % 4 === 0) return `<${(hex.match(/.{8}/g) ?? []).map((word) => `0x${word}`).join(' ')}>`;
  return `[${(hex.match(/../g) ?? []).join(' ')}]`;
}

/** mkimage(1) writes when it made a FIT image into its root. */
function* timestamp(left: DeviceTree, right: DeviceTree): Generator<Explanation> {
  const [old, now] = [left, right].map(({ nodes }) => {
    const value = nodes[0]?.properties.find(({ name }) => name === 'timestamp')?.value;
    return value?.length === 4 ? new Date(value.readUInt32BE() * 1_000).toISOString() : undefined;
  });
  if (old === undefined || now === undefined || old === now) return;
  const evidence = 'the timestamp of the image';
  yield { kind: 'reason', reason: { kind: 'timestamp', evidence, left: old, right: now } };
}

function* longValues(left: DeviceTree, right: DeviceTree): Generator<Explanation> {
  const values = ({ nodes }: DeviceTree): { readonly name: string; readonly value: Buffer }[] =>
    nodes.flatMap(({ path, properties }) =>
      properties
        .filter(({ value }) => value.length > LONG_BYTES)
        .map(({ name, value }) => ({ name: `${path === '/' ? '' : path}/${name}`, value })),
    );
  for (const { name, left: old, right: now } of namedPairs(values(left), values(right), (one) => one.name).pairs) {
    if (old === undefined || now === undefined || old.value.equals(now.value)) continue;
    const shown = shorten(escapeName(name), 200);
    yield { kind: 'part', name: shown, left: bufferSource(name, old.value), right: bufferSource(name, now.value) };
  }
}
