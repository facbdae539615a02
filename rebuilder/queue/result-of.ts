import {
  type ArtifactVerdict,
  isReproofError,
  type ReasonKind,
  type RebuildRecord,
  type Sha256,
  type Verdict,
} from '../../model/index.ts';
import type { BuildInput, ListedFile } from '../store/packages/types.ts';
import type { Status } from '../store/page.ts';
import type { ResultArtifact, ResultEntry } from '../store/results/types.ts';
import { fileStatus, readingOf } from './reading.ts';

/** What of a result is not in its record: blobs, and whether this server compared the files itself. */
export type Attached = {
  readonly log?: NonNullable<ResultEntry['log']>;
  readonly record?: Sha256;
  /** By the name of an artifact's file. */
  readonly differences?: ReadonlyMap<string, { readonly difference: Sha256; readonly report: Sha256 }>;
  /** Kinds of reasons in those. */
  readonly causes?: readonly ReasonKind[];
  readonly checkedHere: boolean;
};

type Projection = Pick<ResultEntry, 'status' | 'verdict' | 'reason' | 'detail' | 'decides'>;

/** Of a result about files that are not the listed ones any more. */
const OTHER_FILES = 'published files changed';

/**
 * A rebuild's record as the result of a build input, by the table of docs/service.md. Pure. Only what the record says of
 * the very bytes that are listed counts: where the archive has another file of the same name, nothing is known.
 */
export function resultOf(record: RebuildRecord, input: BuildInput, attached: Attached): ResultEntry {
  const projected = project(record.verdict);
  const artifacts = artifactsOf(record, input, { attached, whole: projected.status });
  const judged = fitting(projected, artifacts);
  const [attempt] = record.attempts;
  const times = timesOf(record);
  return {
    origin: 'ours',
    rebuildId: record.id,
    ...times,
    ...judged,
    ...neededBy(record),
    ...(attached.log === undefined ? {} : { log: attached.log }),
    ...(attached.record === undefined ? {} : { record: attached.record }),
    ...(attempt === undefined ? {} : { wallSeconds: attempt.wallSeconds }),
    artifacts: judged.status === 'FAIL' ? [] : artifacts,
    ...(judged.status === 'FAIL' || attached.causes === undefined ? {} : { causes: attached.causes }),
  };
}

/** What a build that threw is recorded as: our failure, which says nothing of the package. */
export function failedResult(
  error: unknown,
  { startedAt, builtAt }: { readonly startedAt: string; readonly builtAt: string },
): ResultEntry {
  const code = isReproofError(error) ? error.code : 'INTERNAL';
  const gone = code === 'TARGET_UNKNOWN' || code === 'FETCH_NOT_FOUND' || code === 'CACHE_MISSING';
  const message = error instanceof Error ? error.message : String(error);
  return {
    origin: 'ours',
    startedAt,
    builtAt,
    status: 'FAIL',
    verdict: 'inconclusive',
    reason: gone ? 'source unavailable' : 'infrastructure',
    detail: `${code}: ${message}`,
    decides: false,
    artifacts: [],
  };
}

function project(verdict: Verdict): Projection {
  const reason = 'reason' in verdict ? { reason: verdict.reason } : {};
  const { kind, detail } = verdict;
  return { verdict: kind, detail, ...reason, ...readingOf({ verdict: kind, ...reason }) };
}

/** Takes a word back that is about other bytes than those that are listed. */
function fitting(projected: Projection, artifacts: readonly ResultArtifact[]): Projection {
  if (!projected.decides || projected.verdict === 'failed-to-build') return projected;
  const listed = artifacts.filter(({ verdict }) => verdict !== 'extra');
  const unknown = listed.filter(({ verdict }) => verdict === 'unknown');
  const enough =
    projected.status === 'GOOD'
      ? unknown.length === 0 && listed.length > 0
      : listed.some(({ verdict }) => verdict === 'differs' || verdict === 'missing');
  if (enough) return projected;
  const names = unknown.slice(0, 5).map(({ fileName }) => fileName);
  return {
    status: 'UNKWN',
    verdict: 'inconclusive',
    reason: OTHER_FILES,
    detail: `the archive has other files than those that are listed: ${names.join(', ')}; ${projected.detail}`,
    decides: false,
  };
}

