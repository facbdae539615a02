import { reportedComparisons, type SeenFile } from '../../attest/index.ts';
import type { Verdict } from '../../model/index.ts';
import type { Worker } from '../store/access/types.ts';
import type { BlobStore, ListedFile, ServiceStore } from '../store/index.ts';
import type { Result, StoredArtifact } from '../store/results/types.ts';
import { testimonyOf } from '../testimonies.ts';
import { testifiedStatements } from './testified-statements.ts';
import type { EvidenceKeeper } from './types.ts';

/** What a service's results are attested with. `version` is this product's. */
export type ResultsContext = {
  readonly store: Pick<ServiceStore, 'results' | 'packages' | 'access'>;
  readonly blobs: BlobStore;
  readonly evidence: EvidenceKeeper;
  readonly version: string;
  /** Told which provenance or SBOM there is none of, and why. */
  readonly onMissing?: (text: string) => void;
};

/**
 * Whose statements speak of a result: those of its record, where this process built it; its own, where a worker of ours
 * on another machine did. Undefined for all others: nothing is stated of what nobody here saw.
 */
export function ownerOfResult(result: Result, worker: Pick<Worker, 'kind'> | undefined): string | undefined {
  if (result.origin !== 'ours') return undefined;
  if (worker?.kind === 'local') return result.rebuildId;
  return worker?.kind === 'reproof' ? `result-${result.id}` : undefined;
}

/**
 * States and publishes of a remote worker's result what this server has seen itself: files whose rebuilt bytes it holds
 * and whose published digest its own lists have. Builds that failed and files that are missing are the worker's word, and
 * not signed. Where the worker said how it built, provenance and SBOMs say that it did. Gives how many statements there are. Throws KEY_*, LOG_*, STORE_*; it may be done again then.
 */
export async function attestResult(id: number, context: ResultsContext): Promise<number> {
  const { store, evidence } = context;
  const result = await store.results.result(id);
  if (result?.workerId === undefined) return 0;
  const worker = await store.access.worker(result.workerId);
  if (worker?.kind !== 'reproof') return 0;
  const owner = ownerOfResult(result, worker);
  if (owner === undefined) return 0;
  const artifacts = await store.results.artifacts(id);
  const listed = (await store.packages.buildInput(result.buildInputId))?.files ?? [];
  const statements = reportedComparisons({
    id: owner,
    startedOn: result.startedAt,
    finishedOn: result.builtAt,
    source: {
      name: result.source,
      version: result.version,
      ...(result.release === undefined ? {} : { suite: result.release }),
    },
    verdict: {
      kind: result.verdict as Verdict['kind'],
      ...(result.reason === undefined ? {} : { reason: result.reason }),
      detail: result.detail ?? '',
    },
    files: await seenFiles(result, artifacts, { listed, blobs: context.blobs }),
    reproof: context.version,
  });
  if (statements.length === 0) return 0;
  const testimony = await testimonyOf(id, context);
  const compared = statements.flatMap(({ subject }) =>
    subject.map(({ name, digest }) => ({ name, sha256: digest.sha256 })),
  );
  const testified =
    testimony === undefined
      ? { statements: [], failures: [] }
      : await testifiedStatements(testimony, { owner, result, worker, artifacts, listed, compared, ...context });
  for (const failure of testified.failures) context.onMissing?.(failure);
  await evidence.keep(owner, [
    ...statements.map((statement) => ({ name: `${statement.subject[0]?.name}.comparison`, statement })),
    ...testified.statements,
  ]);
  return (await evidence.publish(owner)).entries.length;
}

async function seenFiles(
  result: Result,
  artifacts: readonly StoredArtifact[],
  { listed, blobs }: { readonly listed: readonly ListedFile[]; readonly blobs: BlobStore },
): Promise<readonly SeenFile[]> {
  const digests = new Map(listed.map((file) => [file.fileName, file.sha256]));
  const seen: SeenFile[] = [];
  for (const { name, version, architecture, fileName, published, rebuilt, checkedHere } of artifacts) {
    if (published === undefined || rebuilt === undefined) continue;
    const isListed = checkedHere || digests.get(fileName) === published.sha256;
    if (!isListed || (await blobs.path(rebuilt.sha256)) === undefined) continue;
    const rest = { version: version ?? result.version, architecture: architecture ?? result.architecture };
    seen.push({ name: fileName, package: name, ...rest, published, rebuilt: { sha256: rebuilt.sha256 } });
  }
  return seen;
}
