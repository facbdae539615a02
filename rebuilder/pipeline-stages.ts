import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ArtifactVerdict,
  CONTROL_PAIR,
  type Difference,
  type EnvironmentLock,
  type FileDigest,
  isReproofError,
  type Origin,
  type Published,
  type RebuildAttempt,
  type RebuildPlan,
  type RebuildRecord,
  type Reporter,
  ReproofError,
  type Sha256,
  type Unavailable,
} from '../model/index.ts';
import { openBuildLog } from './build-log.ts';
import { type EnvironmentContext, type MadeEnvironment, makeEnvironment, resolveLock } from './environment/index.ts';
import type { Explainer } from './explain/index.ts';
import type { Fetcher } from './fetch/types.ts';
import type { Sandbox } from './sandbox/types.ts';
import { varied } from './sandbox/vary.ts';
import type { BlobStore, RebuildRequest } from './store/types.ts';

/** What a record holds of a difference: enough for people to act on. `reproof compare` on the artifacts tells the rest. */
const RECORD_LIMITS = { nodes: 2_000, diffBytes: 16 * 1024, reportBytes: 4 * 2 ** 20, programRuns: 50 };

/** A first rebuild and its control begin at least so far apart. */
const APART_SECONDS = 2.1;

/** What each stage of the main path does. Everything a stage touches is here; the path itself touches nothing. */
export interface Stages {
  readonly engine: { readonly name: string; readonly version: string };
  source(request: RebuildRequest): Promise<Published | Unavailable>;
  lock(published: Published): Promise<EnvironmentLock | Unavailable>;
  plan(published: Published, lock: EnvironmentLock, request: RebuildRequest): Promise<RebuildPlan>;
  /** Throws ENVIRONMENT_MISMATCH when `expected` is given and the root file system made is another. */
  environment(lock: EnvironmentLock, expected: Sha256 | undefined): Promise<MadeEnvironment>;
  /** `before` is the first rebuild, for the control rebuild that follows it. */
  build(plan: RebuildPlan, environment: MadeEnvironment, before?: RebuildAttempt): Promise<RebuildAttempt>;
  explainPublished(plan: RebuildPlan, artifacts: readonly ArtifactVerdict[]): Promise<readonly Difference[]>;
  explainControl(
    first: RebuildAttempt,
    control: RebuildAttempt,
    artifacts: readonly ArtifactVerdict[],
  ): Promise<readonly Difference[]>;
  saveEvidence(record: RebuildRecord, plan: RebuildPlan | undefined): Promise<void>;
}

/** What the stages of one rebuild work with. */
export type StagesContext = {
  readonly id: string;
  readonly sandbox: Sandbox;
  readonly environment: EnvironmentContext;
  readonly fetcher: Fetcher;
  readonly blobs: BlobStore;
  readonly explain: Explainer;
  readonly locate: (request: RebuildRequest) => Promise<Published | Unavailable>;
  readonly plan: (published: Published, lock: EnvironmentLock, request: RebuildRequest) => RebuildPlan;
  readonly saveEvidence: (record: RebuildRecord, plan: RebuildPlan | undefined) => Promise<void>;
  readonly report: Reporter;
  readonly now: () => Date;
  readonly signal: AbortSignal;
};

/** The stages as they really run: archive, engine, disk. */
export function realStages(context: StagesContext): Stages {
  const { engine } = context.environment;
  return {
    engine: { name: engine.name, version: engine.version },
    source: context.locate,
    lock: (published) => resolveLock(published, context.environment),
    plan: async (published, lock, request) => context.plan(published, lock, request),
    environment: async (lock, expected) => {
      const made = await makeEnvironment(lock, context.environment);
      if (expected !== undefined) checkRootfs(made, expected);
      return made;
    },
    build: (plan, environment, before) => build(context, { plan, environment, before }),
    explainPublished: (plan, artifacts) => explainPublished(context, plan, artifacts),
    explainControl: (first, control, artifacts) => explainControl(context, { first, control, artifacts }),
    saveEvidence: context.saveEvidence,
  };
}

function checkRootfs(made: MadeEnvironment, expected: Sha256): void {
  if (made.rootfsDigest === expected) return;
  const why = made.notes.join('; ');
  throw new ReproofError(
    'ENVIRONMENT_MISMATCH',
    `making the environment of lock ${made.lockDigest}: its root file system is ${made.rootfsDigest}, recorded was ${expected}${why ? `: ${why}` : ''}`,
    { context: { expected, found: made.rootfsDigest } },
  );
}

type Build = {
  readonly plan: RebuildPlan;
  readonly environment: MadeEnvironment;
  readonly before: RebuildAttempt | undefined;
};

