import type { Paragraph } from '../../../formats/index.ts';
import { isSha256, ReproofError, type Sha256 } from '../../../model/index.ts';

/** A binary package as a Packages index lists it. Relations are on one line, as written; empty when there are none. */
export type PackageEntry = {
  readonly package: string;
  /** Epoch and +bN included. */
  readonly version: string;
  readonly architecture: string;
  /** The source it was built from, and that source's version: the package's own unless Source says otherwise. */
  readonly source: string;
  readonly sourceVersion: string;
  /** Under the archive's root: plain, relative, without dot folders. An address's part, never a path of this machine. */
  readonly filename: string;
  readonly size: number;
  readonly sha256: Sha256;
  readonly essential: boolean;
  /** required, important, standard, optional or extra; undefined when not said. */
  readonly priority: string | undefined;
  readonly multiArch: string | undefined;
  readonly preDepends: string;
  readonly depends: string;
  readonly provides: string;
  readonly conflicts: string;
  readonly breaks: string;
};

const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const VERSION = /^(?:[0-9]{1,9}:)?[0-9A-Za-z][0-9A-Za-z.+~:-]*$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const SOURCE = /^(\S+)(?: \(([^()\s]+)\))?$/;
const SIZE = /^(0|[1-9][0-9]{0,14})$/;
const PATH_PART = /^[A-Za-z0-9+~_-][A-Za-z0-9.+~:_-]*$/;
const MAX_NAME_LENGTH = 255;

/** True for what may be the name of a source or binary package. Source: Debian Policy 5.6.7. */
export function isPackageName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && PACKAGE_NAME.test(text);
}

/** The name and the version of a Source field that has both or only the name; undefined where it is neither. */
export function readSourceField(text: string): { readonly name: string; readonly version?: string } | undefined {
  const [, name = '', version] = SOURCE.exec(text) ?? [];
  if (!isPackageName(name)) return undefined;
  return version === undefined ? { name } : { name, version };
}

/** True for a path under an archive's root without anything that climbs, hides, or means something in an address. */
export function isArchivePath(text: string): boolean {
  return text.length <= 4096 && text.split('/').every((part) => PATH_PART.test(part));
}

/**
 * Reads a paragraph of a Packages index. Throws INDEX_MALFORMED when a field that is needed is missing or is not what
 * it must be. Source: https://wiki.debian.org/DebianRepository/Format, deb-control(5).
 */
export function readPackageEntry(paragraph: Paragraph): PackageEntry {
  const malformed = (field: string): ReproofError => {
    const name = (paragraph.get('Package') ?? 'without a name').slice(0, 100);
    return new ReproofError(
      'INDEX_MALFORMED',
      `reading the entry of package ${name}: ${field} is missing or malformed`,
      {
        context: { line: paragraph.line, field },
      },
    );
  };
  const need = (field: string, isGood: (value: string) => boolean): string => {
    const value = paragraph.get(field);
    if (value === undefined || !isGood(value)) throw malformed(field);
    return value;
  };
  const name = need('Package', isPackageName);
  const version = need('Version', isIndexedVersion);
  const { name: source, version: sourceVersion = version } = readSourceField(paragraph.get('Source') ?? name) ?? {};
  if (source === undefined || !isIndexedVersion(sourceVersion)) throw malformed('Source');
  return {
    package: name,
    version,
    architecture: need('Architecture', (value) => ARCHITECTURE.test(value)),
    source,
    sourceVersion,
    filename: need('Filename', isArchivePath),
    size: Number(need('Size', (value) => SIZE.test(value))),
    sha256: need('SHA256', isSha256),
    essential: paragraph.get('Essential')?.toLowerCase() === 'yes',
    priority: paragraph.get('Priority'),
    multiArch: paragraph.get('Multi-Arch'),
    preDepends: paragraph.get('Pre-Depends') ?? '',
    depends: paragraph.get('Depends') ?? '',
    provides: paragraph.get('Provides') ?? '',
    conflicts: paragraph.get('Conflicts') ?? '',
    breaks: paragraph.get('Breaks') ?? '',
  };
}

/** True for what an index may give as a version. */
export function isIndexedVersion(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && VERSION.test(text);
}
