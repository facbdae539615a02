import { CONTROL_PAIR, type Difference, type ReasonKind, type RebuildRecord } from '../../model/index.ts';
import { jsonDescriptor } from './rebuild-facts.ts';
import type { ResourceDescriptor } from './types.ts';

/** Why two files differ at one place, as far as their bytes show. Texts are the package's own, escaped. */
export type Cause = {
  readonly between: 'published-and-rebuilt' | 'first-and-control';
  readonly kind: ReasonKind;
  /** Names of what lies inside of what, from the file on. */
  readonly path: readonly string[];
  readonly evidence: string;
};

/** What a record's trees of differences say of one file, short. */
export type Explanation = {
  readonly reasons: readonly ReasonKind[];
  readonly causes: readonly Cause[];
  readonly limited: boolean;
  /** The trees whole, by digest. */
  readonly reports: readonly ResourceDescriptor[];
};

const CAUSES = 32;
const CHARACTERS = 300;
const DEPTH = 16;

/** Why a file differs by a record's trees: every kind, the first causes, and the digests of the trees themselves. */
export function explanationOf(record: RebuildRecord, name: string): Explanation {
  const published = record.differences.find(({ path }) => path === name);
  const control = record.differences.find(({ path }) => path === `${CONTROL_PAIR}${name}`);
  const reasons = published === undefined ? [] : [...causesIn(published, 'published-and-rebuilt')];
  const all = [...reasons, ...(control === undefined ? [] : causesIn(control, 'first-and-control'))];
  return {
    reasons: [...new Set(reasons.map(({ kind }) => kind))].sort(),
    causes: all.slice(0, CAUSES),
    limited: all.length > CAUSES || [published, control].some((tree) => tree !== undefined && isLimited(tree)),
    reports: [
      ...(published === undefined ? [] : [jsonDescriptor(`${name}.difference.json`, published)]),
      ...(control === undefined ? [] : [jsonDescriptor(`${name}.control-difference.json`, control)]),
    ],
  };
}

function* causesIn(tree: Difference, between: Cause['between']): Iterable<Cause> {
  const open: { readonly node: Difference; readonly path: readonly string[] }[] = [{ node: tree, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, path } = next;
    const here = path.length < DEPTH ? [...path, shortened(node.path)] : path;
    for (const { kind, evidence } of node.reasons ?? [])
      yield { between, kind, path: here, evidence: shortened(evidence) };
    for (const child of node.children.toReversed()) open.push({ node: child, path: here });
  }
}

function isLimited(tree: Difference): boolean {
  return tree.truncated || tree.children.some(isLimited);
}

function shortened(text: string): string {
  return text.slice(0, CHARACTERS).toWellFormed();
}
