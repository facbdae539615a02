import type {
  BuildRun,
  EnvironmentLock,
  Published,
  PublishedArtifact,
  RebuildPlan,
  SandboxLimits,
} from '../../../model/index.ts';
import type { Unplannable } from '../types.ts';
import { buildSettings } from './settings.ts';

/** All that a plan is made of beside what was published. */
export type PlanInputs = {
  readonly lock: EnvironmentLock;
  /** Whether the package's own tests run; DEB_BUILD_OPTIONS gets nocheck when not. */
  readonly checks: boolean;
  readonly limits: SandboxLimits;
  readonly cpus: number;
  /** Names of the binary packages to judge; empty means all that were published. */
  readonly only: readonly string[];
};

/**
 * Makes the plan of a rebuild. Pure: the same input gives the same bytes of canonical JSON, in whatever order its
 * lists come. A plan for which nothing was published has no `expected`; the verdict says so.
 */
export function plan(published: Published, inputs: PlanInputs): RebuildPlan | Unplannable {
  const { target, source } = published;
  if (inputs.lock.architecture !== target.architecture) {
    const why = `the environment is of ${inputs.lock.architecture}, the package is built on ${target.architecture}`;
    return { kind: 'unplannable', why };
  }
  if (source.files.length === 0) return { kind: 'unplannable', why: `the source of ${target.source} has no files` };
  const expected = published.artifacts.filter(
    ({ package: name }) => inputs.only.length === 0 || inputs.only.includes(name),
  );
  if (expected.length === 0 && published.artifacts.length > 0) {
    const why = `none of ${inputs.only.toSorted().join(', ')} was published by ${target.source} ${target.version}`;
    return { kind: 'unplannable', why };
  }
  const { settings, notes } = buildSettings(published, inputs);
  return {
    schema: 'reproof-plan/1',
    target,
    basis: published.basis,
    source: { dsc: source.dsc, files: source.files.toSorted(byName) },
    lock: inputs.lock,
    settings,
    runs: neededRuns(published.runs, expected),
    expected: expected.toSorted(byName),
    limits: inputs.limits,
    notes: [...new Set([...published.notes, ...notes])].toSorted(),
  };
}

/** Of two runs, only those that build something to judge. */
function neededRuns(runs: readonly BuildRun[], expected: readonly PublishedArtifact[]): readonly BuildRun[] {
  const order = ['both', 'any', 'all'];
  const sorted = runs.toSorted((left, right) => order.indexOf(left.packages) - order.indexOf(right.packages));
  if (sorted.length < 2 || expected.length === 0) return sorted;
  return sorted.filter(
    ({ packages }) =>
      packages === 'both' || expected.some((file) => (file.architecture === 'all') === (packages === 'all')),
  );
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}
