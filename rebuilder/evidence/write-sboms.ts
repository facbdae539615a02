import { type SbomDocument, sbomStatement } from '../../attest/index.ts';
import { canonicalJson, type FileDigest, isReproofError, type Target } from '../../model/index.ts';
import {
  type ArtifactContents,
  artifactSbom,
  type EnvironmentContents,
  environmentSbom,
  type SbomFormat,
} from '../../sbom/index.ts';
import type { NamedStatement } from './types.ts';

/** Formats that are signed: what most tools read. `reproof sbom` writes the others. */
const FORMATS = [
  ['cyclonedx', 'cyclonedx-1.6'],
  ['spdx', 'spdx-2.3'],
] as const satisfies readonly (readonly [SbomDocument['kind'], SbomFormat])[];

const DOCUMENT_CHARACTERS = 8 * 1024 * 1024;
/** What is no news: such files are common, or were let go by a rule. */
const EXPECTED = ['ARCHIVE_LIMIT', 'ARCHIVE_MALFORMED', 'FETCH_NOT_FOUND', 'PROGRAM_LIMIT'] as const;

type SbomSubject = Pick<FileDigest, 'name' | 'sha256'>;

/** What SBOMs are written of. `files`: what is in each; nothing where its bytes are not to be had. */
export type SbomSources = {
  /** This product's version. */
  readonly version: string;
  readonly target: Target;
  readonly environment: () => EnvironmentContents;
  /** The published files that the environment's SBOM is about. */
  readonly subjects: readonly SbomSubject[];
  readonly files: readonly {
    /** What its statements are called. */
    readonly name: string;
    readonly subject: SbomSubject;
    readonly read: () => Promise<ArtifactContents | undefined>;
  }[];
};

/** The SBOMs of a rebuild, and why any is missing that should be there. */
export type Sboms = { readonly statements: readonly NamedStatement[]; readonly failures: readonly string[] };

/**
 * Statements of the SBOMs of an environment and of files. A package that cannot be read, or whose document is too large,
 * has none; whatever else fails is told and holds nothing back: no other evidence is to wait for an SBOM.
 */
export async function writeSboms({ version, target, environment, subjects, files }: SbomSources): Promise<Sboms> {
  const maker = { version };
  const statements: NamedStatement[] = [];
  const failures: string[] = [];
  const keep = (name: string, about: readonly SbomSubject[], write: (format: SbomFormat) => object): void => {
    const documents = FORMATS.map(([kind, format]) => ({ kind, document: write(format) }));
    // A statement is to be downloaded and read whole.
    if (documents.some(({ document }) => canonicalJson(document).length > DOCUMENT_CHARACTERS)) return;
    for (const one of documents) statements.push({ name: `${name}.${one.kind}`, statement: sbomStatement(about, one) });
  };
  const telling = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isReproofError(error, ...EXPECTED)) failures.push(`${name} has no SBOM: ${(error as Error).message}`);
    }
  };
  const whole = `${target.source}_${target.version.replace(/^\d+:/, '')}_${target.architecture}.environment`;
  await telling(whole, async () => {
    const contents = environment();
    keep(whole, subjects, (format) => environmentSbom(contents, format, maker));
  });
  for (const { name, subject, read } of files)
    await telling(name, async () => {
      const contents = await read();
      if (contents !== undefined) keep(name, [subject], (format) => artifactSbom(contents, format, maker));
    });
  return { statements, failures };
}
