import type { Sha256 } from '../../../model/index.ts';
import { fileStatus, readingOf } from '../../queue/reading.ts';
import type { ListedFile } from '../../store/packages/types.ts';
import type { Status } from '../../store/page.ts';
import type { ResultArtifact } from '../../store/results/types.ts';
import type { ReportedArtifact, ReportedResult } from '../../worker-protocol/index.ts';

/** A worker's files as this server sees them, or why they cannot be what the build left. */
export type JudgedFiles =
  | { readonly kind: 'judged'; readonly artifacts: readonly ResultArtifact[] }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Holds what a worker reports against what is listed. A file is identical where the rebuilt digest is the listed one, and
 * for no other reason; where none is listed, the one that the worker found published stands for it. `here`: the blobs
 * that this server has, whose digests it computed itself.
 */
export function judgeReported(
  files: readonly ListedFile[],
  reported: ReportedResult,
  here: ReadonlySet<Sha256>,
): JudgedFiles {
  const listed = new Map(files.map((file) => [file.fileName, file]));
  const seen = new Set<string>();
  const artifacts: ResultArtifact[] = [];
  for (const artifact of reported.artifacts) {
    const name = JSON.stringify(artifact.fileName);
    if (seen.has(artifact.fileName)) return refused(`it has the file ${name} twice`);
    seen.add(artifact.fileName);
    const file = listed.get(artifact.fileName);
    if ((file === undefined) !== (artifact.verdict === 'extra'))
      return refused(
        file === undefined
          ? `the file ${name} is not one of the job's`
          : `the file ${name} is the job's, and no extra one`,
      );
    const verdict = verdictOf(file, artifact);
    // A worker may know less than its digests say: of other published bytes than the listed ones it says nothing.
    if (verdict !== artifact.verdict && artifact.verdict !== 'unknown')
      return refused(`it says ${artifact.verdict} of the file ${name}, and by its digests that is ${verdict}`);
    artifacts.push(judgedArtifact(file, artifact, { here, whole: readingOf(reported).status }));
  }
  return contradiction(files, reported, artifacts) ?? { kind: 'judged', artifacts };
}

function refused(why: string): JudgedFiles {
  return { kind: 'refused', why };
}

function verdictOf(
  file: ListedFile | undefined,
  { rebuilt, published }: ReportedArtifact,
): ReportedArtifact['verdict'] {
  if (file === undefined) return rebuilt === undefined || published !== undefined ? 'unknown' : 'extra';
  if (rebuilt === undefined) return 'missing';
  const expected = file.sha256 ?? published?.sha256;
  if (expected === undefined) return 'unknown';
  return rebuilt.sha256 === expected ? 'identical' : 'differs';
}

function judgedArtifact(
  file: ListedFile | undefined,
  artifact: ReportedArtifact,
  { here, whole }: { readonly here: ReadonlySet<Sha256>; readonly whole: Status },
): ResultArtifact {
  const { verdict, rebuilt, published } = artifact;
  const sha256 = file?.sha256 ?? published?.sha256;
  const size = file?.size ?? published?.size;
  return {
    ...(file === undefined ? named(artifact) : named(file)),
    fileName: artifact.fileName,
    verdict,
    status: fileStatus(verdict, whole),
    ...(sha256 === undefined || size === undefined ? {} : { published: { sha256, size } }),
    ...(rebuilt === undefined ? {} : { rebuilt }),
    ...(artifact.difference === undefined ? {} : { difference: artifact.difference }),
    ...(artifact.report === undefined ? {} : { report: artifact.report }),
    checkedHere: file?.sha256 !== undefined && rebuilt?.sha256 === file.sha256 && here.has(rebuilt.sha256),
  };
}

function named({ name, version, architecture }: Pick<ReportedArtifact, 'name' | 'version' | 'architecture'>) {
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(architecture === undefined ? {} : { architecture }),
  };
}

function contradiction(
  files: readonly ListedFile[],
  { verdict }: ReportedResult,
  artifacts: readonly ResultArtifact[],
): JudgedFiles | undefined {
  const identical = new Set(artifacts.filter((item) => item.verdict === 'identical').map((item) => item.fileName));
  const other = files.find((file) => !identical.has(file.fileName));
  const different = artifacts.some((item) => item.verdict === 'differs' || item.verdict === 'missing');
  if (verdict === 'reproducible' && (files.length === 0 || other !== undefined))
    return refused(
      `it says reproducible, and ${JSON.stringify(other?.fileName ?? 'nothing')} did not come out as published`,
    );
  if (verdict === 'unreproducible' && !different)
    return refused('it says unreproducible, and no file differs from what was published');
  return undefined;
}
