import type { Difference, Reason, ReasonKind } from '../../model/index.ts';
import type { SummarizedFile } from './summary-files.ts';
import { byHelp, type Cause, wasGiven } from './summary-help.ts';

/** What follows from other differences, and is no cause of them. */
const CONSEQUENCES: ReadonlySet<ReasonKind> = new Set(['build-id', 'addresses', 'checksum', 'padding']);

/** Metadata that says what is in other files, such as an installed size, or is of each build, such as its date. */
const FOLLOWING = /\bfollows from\b|\bis when it was built$/;

function follows({ kind, evidence }: Reason, readAs: string): boolean {
  // Names in a list of digests are those of the files, which differ themselves.
  if (kind === 'random' && readAs === 'digest-list') return true;
  return CONSEQUENCES.has(kind) || (kind === 'metadata' && FOLLOWING.test(evidence));
}

/** What states the version of the package itself, which whoever compares two knows. */
const OF_THE_PACKAGE: ReadonlySet<string> = new Set(['deb822', 'debian-changelog', 'digest-list']);

/** Causes and, apart from them, what follows: each by the number of files that show it. */
export function causesOf(
  tree: Difference,
  files: readonly SummarizedFile[],
): { readonly causes: readonly Cause[]; readonly consequences: readonly Cause[] } {
  const found = { causes: new Map<ReasonKind, Found>(), consequences: new Map<ReasonKind, Found>() };
  const gather = (top: Difference, into: (node: Difference) => readonly Difference[]): void => {
    const seen = new Set<Found>();
    const open = [top];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const reason of node.reasons ?? []) {
        const { kind } = reason;
        const kinds = follows(reason, node.kind) ? found.consequences : found.causes;
        const shown = { first: reason, at: node.path, readAs: node.kind };
        const known = kinds.get(kind) ?? { files: 0, ...shown };
        if (!seen.has(known)) known.files++;
        if (kind === 'version-text' && OF_THE_PACKAGE.has(known.readAs) && !OF_THE_PACKAGE.has(node.kind))
          Object.assign(known, shown);
        if (wasGiven(reason) && !wasGiven(known.first)) Object.assign(known, shown);
        kinds.set(kind, known);
        seen.add(known);
      }
      open.push(...into(node).toReversed());
    }
  };
  for (const { node } of files) gather(node, ({ children }) => children);
  // What holds the files, such as an archive whose members are in another order.
  const own = new Set(files.map(({ node }) => node));
  if (!own.has(tree)) gather(tree, ({ children }) => children.filter((child) => !own.has(child)));
  const sorted = (kinds: ReadonlyMap<ReasonKind, Found>): readonly Cause[] =>
    [...kinds]
      .map(([kind, rest]) => ({ kind, ...rest }))
      .sort(
        (one, other) => other.files - one.files || byHelp(one.kind, other.kind) || (one.kind < other.kind ? -1 : 1),
      );
  return { causes: sorted(found.causes), consequences: sorted(found.consequences) };
}
type Found = Omit<Cause, 'kind' | 'files'> & { files: number };

/** True where the two are meant to differ: packages of two versions. */
export function areTwoVersions(files: readonly SummarizedFile[]): boolean {
  return files.some(({ node }) => node.kind === 'deb822' && (node.fields ?? []).some(({ name }) => name === 'Version'));
}
