import { comparisonStatements, type RebuildFacts, type SbomDocument, sbomStatement } from '../../attest/index.ts';
import { canonicalJson, isReproofError, type Sha256 } from '../../model/index.ts';
import { artifactSbom, environmentSbom, type SbomFormat } from '../../sbom/index.ts';
import { artifactOfRebuild, DEB_LIMITS, environmentOfRebuild } from '../inventory/index.ts';
import type { NamedStatement } from './types.ts';

/** Formats that are signed: what most tools read. `reproof sbom` writes the others. */
const FORMATS = [
  ['cyclonedx', 'cyclonedx-1.6'],
  ['spdx', 'spdx-2.3'],
] as const satisfies readonly (readonly [SbomDocument['kind'], SbomFormat])[];

/** Of a larger file or a longer document nothing is signed: a statement is to be downloaded and read whole. */
const FILE_BYTES = 64 * 1024 * 1024;
const DOCUMENT_CHARACTERS = 8 * 1024 * 1024;
/** What is no news: such files are common, or were let go by a rule. */
const EXPECTED = ['ARCHIVE_LIMIT', 'ARCHIVE_MALFORMED', 'FETCH_NOT_FOUND', 'PROGRAM_LIMIT'] as const;
const LIMITS = { ...DEB_LIMITS, unpackedBytes: 2 * 1024 ** 3, members: 50_000, wallSeconds: 300 };

/** Where rebuilt files lie by their digest; undefined for one that is not kept. */
export type LocateFile = (sha256: Sha256) => Promise<string | undefined>;

type WriteSbom = () => Promise<readonly SbomDocument[]>;

/** The SBOMs of a rebuild, and why any is missing that should be there. */
export type Sboms = { readonly statements: readonly NamedStatement[]; readonly failures: readonly string[] };

/**
 * The SBOMs of a rebuild as statements about the published files: of the environment, and of each file whose published
 * bytes are kept, which are those that came out as published. A package that cannot be read, or is too large, has none;
 * whatever else fails is told and holds nothing back: no other evidence is to wait for an SBOM.
 */
export async function sbomStatements(facts: RebuildFacts, locate: LocateFile): Promise<Sboms> {
  const { record, plan } = facts;
  const subjects = comparisonStatements(facts).flatMap(({ subject }) => subject);
  if (plan === undefined || subjects.length === 0) return { statements: [], failures: [] };
  const maker = { version: record.reproof };
  const { source, version, architecture } = plan.target;
  const environment = `${source}_${version.replace(/^\d+:/, '')}_${architecture}.environment`;
  const statements: NamedStatement[] = [];
  const failures: string[] = [];
  const attempt = async (name: string, about: typeof subjects, write: WriteSbom): Promise<void> => {
    try {
      const documents = await write();
      if (documents.some(({ document }) => canonicalJson(document).length > DOCUMENT_CHARACTERS)) return;
      const files = about.map((file) => ({ name: file.name, sha256: file.digest.sha256 }));
      for (const one of documents)
        statements.push({ name: `${name}.${one.kind}`, statement: sbomStatement(files, one) });
    } catch (error) {
      if (!isReproofError(error, ...EXPECTED)) failures.push(`${name} has no SBOM: ${(error as Error).message}`);
    }
  };
  await attempt(environment, subjects, async () => {
    const contents = environmentOfRebuild(plan, record);
    return FORMATS.map(([kind, format]) => ({ kind, document: environmentSbom(contents, format, maker) }));
  });
  for (const subject of subjects)
    await attempt(subject.name, [subject], async () => {
      const contents = await readPublished(facts, subject.name, locate);
      if (contents === undefined) return [];
      return FORMATS.map(([kind, format]) => ({ kind, document: artifactSbom(contents, format, maker) }));
    });
  return { statements, failures };
}

/** What a file holds whose bytes as published are kept. */
async function readPublished({ record }: RebuildFacts, name: string, locate: LocateFile) {
  const artifact = record.artifacts.find((one) => one.name === name);
  if (artifact === undefined || artifact.kind === 'extra' || !/\.u?deb$/.test(name)) return undefined;
  if (artifact.published.size > FILE_BYTES) return undefined;
  const { signal } = new AbortController();
  return artifactOfRebuild(record, { name, side: 'published', locate, limits: LIMITS, signal });
}
