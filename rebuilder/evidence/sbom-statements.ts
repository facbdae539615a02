import { comparisonStatements, type RebuildFacts } from '../../attest/index.ts';
import type { Sha256 } from '../../model/index.ts';
import { artifactOfRebuild, DEB_LIMITS, environmentOfRebuild } from '../inventory/index.ts';
import { type Sboms, writeSboms } from './write-sboms.ts';

/** Of a larger file nothing is signed: a statement is to be downloaded and read whole. */
export const SBOM_FILE_BYTES = 64 * 1024 * 1024;
export const SBOM_LIMITS = { ...DEB_LIMITS, unpackedBytes: 2 * 1024 ** 3, members: 50_000, wallSeconds: 300 };

/** Where rebuilt files lie by their digest; undefined for one that is not kept. */
export type LocateFile = (sha256: Sha256) => Promise<string | undefined>;

/**
 * The SBOMs of a rebuild as statements about the published files: of the environment, and of each file whose published
 * bytes are kept, which are those that came out as published.
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
    files: subjects.map((subject) => ({
      name: subject.name,
      subject,
      read: () => readPublished(facts, subject.name, locate),
    })),
  });
}

/** Whether a file is a package small enough for its SBOM to be signed. */
export function hasSbom({ name, size }: { readonly name: string; readonly size: number }): boolean {
  return /\.u?deb$/.test(name) && size <= SBOM_FILE_BYTES;
}

/** What a file holds whose bytes as published are kept. */
async function readPublished({ record }: RebuildFacts, name: string, locate: LocateFile) {
  const artifact = record.artifacts.find((one) => one.name === name);
  if (artifact === undefined || artifact.kind === 'extra' || !hasSbom(artifact.published)) return undefined;
  const { signal } = new AbortController();
  return artifactOfRebuild(record, { name, side: 'published', locate, limits: SBOM_LIMITS, signal });
}