async function build(context: StagesContext, { plan, environment, before }: Build): Promise<RebuildAttempt> {
  // Made before in this run, or by an earlier one whose image may be gone: then it is made again, and must be the same.
  const image = await makeEnvironment(plan.lock, context.environment);
  checkRootfs(image, environment.rootfsDigest);
  const kind = before === undefined ? 'first' : 'control';
  const planned = before === undefined ? { plan, varied: [] } : varied(plan);
  // Times are often kept in whole seconds: a quick build's control has to see others. An abort ends the wait; the
  // sandbox then says so.
  const wait = APART_SECONDS - (before?.wallSeconds ?? APART_SECONDS);
  if (wait > 0) await sleep(wait * 1000, undefined, { signal: context.signal }).catch(() => {});
  const begun = context.now().getTime();
  const elapsed = (): number => (context.now().getTime() - begun) / 1000;
  const log = openBuildLog(context.blobs, {
    elapsed,
    maxBytes: plan.limits.logBytes,
    onLine: (line) => context.report({ kind: 'log', line }),
  });
  const result = await context.sandbox
    .run(
      planned.plan,
      {
        imageId: image.imageId,
        rebuild: context.id,
        openSource: async (sha256) => openSource(context, plan, sha256),
        onLog: log.write,
        storeArtifact: (name, stream, maxBytes) => context.blobs.put(name, stream, maxBytes),
      },
      context.signal,
    )
    .catch(async (error: unknown) => {
      await log.abandon();
      throw error;
    });
  const closed = await log.close(
    result.logTruncated
      ? `[reproof: the log was cut here, at ${plan.limits.logBytes} bytes; the build was stopped]`
      : undefined,
  );
  return {
    kind,
    outcome: result.outcome,
    artifacts: result.artifacts,
    log: { blob: closed.blob.sha256, bytes: closed.bytes, truncated: result.logTruncated },
    varied: planned.varied,
    wallSeconds: elapsed(),
  };
}

async function openSource(
  context: StagesContext,
  plan: RebuildPlan,
  sha256: Sha256,
): Promise<{ size: number; open: () => NodeJS.ReadableStream }> {
  const file = plan.source.files.find((item) => item.sha256 === sha256);
  if (file === undefined) throw new ReproofError('INTERNAL', `reading a source file: the plan names no ${sha256}`);
  if (file.origin.kind === 'given' && (await context.fetcher.cached(sha256)) === undefined)
    throw new ReproofError(
      'CACHE_MISSING',
      `reading the source: ${file.name} was given beside its .dsc and is not in the cache here`,
    );
  const cached = await context.fetcher.fetchFile(
    { ...file, urls: context.environment.addresses(file.origin) },
    context.signal,
  );
  return { size: cached.size, open: () => createReadStream(cached.path) };
}

async function explainPublished(
  context: StagesContext,
  plan: RebuildPlan,
  artifacts: readonly ArtifactVerdict[],
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const artifact of artifacts) {
    if (artifact.kind !== 'differs') continue;
    const expected = plan.expected.find((item) => item.name === artifact.name);
    const published =
      expected && (await fetchPublished(context, { file: artifact.published, origin: expected.origin }));
    differences.push(await explainPair(context, { name: artifact.name, left: published, right: artifact.rebuilt }));
  }
  return differences;
}

async function fetchPublished(
  context: StagesContext,
  published: { readonly file: FileDigest; readonly origin: Origin },
): Promise<string | undefined> {
  try {
    return (
      await context.fetcher.fetchFile(
        { ...published.file, urls: context.environment.addresses(published.origin) },
        context.signal,
      )
    ).path;
  } catch (error) {
    // The verdict came from the signed index; only the explanation wants the bytes.
    if (isReproofError(error, 'FETCH_NOT_FOUND', 'FETCH_FAILED', 'FETCH_TIMEOUT')) return undefined;
    throw error;
  }
}

/** Files of the first rebuild that came out otherwise in the control rebuild. */
async function explainControl(
  context: StagesContext,
  {
    first,
    control,
    artifacts,
  }: {
    readonly first: RebuildAttempt;
    readonly control: RebuildAttempt;
    readonly artifacts: readonly ArtifactVerdict[];
  },
): Promise<readonly Difference[]> {
  const judged = new Set(artifacts.filter((artifact) => artifact.kind !== 'extra').map((artifact) => artifact.name));
  const differences: Difference[] = [];
  for (const left of first.artifacts) {
    const right = control.artifacts.find((item) => item.name === left.name);
    const worth = judged.size === 0 ? left.name.endsWith('.deb') : judged.has(left.name);
    if (!worth || right === undefined || right.sha256 === left.sha256) continue;
    differences.push(
      await explainPair(context, {
        name: `${CONTROL_PAIR}${left.name}`,
        left: await context.blobs.path(left.sha256),
        right,
      }),
    );
  }
  return differences;
}

async function explainPair(
  context: StagesContext,
  pair: { readonly name: string; readonly left: string | undefined; readonly right: FileDigest },
): Promise<Difference> {
  const right = await context.blobs.path(pair.right.sha256);
  const bare: Difference = { path: pair.name, kind: 'file', notes: [], children: [], truncated: false };
  if (pair.left === undefined || right === undefined)
    return { ...bare, notes: ['not explained: one of the two files could not be had'] };
  try {
    return {
      ...(await context.explain({ path: pair.name, left: pair.left, right, limits: RECORD_LIMITS }, context.signal)),
      path: pair.name,
    };
  } catch (error) {
    if (isReproofError(error, 'INTERRUPTED') || !(error instanceof Error)) throw error;
    return { ...bare, notes: [`not explained: ${error.message}`] };
  }
}
