import { type Evidence, judge, judgeArtifacts } from '../compare/index.ts';
import {
  type ArtifactVerdict,
  type Difference,
  type EnvironmentLock,
  type FileDigest,
  lockDigest,
  type Published,
  planDigest,
  type RebuildAttempt,
  type RebuildPlan,
  type RebuildRecord,
  type Reporter,
  ReproofError,
  type StageTime,
  type Unavailable,
  type Verdict,
} from '../model/index.ts';
import type { MadeEnvironment } from './environment/index.ts';
import { type EvidenceKeeper, leaveEvidence } from './evidence/index.ts';
import type { Stages } from './pipeline-stages.ts';
import { openStages, type StageRunner } from './stage-runner.ts';
import type { RebuildRequest, Store } from './store/types.ts';

/** What a rebuild of this id was asked to do, and what of it is done: one JSON value for each stage. */
export type PipelineContext = {
  readonly id: string;
  readonly request: RebuildRequest;
  readonly store: Store;
  readonly stages: Stages;
  /** Undefined: another signs what this rebuild finds, and the last two stages are not run. */
  readonly evidence: Pick<EvidenceKeeper, 'attest' | 'publish' | 'has'> | undefined;
  readonly report: Reporter;
  readonly now: () => Date;
  readonly version: string;
};

/**
 * THE MAIN PATH. Each arrow is a function from one plain JSON value to the next; each value is stored under the rebuild's
 * id as soon as it is there, so a crash resumes at the arrow that was under way.
 *
 *   source -> lock -> plan -> environment -> build -> compare -> (control) -> verdict -> record -> attest -> publish
 *
 * The record is what a rebuild ends in. The last two sign it and make it public; they may come later.
 */
export async function rebuild(context: PipelineContext): Promise<RebuildRecord> {
  const record = await rebuildToRecord(context);
  if (context.evidence !== undefined) await leaveEvidence(record, { ...context, evidence: context.evidence });
  return record;
}

async function rebuildToRecord(context: PipelineContext): Promise<RebuildRecord> {
  const { stages, request } = context;
  const run = await openStages(context);

  const published = await run.stage<Published | Unavailable>('source', () => stages.source(request));
  if (isUnavailable(published)) return conclude(run, context, { unavailable: published });

  const lock = await run.stage<EnvironmentLock | Unavailable>('lock', () => stages.lock(published));
  if (isUnavailable(lock)) return conclude(run, context, { published, unavailable: lock });

  const plan = await run.stage<RebuildPlan>('plan', () => stages.plan(published, lock, request));
  const environment = await run.stage<MadeEnvironment>('environment', () =>
    stages.environment(lock, request.expectedRootfsDigest),
  );

  const first = await run.stage<RebuildAttempt>('build', () => stages.build(plan, environment));
  const known: Known = { published, plan, environment, first };
  if (first.outcome.kind !== 'built') return conclude(run, context, known);

  const compared = await run.stage<Compared>('compare', async () => {
    const artifacts = judgeArtifacts(plan.expected, packagesOf(first), request.only);
    return { artifacts, differences: await stages.explainPublished(plan, artifacts) };
  });
  if (!needsControl(compared.artifacts) || !request.control) return conclude(run, context, { ...known, compared });

  const control = await run.stage<Controlled>('control', async () => {
    const attempt = await stages.build(plan, environment, first);
    return { attempt, differences: await stages.explainControl(first, attempt, compared.artifacts) };
  });
  return conclude(run, context, { ...known, compared, control });
}

type Compared = { readonly artifacts: readonly ArtifactVerdict[]; readonly differences: readonly Difference[] };
type Controlled = { readonly attempt: RebuildAttempt; readonly differences: readonly Difference[] };

/** All that a rebuild came to know before its verdict. */
type Known = {
  readonly published?: Published;
  readonly unavailable?: Unavailable;
  readonly plan?: RebuildPlan;
  readonly environment?: MadeEnvironment;
  readonly first?: RebuildAttempt;
  readonly compared?: Compared;
  readonly control?: Controlled;
};

function isUnavailable(value: object): value is Unavailable {
  return (value as { kind?: unknown }).kind === 'unavailable';
}

/** A control rebuild is worth its time where a judged file is not the published one, or nothing was published to judge by. */
function needsControl(artifacts: readonly ArtifactVerdict[]): boolean {
  const judged = artifacts.filter((artifact) => artifact.kind !== 'extra');
  return judged.length === 0 || judged.some((artifact) => artifact.kind !== 'identical');
}

async function conclude(run: StageRunner, context: PipelineContext, known: Known): Promise<RebuildRecord> {
  const verdict = await run.stage<Verdict>('verdict', async () => judge(evidenceOf(context, known)));
  return run.stage<RebuildRecord>('record', async () => {
    const record = recordOf(context, known, verdict, run.times());
    await context.stages.saveEvidence(record, known.plan);
    await context.store.saveRecord(record);
    return record;
  });
}

function evidenceOf(context: PipelineContext, known: Known): Evidence {
  const { unavailable, plan, first, compared, control } = known;
  if (unavailable !== undefined) return { kind: 'unavailable', what: unavailable.what, missing: unavailable.missing };
  if (plan === undefined || first === undefined)
    throw new ReproofError('INTERNAL', 'judging a rebuild: it has no plan and no build');
  return {
    kind: 'attempted',
    basis: plan.basis,
    suite: plan.target.suite,
    outcome: first.outcome,
    artifacts: compared?.artifacts ?? [],
    rebuilt: packagesOf(first),
    control: control
      ? { kind: 'ran', outcome: control.attempt.outcome, artifacts: packagesOf(control.attempt) }
      : { kind: context.request.control ? 'not needed' : 'skipped' },
  };
}

/** The files a build made for users. A .buildinfo or .changes file is the build's own diary, with its path and its time. */
function packagesOf(attempt: RebuildAttempt): readonly FileDigest[] {
  return attempt.artifacts.filter((file) => !/\.(?:buildinfo|changes)$/.test(file.name));
}

function recordOf(
  context: PipelineContext,
  known: Known,
  verdict: Verdict,
  stages: readonly StageTime[],
): RebuildRecord {
  const { published, plan, environment, unavailable } = known;
  const about = published ?? unavailable;
  return {
    schema: 'reproof-record/1',
    id: context.id,
    request: context.request.target,
    only: context.request.only,
    ...(published === undefined ? {} : { target: published.target, basis: published.basis }),
    ...(plan === undefined
      ? {}
      : { planDigest: planDigest(plan), tests: plan.settings.buildOptions.includes('nocheck') ? 'left out' : 'run' }),
    ...(plan === undefined || environment === undefined
      ? {}
      : {
          environment: {
            lockDigest: lockDigest(plan.lock),
            rootfsDigest: environment.rootfsDigest,
            packages: plan.lock.layers.reduce((sum, layer) => sum + layer.packages.length, 0),
            reused: environment.reused,
          },
        }),
    engine: context.stages.engine,
    verified: about?.verified ?? [],
    attempts: [known.first, known.control?.attempt].filter((attempt) => attempt !== undefined),
    artifacts: known.compared?.artifacts ?? [],
    differences: [...(known.compared?.differences ?? []), ...(known.control?.differences ?? [])],
    verdict,
    notes: [...new Set([...(plan?.notes ?? about?.notes ?? []), ...(environment?.notes ?? [])])],
    stages,
    reproof: context.version,
  };
}
