import type { RebuildPlan, Sha256, Verification } from '../../model/index.ts';
import { statementBytes } from './bytes.ts';
import { byName, dependenciesOf, isDiary, type ProvenancePredicate } from './provenance.ts';
import { readProvenance } from './read-provenance.ts';
import { fileDescriptor } from './rebuild-facts.ts';
import {
  DEBIAN_BUILD_TYPE,
  PROVENANCE_TYPE,
  type ResourceDescriptor,
  STATEMENT_TYPE,
  type Statement,
  WORKER_BUILDER_ID,
  type WorkerCheck,
} from './types.ts';

/** How a worker of ours on another machine says that it built, and what of that was seen here. */
export type ReportedBuild = {
  /** What the rebuild is called here. */
  readonly id: string;
  readonly startedOn: string;
  readonly finishedOn: string;
  readonly worker: { readonly key: string; readonly checked: readonly WorkerCheck[] };
  readonly plan: RebuildPlan;
  readonly rootfs: Sha256;
  readonly verified: readonly Verification[];
  readonly engine?: { readonly name: string; readonly version: string };
  /** The version of the worker's product. */
  readonly reproof: string;
  /** Files whose bytes whoever signs holds, each digest computed here. */
  readonly files: readonly { readonly name: string; readonly sha256: Sha256 }[];
  /** What the worker gave beside its files: record, log, testimony; their bytes are here too. */
  readonly byproducts: readonly ResourceDescriptor[];
};

/**
 * How files came to be that a worker elsewhere built: its word, under the signer's own eyes where `checked` says so.
 * Undefined where no file is here. Pure. Throws EVIDENCE_LIMIT and EVIDENCE_MALFORMED where it says more than our own reader
 * takes.
 */
export function reportedProvenance(build: ReportedBuild): Statement<ProvenancePredicate> | undefined {
  const { plan, engine, worker } = build;
  const made = build.files.filter(({ name }) => !isDiary(name));
  if (made.length === 0) return undefined;
  const diaries = build.files.filter(({ name }) => isDiary(name)).map(fileDescriptor);
  const statement: Statement<ProvenancePredicate> = {
    _type: STATEMENT_TYPE,
    subject: made.map(({ name, sha256 }) => ({ name, digest: { sha256 } })).toSorted(byName),
    predicateType: PROVENANCE_TYPE,
    predicate: {
      buildDefinition: {
        buildType: DEBIAN_BUILD_TYPE,
        externalParameters: { target: plan.target, basis: plan.basis, runs: plan.runs, settings: plan.settings },
        internalParameters: {
          network: 'none',
          recipe: plan.lock.recipe,
          limits: plan.limits,
          worker: { ...worker, checked: worker.checked.toSorted() },
        },
        resolvedDependencies: dependenciesOf(plan, build),
      },
      runDetails: {
        builder: {
          id: WORKER_BUILDER_ID,
          version: { reproof: build.reproof, ...(engine === undefined ? {} : { [engine.name]: engine.version }) },
        },
        metadata: {
          invocationId: `urn:reproof:rebuild:${build.id}`,
          startedOn: build.startedOn,
          finishedOn: build.finishedOn,
        },
        byproducts: [...build.byproducts, ...diaries].toSorted(byName),
      },
    },
  };
  // What is signed has to be readable: a worker may say more than a statement holds.
  readProvenance(statementBytes(statement));
  return statement;
}
