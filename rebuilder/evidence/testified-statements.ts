import { type ReportedBuild, reportedProvenance, type WorkerCheck } from '../../attest/index.ts';
import { isReproofError } from '../../model/index.ts';
import { environmentOfRebuild, readStoredDeb } from '../inventory/index.ts';
import type { Worker } from '../store/access/types.ts';
import type { BlobStore, ListedFile } from '../store/index.ts';
import type { Result, StoredArtifact } from '../store/results/types.ts';
import type { Testimony } from '../worker-protocol/index.ts';
import { provenanceName } from './name-statements.ts';
import { hasSbom, SBOM_LIMITS } from './sbom-statements.ts';
import type { NamedStatement } from './types.ts';
import { type Sboms, writeSboms } from './write-sboms.ts';

/** A result that a testimony stands beside, and what this server knows of it itself. */
export type TestifiedResult = {
  /** Whose statements they will be. */
  readonly owner: string;
  readonly result: Result;
  readonly worker: Pick<Worker, 'key'>;
  readonly artifacts: readonly StoredArtifact[];
  readonly listed: readonly ListedFile[];
  /** The published files that something is stated of, by the lists here. */
  readonly compared: readonly { readonly name: string; readonly sha256: string }[];
  readonly blobs: BlobStore;
  /** This product's version. */
  readonly version: string;
};

/** A file that came, whose bytes are here. */
type HeldFile = {
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
  readonly artifact: StoredArtifact;
};

/**
 * What is stated beside the comparisons of a result where its worker said how it built: provenance of the files whose bytes
 * are here (none where it says more than a statement holds), the SBOM of the environment as the worker's word, and SBOMs of
 * the files, which are read here.
 */
export async function testifiedStatements(testimony: Testimony, of: TestifiedResult): Promise<Sboms> {
  const { owner, result, worker, version } = of;
  const { plan, rootfs, verified, engine, reproof } = testimony;
  const files = await heldFiles(of);
  const build: ReportedBuild = {
    ...{ id: owner, startedOn: result.startedAt, finishedOn: result.builtAt },
    ...{ plan, rootfs, verified, reproof, files },
    ...(engine === undefined ? {} : { engine }),
    worker: { key: worker.key, checked: checksOf(testimony, of) },
    byproducts: await byproductsOf(of),
  };
  let provenance: ReturnType<typeof reportedProvenance>;
  try {
    provenance = reportedProvenance(build);
  } catch (error) {
    if (!isReproofError(error, 'EVIDENCE_LIMIT', 'EVIDENCE_MALFORMED')) throw error;
    return { statements: [], failures: [`${owner} has no provenance: ${error.message}`] };
  }
  if (provenance === undefined) return { statements: [], failures: [] };
  const named: NamedStatement = { name: provenanceName(plan.target), statement: provenance };
  const sboms = await writeSboms({
    version,
    target: plan.target,
    environment: () => environmentOfTestimony(testimony, worker),
    subjects: of.compared,
    files: files
      .filter((file) => ['identical', 'differs'].includes(file.artifact.verdict) && hasSbom(file))
      .map(({ name, sha256, size, artifact }) => ({
        ...{ name: artifact.verdict === 'identical' ? name : `${name}.rebuilt`, subject: { name, sha256 } },
        read: () =>
          readStoredDeb(
            { name, sha256, size },
            {
              locate: of.blobs.path,
              limits: SBOM_LIMITS,
              signal: new AbortController().signal,
              doing: `reading ${name} of ${owner}`,
              gone: 'a rule let them go',
              suite: plan.target.suite,
            },
          ),
      })),
  });
  return { statements: [named, ...sboms.statements], failures: sboms.failures };
}

async function heldFiles({ artifacts, blobs }: TestifiedResult): Promise<readonly HeldFile[]> {
  const held: HeldFile[] = [];
  for (const artifact of artifacts) {
    const { fileName: name, rebuilt } = artifact;
    if (rebuilt !== undefined && (await blobs.path(rebuilt.sha256)) !== undefined)
      held.push({ name, ...rebuilt, artifact });
  }
  return held;
}

function checksOf({ plan }: Testimony, { result, listed }: TestifiedResult): readonly WorkerCheck[] {
  const digests = new Map(listed.map(({ fileName, sha256 }) => [fileName, sha256]));
  const isListed = plan.expected.length > 0 && plan.expected.every(({ name, sha256 }) => digests.get(name) === sha256);
  // That the rest is the job's was looked at when the testimony came.
  const isTarget = plan.target.suite === result.release;
  return ['rebuilt-files', ...(isListed ? ['published-files' as const] : []), ...(isTarget ? ['target' as const] : [])];
}

async function byproductsOf({ result, blobs }: TestifiedResult): Promise<ReportedBuild['byproducts']> {
  const { record, log } = result;
  const given = [
    { name: 'record.json', mediaType: 'application/json', sha256: record },
    { name: 'build.log.zst', mediaType: 'application/zstd', sha256: log?.sha256 },
  ];
  const here = await Promise.all(
    given.map(async ({ sha256, ...rest }) =>
      sha256 === undefined || (await blobs.path(sha256)) === undefined ? [] : [{ ...rest, digest: { sha256 } }],
    ),
  );
  return here.flat();
}

function environmentOfTestimony({ plan, rootfs }: Testimony, { key }: Pick<Worker, 'key'>) {
  const { basis, ...rest } = environmentOfRebuild(plan);
  return {
    ...rest,
    basis: basis.kind === 'plan' ? { ...basis, rootfsDigest: rootfs } : basis,
    toldBy: `worker ${key}`,
  };
}
