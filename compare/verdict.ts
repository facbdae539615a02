import type { InconclusiveReason, Verdict } from '../model/index.ts';
import { type ArtifactVerdict, type Basis, type BuildOutcome, type FileDigest, ReproofError } from '../model/index.ts';

/** What became of the control rebuild: the same build with everything varied that a build must not depend on. */
export type ControlResult =
  /** No file differed, so none was run. */
  | { readonly kind: 'not needed' }
  /** The user asked for none. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'ran'; readonly outcome: BuildOutcome; readonly artifacts: readonly FileDigest[] };

/** All that a verdict is made from. */
export type Evidence =
  /** `missing`: file names, or NAME=VERSION of packages. */
  | { readonly kind: 'unavailable'; readonly what: 'source' | 'environment'; readonly missing: readonly string[] }
  | {
      readonly kind: 'attempted';
      readonly basis: Basis;
      readonly suite: string;
      readonly outcome: BuildOutcome;
      /** Of the first rebuild, from judgeArtifacts. */
      readonly artifacts: readonly ArtifactVerdict[];
      /** Every file the first rebuild left. */
      readonly rebuilt: readonly FileDigest[];
      readonly control: ControlResult;
    };

type Attempt = Extract<Evidence, { kind: 'attempted' }>;
type Unequal = Extract<ArtifactVerdict, { kind: 'differs' | 'missing' }>;

const NAMES_TOLD = 5;

/**
 * Pairs published and rebuilt files by name and says of each whether its bytes came out the same: size and SHA-256,
 * nothing else. Sorted by name. `only` (file names, or package names: what stands before the first _) leaves every
 * other file out on both sides; empty means all. Throws INTERNAL when two rebuilt files share a name.
 */
