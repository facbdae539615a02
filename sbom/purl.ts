import { PackageURL } from 'packageurl-js';
import { debianPurl, ReproofError } from '../model/index.ts';
import type { PackageIdentity } from './types.ts';

/** What a purl of ours says beside that name and version. Throws FORMAT_MALFORMED for one that says something else. */
export function fitsPurl(
  purl: string,
  { name, version }: { readonly name: string; readonly version: string | undefined },
): PackageIdentity {
  const { arch, distro } = qualifiersOf(purl);
  const identity: PackageIdentity = {
    name,
    ...(version === undefined ? {} : { version }),
    ...(arch === undefined ? {} : { architecture: arch }),
    ...(distro === undefined ? {} : { suite: distro }),
  };
  if (name !== '' && debianPurl(identity) === purl) return identity;
  throw new ReproofError('FORMAT_MALFORMED', 'reading an SBOM: a purl is not that of the package it stands with');
}

function qualifiersOf(purl: string): { readonly arch?: string | undefined; readonly distro?: string | undefined } {
  try {
    return PackageURL.fromString(purl.slice(0, 4096)).qualifiers ?? {};
  } catch (cause) {
    throw new ReproofError('FORMAT_MALFORMED', 'reading an SBOM: what stands for a purl is none', { cause });
  }
}
