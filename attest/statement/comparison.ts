import {
  type ArtifactVerdict,
  type Basis,
  controlFile,
  debianPurl,
  type InconclusiveReason,
  type PublishedArtifact,
  type ReasonKind,
  type RebuildRecord,
  type Verdict,
} from '../../model/index.ts';
import { type Cause, explanationOf } from './explanation.ts';
import {
  checkFacts,
  fileDescriptor,
  jsonDescriptor,
  logDescriptors,
  publishedFiles,
  type RebuildFacts,
  timesOf,
} from './rebuild-facts.ts';
import { COMPARISON_TYPE, type ResourceDescriptor, STATEMENT_TYPE, type Statement } from './types.ts';

/**
 * Who saw what. built-here: whoever signs ran the build and compared the files. bytes-compared-here: a worker of the
 * same operator ran it and said what came out; whoever signs holds the rebuilt file and compared its digest.
 */
export type Observation = 'built-here' | 'bytes-compared-here';

/** What a rebuild found of one published file: docs/attestations/rebuild-comparison-v1.md. */
export type ComparisonPredicate = {
  readonly rebuild: {
    readonly id: string;
    readonly startedOn?: string;
    readonly finishedOn?: string;
    readonly basis?: Basis;
    readonly tests?: 'run' | 'left out';
  };
  readonly observation: Observation;
  /** Purls of the source package, and of the published binary package. */
  readonly source: string;
  readonly package: string;
  /** Of the whole rebuild, exactly as recorded. */
  readonly verdict: {
    readonly kind: Verdict['kind'];
    readonly reason?: InconclusiveReason | 'nondeterministic' | 'different' | 'published files changed';
    readonly detail: string;
  };
  /** Of this file. not-compared: nothing came out that could be compared. */
  readonly artifact: {
    readonly verdict: Exclude<ArtifactVerdict['kind'], 'extra'> | 'not-compared';
    readonly size: number;
    readonly rebuilt?: ResourceDescriptor;
    /** What the control rebuild gave, where that is another file. */
    readonly control?: ResourceDescriptor;
  };
  /** The kinds of differences between the published and the rebuilt file, sorted. */
  readonly reasons: readonly ReasonKind[];
  readonly causes: readonly Cause[];
  /** Whether there is more to be said of the differences than this. */
  readonly causesLimited: boolean;
  readonly evidence: {
    readonly record?: ResourceDescriptor;
    readonly plan?: ResourceDescriptor;
    readonly lock?: ResourceDescriptor;
    readonly rootfs?: ResourceDescriptor;
    readonly logs: readonly ResourceDescriptor[];
    readonly reports: readonly ResourceDescriptor[];
  };
  /** The version of what compared. */
  readonly reproof: string;
};

/**
 * One statement for each published file that the rebuild was about and whose digest is known, by name; whatever the
 * verdict. Throws PLAN_INVALID where the plan is not the record's.
 */
export function comparisonStatements(facts: RebuildFacts): readonly Statement<ComparisonPredicate>[] {
  checkFacts(facts);
  return publishedFiles(facts).map((file) => comparisonStatement(facts, file));
}

function comparisonStatement(facts: RebuildFacts, file: PublishedArtifact): Statement<ComparisonPredicate> {
  const { record, plan, published } = facts;
  const target = plan?.target ?? published?.target;
  const { name, sha256, size } = file;
  const explanation = explanationOf(record, name);
  const { kind, detail } = record.verdict;
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { sha256 } }],
    predicateType: COMPARISON_TYPE,
    predicate: {
      rebuild: {
        id: record.id,
        ...timesOf(record),
        ...(record.basis === undefined ? {} : { basis: record.basis }),
        ...(record.tests === undefined ? {} : { tests: record.tests }),
      },
      observation: 'built-here',
      source: debianPurl({
        name: target?.source ?? '',
        version: target?.version ?? '',
        architecture: 'source',
        ...(target === undefined ? {} : { suite: target.suite }),
      }),
      package: debianPurl({
        name: file.package,
        version: file.version,
        architecture: file.architecture,
        ...(target === undefined ? {} : { suite: target.suite }),
      }),
      verdict: {
        kind,
        ...('reason' in record.verdict ? { reason: record.verdict.reason } : {}),
        detail: detail.toWellFormed(),
      },
      artifact: { ...artifactOf(record, name), size },
      reasons: explanation.reasons,
      causes: explanation.causes,
      causesLimited: explanation.limited,
      evidence: {
        record: jsonDescriptor('record.json', record),
        ...(plan === undefined
          ? {}
          : { plan: jsonDescriptor('plan.json', plan), lock: jsonDescriptor('lock.json', plan.lock) }),
        ...(record.environment === undefined ? {} : { rootfs: rootfsDescriptor(record.environment.rootfsDigest) }),
        logs: logDescriptors(record),
        reports: explanation.reports,
      },
      reproof: record.reproof,
    },
  };
}

/** The root file system a build ran in, as a canonical tar (docs/architecture.md). */
export function rootfsDescriptor(sha256: string): ResourceDescriptor {
  return { name: 'rootfs.tar', mediaType: 'application/x-tar', digest: { sha256 } };
}

function artifactOf(record: RebuildRecord, name: string): Omit<ComparisonPredicate['artifact'], 'size'> {
  const judged = record.artifacts.find((artifact) => artifact.name === name);
  if (judged === undefined || judged.kind === 'extra') return { verdict: 'not-compared' };
  const control = controlFile(record, judged);
  return {
    verdict: judged.kind,
    ...(judged.kind === 'missing' ? {} : { rebuilt: fileDescriptor(judged.rebuilt) }),
    ...(control === undefined ? {} : { control: fileDescriptor(control) }),
  };
}