function artifactsOf(
  record: RebuildRecord,
  input: BuildInput,
  { attached, whole }: { readonly attached: Attached; readonly whole: Status },
): readonly ResultArtifact[] {
  const judged = new Map(record.artifacts.map((artifact) => [artifact.name, artifact]));
  const listed = input.files.map((file) =>
    record.verdict.kind === 'failed-to-build'
      ? notBuilt(file)
      : listedArtifact(file, judged.get(file.fileName), { attached, whole }),
  );
  const names = new Set(input.files.map(({ fileName }) => fileName));
  const extra = record.artifacts
    .filter((artifact) => artifact.kind === 'extra' && !names.has(artifact.name))
    .map((artifact): ResultArtifact => {
      const rebuilt = 'rebuilt' in artifact ? { rebuilt: sized(artifact.rebuilt) } : {};
      return { ...nameParts(artifact.name), ...rebuilt, verdict: 'extra', status: 'UNKWN', checkedHere: false };
    });
  return [...listed, ...extra];
}

function listedArtifact(
  file: ListedFile,
  judged: ArtifactVerdict | undefined,
  { attached, whole }: { readonly attached: Attached; readonly whole: Status },
): ResultArtifact {
  const base = { ...ofFile(file), ...publishedAs(file) };
  const other = judged === undefined || judged.kind === 'extra' || !isListed(file, judged.published);
  if (other) return { ...base, verdict: 'unknown', status: 'UNKWN', checkedHere: false };
  const published = { published: sized(judged.published) };
  if (judged.kind === 'identical')
    return {
      ...base,
      ...published,
      rebuilt: sized(judged.rebuilt),
      verdict: 'identical',
      status: 'GOOD',
      checkedHere: attached.checkedHere,
    };
  return {
    ...base,
    ...published,
    ...(judged.kind === 'differs' ? { rebuilt: sized(judged.rebuilt) } : {}),
    ...attached.differences?.get(file.fileName),
    verdict: judged.kind,
    status: fileStatus(judged.kind, whole),
    checkedHere: false,
  };
}

/** A build that failed made none of its files. */
function notBuilt(file: ListedFile): ResultArtifact {
  return { ...ofFile(file), ...publishedAs(file), verdict: 'missing', status: 'BAD', checkedHere: false };
}

function ofFile({ name, version, architecture, fileName }: ListedFile) {
  return { name, version, architecture, fileName };
}

function publishedAs({ sha256, size }: ListedFile): Pick<ResultArtifact, 'published'> {
  return sha256 === undefined || size === undefined ? {} : { published: { sha256, size } };
}

function isListed(file: ListedFile, published: { readonly sha256: Sha256; readonly size: number }): boolean {
  return (
    (file.sha256 === undefined || file.sha256 === published.sha256) &&
    (file.size === undefined || file.size === published.size)
  );
}

function sized({ sha256, size }: { readonly sha256: Sha256; readonly size: number }) {
  return { sha256, size };
}

/** NAME_VERSION_ARCHITECTURE.deb, as dpkg-name(1) has it; a file of another form is known by its name alone. */
function nameParts(fileName: string) {
  const match = /^([a-z0-9][a-z0-9+.-]*)_([A-Za-z0-9.+~-]+)_([a-z0-9-]+)\.(?:u|d)?deb$/.exec(fileName);
  if (match === null) return { name: fileName, fileName };
  return { name: match[1] as string, version: match[2] as string, architecture: match[3] as string, fileName };
}

/** From the beginning of the first stage to the end of the last. */
function timesOf(record: RebuildRecord): { readonly startedAt: string; readonly builtAt: string } {
  const starts = record.stages.map(({ startedAt }) => Date.parse(startedAt));
  const ends = record.stages.map(({ startedAt, wallSeconds }) => Date.parse(startedAt) + wallSeconds * 1000);
  return {
    startedAt: new Date(Math.min(...starts)).toISOString(),
    builtAt: new Date(Math.max(...ends)).toISOString(),
  };
}

/** The status of the build's own end; and, of a build that a limit stopped, that it needs more than the limit. */
function neededBy(record: RebuildRecord): Pick<ResultEntry, 'exitStatus' | 'memoryBytes' | 'diskBytes'> {
  const outcome = record.attempts[0]?.outcome;
  switch (outcome?.kind) {
    case 'built':
      return { exitStatus: 0 };
    case 'failed':
      return { exitStatus: outcome.exitStatus };
    case 'exceeded':
      if (outcome.limit === 'memory') return { memoryBytes: outcome.value + 1 };
      return outcome.limit === 'disk' ? { diskBytes: outcome.value + 1 } : {};
    default:
      return {};
  }
}
