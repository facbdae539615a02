import { comparisonStatements, type RebuildFacts } from '../../attest/index.ts';
import type { ArtifactVerdict, Sha256 } from '../../model/index.ts';
import type { ArtifactContents } from '../../sbom/index.ts';
import { artifactOfRebuild, DEB_LIMITS, environmentOfRebuild } from '../inventory/index.ts';
import { type Sboms, writeSboms } from './write-sboms.ts';

/** Of a larger file nothing is signed: a statement is to be downloaded and read whole. */
export const SBOM_FILE_BYTES = 64 * 1024 * 1024;
export const SBOM_LIMITS = { ...DEB_LIMITS, unpackedBytes: 2 * 1024 ** 3, members: 50_000, wallSeconds: 300 };

/** Where rebuilt files lie by their digest; undefined for one that is not kept. */
export type LocateFile = (sha256: Sha256) => Promise<string | undefined>;

/**
 * The SBOMs of a rebuild as statements: of the environment, and of each file, about the published one where its bytes are
 * kept, which are those that came out as published, and about the rebuilt one where that is another.
 */
export async function sbomStatements(facts: RebuildFacts, locate: LocateFile): Promise<Sboms> {
  const { record, plan } = facts;
  const subjects = comparisonStatements(facts).flatMap(({ subject }) =>
    subject.map(({ name, digest }) => ({ name, sha256: digest.sha256 })),
  );
  if (plan === undefined || subjects.length === 0) return { statements: [], failures: [] };
  return writeSboms({
    version: record.reproof,
    target: plan.target,
    environment: () => environmentOfRebuild(plan, record),
    subjects,
    files: [
      ...subjects.map((subject) => ({
        name: subject.name,
        subject,
        read: () => readSide(facts, { name: subject.name, side: 'published', locate }),
      })),
      ...differing(record.artifacts, subjects).map((subject) => ({
        name: `${subject.name}.rebuilt`,
        subject,
        read: () => readSide(facts, { name: subject.name, side: 'rebuilt', locate }),
      })),
    ],
  });
}

/** Whether a file is a package small enough for its SBOM to be signed. */
export function hasSbom({ name, size }: { readonly name: string; readonly size: number }): boolean {
  return /\.u?deb$/.test(name) && size <= SBOM_FILE_BYTES;
}

/** The rebuilt files that are others than published ones which something is stated of. */
function differing(artifacts: readonly ArtifactVerdict[], subjects: readonly { readonly name: string }[]) {
  const names = new Set(subjects.map(({ name }) => name));
  return artifacts.flatMap((artifact) =>
    artifact.kind === 'differs' && names.has(artifact.name)
      ? [{ name: artifact.name, sha256: artifact.rebuilt.sha256 }]
      : [],
  );
}

/** What a file of one side holds whose bytes are kept. */
async function readSide(
  { record }: RebuildFacts,
  wanted: { readonly name: string; readonly side: 'published' | 'rebuilt'; readonly locate: LocateFile },
): Promise<ArtifactContents | undefined> {
  const artifact = record.artifacts.find((one) => one.name === wanted.name);
  if (artifact === undefined || artifact.kind === 'extra' || artifact.kind === 'missing') return undefined;
  if (!hasSbom(artifact[wanted.side])) return undefined;
  const { signal } = new AbortController();
  return artifactOfRebuild(record, { ...wanted, limits: SBOM_LIMITS, signal });
}
