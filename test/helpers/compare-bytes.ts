import { expect } from 'vitest';
import { type ByteSource, bufferSource, type CompareLimits, explain } from '../../compare/index.ts';
import type { Difference, FieldChange, Reason } from '../../model/index.ts';
import { chunksOf } from './chunks.ts';
import { mirror } from './mirror.ts';

type Options = { readonly name?: string; readonly limits?: Partial<CompareLimits>; readonly chunk?: number };

/** How two byte strings differ. `chunk` gives them in pieces of that size, from a source that is not seekable. */
export function compareBytes(left: Uint8Array, right: Uint8Array, options: Options = {}): Promise<Difference> {
  const { name = 'file', limits = {}, chunk } = options;
  const source = (bytes: Uint8Array): ByteSource =>
    chunk === undefined
      ? bufferSource(name, bytes)
      : { name, size: undefined, open: (start = 0) => chunksOf(bytes.subarray(start), chunk) };
  return explain(source(left), source(right), { limits });
}

/** Compares both ways and in small pieces: the same must be found, mirrored. Gives what was found. */
export async function compareAllWays(left: Uint8Array, right: Uint8Array, options: Options = {}): Promise<Difference> {
  const found = await compareBytes(left, right, options);
  expect(await compareBytes(right, left, options)).toEqual(mirror(found));
  const { left: _, right: __, ...rest } = found;
  for (const chunk of [1, 7]) {
    const { left: ___, right: ____, ...again } = await compareBytes(left, right, { ...options, chunk });
    expect(again).toEqual(rest);
  }
  return found;
}

/** All nodes as "path | kind | detail", depth first. */
export function nodesOf(node: Difference): string[] {
  return [`${node.path} | ${node.kind} | ${node.detail ?? ''}`, ...node.children.flatMap(nodesOf)];
}
export const pathsOf = (node: Difference): string[] => [node.path, ...node.children.flatMap(pathsOf)];
export const notesOf = (node: Difference): string[] => [...node.notes, ...node.children.flatMap(notesOf)];
export const fieldsOf = (node: Difference): FieldChange[] => [
  ...(node.fields ?? []),
  ...node.children.flatMap(fieldsOf),
];
export const reasonsOf = (node: Difference): Reason[] => [...(node.reasons ?? []), ...node.children.flatMap(reasonsOf)];
/** The lines of all diffs that belong to one side only, in the order of the tree. */
export function changedLines(node: Difference): string[] {
  const own = (node.diff ?? '').split('\n').filter((line) => /^[-+]/.test(line));
  return [...own, ...node.children.flatMap(changedLines)];
}

/** `bytes` with those at `offset` replaced. */
export function patched(bytes: Uint8Array, offset: number, replacement: Uint8Array | readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(replacement, offset);
  return copy;
}

/** That wherever one side is cut or broken, something other than identical is found, and nothing is thrown. */
export async function survivesDamage(whole: Uint8Array, step = 1, limits: Partial<CompareLimits> = {}): Promise<void> {
  for (let offset = 0; offset < whole.length; offset += step) {
    const cut = await compareBytes(whole, whole.subarray(0, offset), { limits });
    expect(cut.kind, `cut at ${offset}`).not.toBe('identical');
    const broken = patched(whole, offset, [(whole[offset] as number) ^ 0xff]);
    const found = await compareBytes(whole, broken, { limits });
    expect(found.kind, `broken at ${offset}`).not.toBe('identical');
  }
}
