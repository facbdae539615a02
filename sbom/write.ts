import { cycloneDxArtifact } from './cyclonedx/artifact.ts';
import { cycloneDxEnvironment } from './cyclonedx/environment.ts';
import { spdxArtifact } from './spdx/artifact.ts';
import { spdxEnvironment } from './spdx/environment.ts';
import type { ArtifactContents, EnvironmentContents, SbomDocument, SbomFormat, SbomMaker } from './types.ts';

/** The SBOM of one binary package's file: the package, what it depends on, its files by digest, its licences. */
export function artifactSbom(artifact: ArtifactContents, format: SbomFormat, maker: SbomMaker): SbomDocument {
  switch (format) {
    case 'cyclonedx-1.6':
      return cycloneDxArtifact(artifact, '1.6', maker);
    case 'cyclonedx-1.7':
      return cycloneDxArtifact(artifact, '1.7', maker);
    case 'spdx-2.3':
      return spdxArtifact(artifact, maker);
    default:
      return format satisfies never;
  }
}

/** The SBOM of a build environment: every package, the root file system, variables, commands, and what a rebuild found. */
export function environmentSbom(environment: EnvironmentContents, format: SbomFormat, maker: SbomMaker): SbomDocument {
  switch (format) {
    case 'cyclonedx-1.6':
      return cycloneDxEnvironment(environment, '1.6', maker);
    case 'cyclonedx-1.7':
      return cycloneDxEnvironment(environment, '1.7', maker);
    case 'spdx-2.3':
      return spdxEnvironment(environment, maker);
    default:
      return format satisfies never;
  }
}
