import { isSha256, type Sha256 } from '../../../model/index.ts';
import { isArchitecture } from './fields.ts';
import { blocks, malformed, type SearchedFile } from './index-search.ts';
import { isArchivePath, isIndexedVersion, isPackageName, readSourceField } from './package-entry.ts';
import { type FIELDS, type FieldValues, paragraphFields } from './package-fields.ts';

/** A binary package as an index lists it, with no more than says what it is, where it is, and what it was built from. */
export type PackageLine = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly sourceVersion: string;
  readonly maintainer: string | undefined;
  /** Under the archive's root. */
  readonly path: string;
  readonly size: number;
  readonly sha256: Sha256;
};

export type PackageListLimits = { readonly fields: number; readonly paragraphs: number };

/** Far above any archive's: an index of Debian has 80,000 paragraphs of 25 fields. */
export const PACKAGE_LIST_LIMITS: PackageListLimits = { fields: 200, paragraphs: 2_000_000 };

const SIZE = /^(0|[1-9][0-9]{0,14})$/;
const MAX_MAINTAINER = 1000;

/**
 * All binary packages of an index, in pieces, at some hundred megabytes a second: each paragraph is checked, and only what
 * `wants` by its source's name becomes an entry. Memory is one block of 6 MiB. Throws INDEX_MALFORMED.
 */
export async function* listPackages(
  index: SearchedFile,
  wants: (source: string) => boolean,
  limits: PackageListLimits = PACKAGE_LIST_LIMITS,
): AsyncGenerator<readonly PackageLine[]> {
  let paragraphs = 0;
  for await (const block of blocks(index)) {
    const refuse = (why: string): never => {
      throw malformed(index, why);
    };
    const lines: PackageLine[] = [];
    for (const values of paragraphFields(block, limits.fields, refuse)) {
      paragraphs += 1;
      if (paragraphs > limits.paragraphs) throw malformed(index, `more than ${limits.paragraphs} paragraphs`);
      const line = readLine(values, wants, (field) => {
        const name = (values[0] ?? 'without a name').slice(0, 100);
        throw malformed(index, `${field} of package ${JSON.stringify(name)} is missing or malformed`);
      });
      if (line !== undefined) lines.push(line);
    }
    yield lines;
  }
}

function readLine(
  values: FieldValues,
  wants: (source: string) => boolean,
  refuse: (field: (typeof FIELDS)[number]) => never,
): PackageLine | undefined {
  const [name, from, version, maintainer, architecture, path, size, sha256] = values;
  if (name === undefined || !isPackageName(name)) return refuse('Package');
  if (version === undefined || !isIndexedVersion(version)) return refuse('Version');
  const source = from === undefined ? { name } : readSourceField(from);
  if (source === undefined || !isIndexedVersion(source.version ?? version)) return refuse('Source');
  if (architecture === undefined || !isArchitecture(architecture)) return refuse('Architecture');
  if (path === undefined || !isArchivePath(path)) return refuse('Filename');
  if (size === undefined || !SIZE.test(size)) return refuse('Size');
  if (sha256 === undefined || !isSha256(sha256)) return refuse('SHA256');
  if (maintainer !== undefined && maintainer.length > MAX_MAINTAINER) return refuse('Maintainer');
  if (!wants(source.name)) return undefined;
  return {
    name,
    version,
    architecture,
    source: source.name,
    sourceVersion: source.version ?? version,
    maintainer: maintainer === '' ? undefined : maintainer,
    path,
    size: Number(size),
    sha256,
  };
}
