import { isReproofError, type RebuildPlan, type Target } from '../../model/index.ts';
import { parseBuildInfo } from '../ecosystem/debian/buildinfo.ts';
import type { BuildInput } from '../store/packages/types.ts';
import type { ReportedArtifact } from './requests.ts';
import type { Testimony } from './testimony.ts';

/** A lease, what it is to build, and the result that a testimony stands beside. */
export type JobTestified = {
  readonly job: number;
  readonly lease: number;
  readonly rebuildId?: string | undefined;
  readonly input: Pick<BuildInput, 'source' | 'version' | 'architecture' | 'release' | 'url' | 'files'>;
  readonly artifacts: readonly Pick<ReportedArtifact, 'fileName' | 'verdict' | 'published'>[];
};

/** Names of suites that mean another release at another time. */
const MOVING = /^(?:(?:old)*stable|testing|unstable|experimental)(?:-|$)/;

/**
 * Why a testimony cannot be of a job and its result; undefined where it can. A worker asks it of its own, and a server of
 * what comes: it is about what the server leased, and not about how the worker built it.
 */
export function misfitOf({ job, lease, rebuild, plan, buildInfo }: Testimony, of: JobTestified): string | undefined {
  if (job !== of.job || lease !== of.lease) return `it is of lease ${lease} of job ${job}`;
  if (rebuild !== of.rebuildId) return 'it is of another rebuild than the result';
  return (
    otherTarget(plan.target, of.input) ??
    otherFile(plan, of.artifacts) ??
    (plan.lock.architecture === plan.target.architecture ? undefined : 'its environment is of another architecture') ??
    (buildInfo === undefined ? undefined : otherBuildInfo(buildInfo, plan))
  );
}

function otherTarget(target: Target, input: JobTestified['input']): string | undefined {
  const other = (what: string, planned: string, asked: string): string | undefined =>
    planned === asked ? undefined : `its plan is of the ${what} ${JSON.stringify(planned.slice(0, 100))}`;
  // A .buildinfo that is named by its address may be of another suite of the same family.
  const named = input.url !== undefined && input.files.some(({ sha256 }) => sha256 === undefined);
  const suite = named || input.release === undefined || MOVING.test(input.release) ? target.suite : input.release;
  return (
    other('source', target.source, input.source) ??
    other('version', target.version, input.version) ??
    (input.architecture === 'all' ? undefined : other('architecture', target.architecture, input.architecture)) ??
    other('suite', target.suite, suite)
  );
}

/** What was compared has to be what the plan says is published. */
function otherFile(plan: RebuildPlan, artifacts: JobTestified['artifacts']): string | undefined {
  const expected = new Map(plan.expected.map(({ name, sha256 }) => [name, sha256]));
  const compared = artifacts.filter(({ verdict }) => verdict === 'identical' || verdict === 'differs');
  const other = compared.find(({ fileName, published }) => expected.get(fileName) !== published?.sha256);
  return other === undefined
    ? undefined
    : `its plan expects other bytes of ${JSON.stringify(other.fileName)} than were compared`;
}

function otherBuildInfo(text: string, plan: RebuildPlan): string | undefined {
  try {
    const info = parseBuildInfo(text, 'the .buildinfo of a testimony');
    const { source, version } = plan.target;
    if (plan.basis === 'recorded' && info.source === source && info.sourceVersion === version) return undefined;
    return 'its .buildinfo is not of its plan';
  } catch (error) {
    if (!isReproofError(error, 'BUILDINFO_INVALID')) throw error;
    return 'its .buildinfo cannot be read';
  }
}
