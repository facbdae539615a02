import { sortedBy } from './order.ts';
import type { Inventory, InventoryItem, InventoryState, SbomChange, SbomDiff } from './types.ts';

const RANK: Readonly<Record<InventoryItem['kind'], string>> = { package: '0', dependency: '1', file: '2' };

type Pair = { readonly left?: InventoryItem; readonly right?: InventoryItem };

/**
 * What changed from one inventory to another. Items are paired by kind, name and architecture; then those of one name
 * whose architecture one side does not say, or that changed it. Linear in the items but for sorting.
 */
export function diffInventories(left: Inventory, right: Inventory): SbomDiff {
  const changes: SbomChange[] = [];
  const counts = { added: 0, removed: 0, version: 0, bytes: 0, same: 0, sameVersion: 0 };
  const listed = (items: readonly InventoryItem[]): readonly InventoryItem[] =>
    left.withoutSymlinks || right.withoutSymlinks ? items.filter((item) => !isSymlink(item)) : items;
  for (const pair of pairs(listed(left.items), listed(right.items))) {
    const outcome = changeOf(pair);
    if (typeof outcome === 'string') counts[outcome]++;
    else {
      counts[outcome.kind]++;
      changes.push(outcome);
    }
  }
  return {
    schema: 'reproof-sbom-diff/1',
    left: { kind: left.kind, name: left.name },
    right: { kind: right.kind, name: right.name },
    changes,
    counts,
  };
}

function isSymlink({ kind, version }: InventoryItem): boolean {
  return kind === 'file' && version !== undefined;
}

function pairs(left: readonly InventoryItem[], right: readonly InventoryItem[]): readonly Pair[] {
  const keyOf = ({ kind, name }: InventoryItem): string => `${RANK[kind]} ${name}`;
  const lefts = Map.groupBy(left, keyOf);
  const rights = Map.groupBy(right, keyOf);
  const keys = sortedBy([...new Set([...lefts.keys(), ...rights.keys()])], (key) => key);
  return keys.flatMap((key) => pairsOfName(lefts.get(key) ?? [], rights.get(key) ?? []));
}

function pairsOfName(left: readonly InventoryItem[], right: readonly InventoryItem[]): readonly Pair[] {
  if (left.length <= 1 && right.length <= 1)
    return [{ ...(left[0] && { left: left[0] }), ...(right[0] && { right: right[0] }) }];
  const detailed = ({ architecture = '', version = '', sha256 = '' }: InventoryItem): string =>
    `${architecture}\n${version}\n${sha256}`;
  // From the end, where taking one costs the same however many there are.
  const waiting = Map.groupBy(sortedBy(right, detailed).toReversed(), ({ architecture = '' }) => architecture);
  const found: Pair[] = [];
  const unpaired: InventoryItem[] = [];
  for (const item of sortedBy(left, detailed)) {
    const match = waiting.get(item.architecture ?? '')?.pop();
    if (match === undefined) unpaired.push(item);
    else found.push({ left: item, right: match });
  }
  const rest = sortedBy([...waiting.values()].flat(), detailed);
  const most = Math.max(unpaired.length, rest.length);
  for (let index = 0; index < most; index++) {
    const [one, other] = [unpaired[index], rest[index]];
    // Two known architectures are two packages, unless there is no other of the name to take them for.
    const alike = most === 1 || one?.architecture === undefined || other?.architecture === undefined;
    if (one !== undefined && other !== undefined && alike) found.push({ left: one, right: other });
    else found.push(...[one && { left: one }, other && { right: other }].filter((pair) => pair !== undefined));
  }
  return sortedBy(found, ({ left: one, right: other }) => detailed((one ?? other) as InventoryItem));
}

function changeOf({ left, right }: Pair): SbomChange | 'same' | 'sameVersion' {
  if (left === undefined || right === undefined) {
    const item = (left ?? right) as InventoryItem;
    const { kind: what, name } = item;
    return left === undefined
      ? { kind: 'added', what, name, right: stateOf(item) }
      : { kind: 'removed', what, name, left: stateOf(item) };
  }
  const about = { what: left.kind, name: left.name, left: stateOf(left), right: stateOf(right) };
  if (left.version !== right.version) return { kind: 'version', ...about };
  if (left.sha256 === undefined || right.sha256 === undefined)
    return left.sha256 === right.sha256 && left.kind !== 'package' ? 'same' : 'sameVersion';
  return left.sha256 === right.sha256 ? 'same' : { kind: 'bytes', ...about };
}

function stateOf({ architecture, version, sha256 }: InventoryItem): InventoryState {
  return {
    ...(architecture === undefined ? {} : { architecture }),
    ...(version === undefined ? {} : { version }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}
