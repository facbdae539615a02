import {
  type FileDigest,
  planDigest,
  type RebuildPlan,
  type RebuildRecord,
  ReproofError,
  type Sha256,
} from '../../model/index.ts';
import { type ArtifactContents, type EnvironmentContents, environmentOfPlan } from '../../sbom/index.ts';
import { buildVariables } from '../sandbox/build-script.ts';
import type { Store } from '../store/index.ts';
import type { DebLimits } from './deb-members.ts';
import { fileBytes } from './file-bytes.ts';
import { readDeb } from './read-deb.ts';

/** The environment and the build of a plan, as an SBOM tells them; with a record of the same plan what it found, too. */
export function environmentOfRebuild(plan: RebuildPlan, record?: RebuildRecord): EnvironmentContents {
  return environmentOfPlan(plan, buildVariables(plan), record);
}

/** The plan of a recorded rebuild. Throws PLAN_INVALID for one that ended before it had a plan. */
export async function planOf(record: RebuildRecord, store: Store): Promise<RebuildPlan> {
  const plan = (await store.stages(record.id)).find(({ stage }) => stage === 'plan')?.value as RebuildPlan | undefined;
  if (plan !== undefined && planDigest(plan) === record.planDigest) return plan;
  const why = plan === undefined ? `it ended before there was a plan (${record.verdict.kind})` : 'its plan is another';
  throw new ReproofError('PLAN_INVALID', `telling the environment of rebuild ${record.id}: ${why}`);
}

/** One file of a rebuild: which, of which side, and where its bytes lie by their digest. */
export type WantedArtifact = {
  readonly name: string;
  readonly side: 'published' | 'rebuilt';
  /** A path of the bytes of that digest; undefined where they are not kept. */
  readonly locate: (sha256: Sha256) => Promise<string | undefined>;
  readonly limits: DebLimits;
  readonly signal: AbortSignal;
  /** Told as bytes are read: how many so far, of how many. */
  readonly onProgress?: (done: number, all: number) => void;
};

/**
 * What a rebuild's file holds, published or rebuilt. Its bytes are checked against the record's digest. Throws
 * RESOURCE_UNKNOWN for a name that the record does not have on that side, FETCH_NOT_FOUND where its bytes are not kept
 * any more, BLOB_CORRUPT for other bytes, and as `readDeb`.
 */
export async function artifactOfRebuild(record: RebuildRecord, wanted: WantedArtifact): Promise<ArtifactContents> {
  const { name, side } = wanted;
  const artifact = record.artifacts.find((one) => one.name === name);
  const published = artifact === undefined || artifact.kind === 'extra' ? undefined : artifact.published;
  const rebuilt = artifact === undefined || artifact.kind === 'missing' ? undefined : artifact.rebuilt;
  const file = side === 'published' ? published : rebuilt;
  const doing = `reading the ${side} ${JSON.stringify(name.slice(0, 200))} of rebuild ${record.id}`;
  if (file === undefined)
    throw new ReproofError(
      'RESOURCE_UNKNOWN',
      `${doing}: there is none; reproof artifacts ${record.id} lists what there is`,
    );
  return readStoredDeb(file, {
    ...wanted,
    doing,
    gone: `reproof replay ${record.id} brings them again`,
    ...(record.target === undefined ? {} : { suite: record.target.suite }),
  });
}

/** How a kept package is read. `doing` and `gone` are for messages: what is done, and what helps where it is not kept. */
export type StoredReading = Pick<WantedArtifact, 'locate' | 'limits' | 'signal' | 'onProgress'> & {
  readonly doing: string;
  readonly gone: string;
  readonly suite?: string;
};

/** What a package holds whose bytes lie under their digest. Throws FETCH_NOT_FOUND, BLOB_CORRUPT, and as `readDeb`. */
export async function readStoredDeb(
  file: FileDigest,
  { locate, limits, signal, onProgress, doing, gone, suite }: StoredReading,
): Promise<ArtifactContents> {
  const path = await locate(file.sha256);
  if (path === undefined)
    throw new ReproofError('FETCH_NOT_FOUND', `${doing}: its bytes are not kept any more; ${gone}`);
  const bytes = fileBytes(path, file.size, onProgress);
  const contents = await readDeb(bytes, { name: file.name, limits, signal }, suite);
  if (contents.file.sha256 !== file.sha256)
    throw new ReproofError('BLOB_CORRUPT', `${doing}: its bytes are not those that it is named by`);
  return contents;
}