export function judgeArtifacts(
  published: readonly FileDigest[],
  rebuilt: readonly FileDigest[],
  only: readonly string[] = [],
): readonly ArtifactVerdict[] {
  const wanted = (file: FileDigest): boolean =>
    only.length === 0 || only.includes(file.name) || only.includes(file.name.split('_', 1)[0] as string);
  const rebuiltByName = byName(rebuilt.filter(wanted));
  const publishedNames = new Set(published.map((file) => file.name));
  const judged = published.filter(wanted).map((file): ArtifactVerdict => {
    const other = rebuiltByName.get(file.name);
    if (other === undefined) return { kind: 'missing', name: file.name, published: file };
    return { kind: sameBytes(file, other) ? 'identical' : 'differs', name: file.name, published: file, rebuilt: other };
  });
  const extra = [...rebuiltByName.values()]
    .filter((file) => !publishedNames.has(file.name))
    .map((file): ArtifactVerdict => ({ kind: 'extra', name: file.name, rebuilt: file }));
  return [...judged, ...extra].sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

/**
 * The one function that decides, by the table of docs/verdicts.md. Pure. Throws INTERNAL for evidence that contradicts
 * itself: an artifact called identical whose digests are not.
 */
export function judge(evidence: Evidence): Verdict {
  if (evidence.kind === 'unavailable') {
    return inconclusive(`${evidence.what} unavailable`, `could not be had: ${told(evidence.missing)}`);
  }
  const { outcome } = evidence;
  switch (outcome.kind) {
    case 'failed':
      return {
        kind: 'failed-to-build',
        detail: [
          `the ${outcome.phase} phase ended with status ${outcome.exitStatus} ${inEnvironment(evidence)}`,
          ...outcome.notes,
        ].join('; '),
      };
    case 'exceeded':
    case 'infrastructure':
      return inconclusive(outcome.kind === 'exceeded' ? 'limit exceeded' : 'infrastructure', notBuilt(outcome));
    case 'built':
      return judgeBuilt(evidence);
    default:
      return outcome satisfies never;
  }
}

function judgeBuilt(evidence: Attempt): Verdict {
  const judged = evidence.artifacts.filter((artifact) => artifact.kind !== 'extra');
  const extra = evidence.artifacts.length - judged.length;
  const alsoExtra = extra === 0 ? '' : `; ${files(extra)} more came out, not judged`;
  for (const artifact of judged) {
    if (artifact.kind === 'identical' && !sameBytes(artifact.published, artifact.rebuilt))
      throw new ReproofError('INTERNAL', `judging ${artifact.name}: it is called identical and its digests differ`);
  }
  // every() of an empty list is true, so that nothing to judge by must be seen before.
  if (judged.length === 0) return judgeUnpublished(evidence);
  const unequal = judged.filter((artifact) => artifact.kind !== 'identical');
  if (unequal.length === 0) {
    return {
      kind: 'reproducible',
      detail: `${files(judged.length)} rebuilt bit for bit as published ${inEnvironment(evidence)}${alsoExtra}`,
    };
  }
  const what = `${unequal.length} of ${files(judged.length)} not as published: ${told(unequal.map(describe))}${alsoExtra}`;
  return judgeUnequal(evidence, unequal, what);
}

function judgeUnpublished(evidence: Attempt): Verdict {
  const nothing = 'no published file to judge by';
  const { control } = evidence;
  if (control.kind !== 'ran') return inconclusive('nothing published', `${nothing}; no control rebuild was run`);
  if (control.outcome.kind !== 'built')
    return inconclusive('nothing published', `${nothing}; the control rebuild: ${notBuilt(control.outcome)}`);
  const names = new Set([...evidence.rebuilt, ...control.artifacts].map((file) => file.name));
  const unsteady = unsteadyNames([...names].sort(), evidence.rebuilt, control.artifacts);
  if (unsteady.length > 0) return nondeterministic(unsteady, nothing);
  const agree = names.size === 0 ? 'neither rebuild left a file' : `two rebuilds agree on ${files(names.size)}`;
  return inconclusive('nothing published', `${nothing}; ${agree}`);
}

function judgeUnequal(evidence: Attempt, unequal: readonly Unequal[], what: string): Verdict {
  const { control } = evidence;
  const different = (why: string): Verdict => ({
    kind: 'unreproducible',
    reason: 'different',
    detail: `${what}; ${why}, ${inEnvironment(evidence)}`,
  });
  const recorded = evidence.basis === 'recorded';
  if (control.kind !== 'ran' || control.outcome.kind !== 'built') {
    const why =
      control.kind !== 'ran' ? 'no control rebuild was run' : `the control rebuild: ${notBuilt(control.outcome)}`;
    return recorded ? different(why) : inconclusive('control rebuild missing', `${what}; ${why}`);
  }
  const unsteady = unsteadyNames(
    unequal.map((artifact) => artifact.name),
    evidence.rebuilt,
    control.artifacts,
  );
  if (unsteady.length > 0) return nondeterministic(unsteady, what);
  const agree = 'two rebuilds agree';
  if (recorded) return different(agree);
  return inconclusive(
    'environment drift',
    `${what}; ${agree} ${inEnvironment(evidence)}, which was not the publisher's`,
  );
}

/** Those of `names` whose bytes the two rebuilds do not share, or that only one of them left. */
function unsteadyNames(
  names: readonly string[],
  first: readonly FileDigest[],
  control: readonly FileDigest[],
): readonly string[] {
  const [left, right] = [byName(first), byName(control)];
  return names.filter((name) => {
    const [one, other] = [left.get(name), right.get(name)];
    if (one === undefined || other === undefined) return one !== other;
    return !sameBytes(one, other);
  });
}

function nondeterministic(names: readonly string[], what: string): Verdict {
  return {
    kind: 'unreproducible',
    reason: 'nondeterministic',
    detail: `two rebuilds differ in ${told(names)}; ${what}`,
  };
}

function inconclusive(reason: InconclusiveReason, detail: string): Verdict {
  return { kind: 'inconclusive', reason, detail };
}

function notBuilt(outcome: BuildOutcome): string {
  switch (outcome.kind) {
    case 'built':
      return 'it was built';
    case 'failed':
      return `the ${outcome.phase} phase ended with status ${outcome.exitStatus}`;
    case 'exceeded':
      return `stopped by the ${outcome.limit} limit of ${outcome.value}${UNITS[outcome.limit]}`;
    case 'infrastructure':
      return `${outcome.code}: ${outcome.message}`;
    default:
      return outcome satisfies never;
  }
}

const UNITS = { 'wall-time': ' s', memory: ' bytes', processes: '', disk: ' bytes', log: ' bytes' } as const;

function inEnvironment(evidence: Attempt): string {
  return evidence.basis === 'recorded' ? 'in the recorded environment' : `in ${evidence.suite} as it is now`;
}

function byName(list: readonly FileDigest[]): ReadonlyMap<string, FileDigest> {
  const map = new Map(list.map((file) => [file.name, file]));
  if (map.size !== list.length) throw new ReproofError('INTERNAL', 'judging artifacts: two rebuilt files share a name');
  return map;
}

function sameBytes(left: FileDigest, right: FileDigest): boolean {
  return left.sha256 === right.sha256 && left.size === right.size;
}

function describe(artifact: Unequal): string {
  return artifact.kind === 'missing' ? `${artifact.name} (missing)` : artifact.name;
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

function told(names: readonly string[]): string {
  const more = names.length - NAMES_TOLD;
  return more > 0 ? `${names.slice(0, NAMES_TOLD).join(', ')} and ${more} more` : names.join(', ');
}
