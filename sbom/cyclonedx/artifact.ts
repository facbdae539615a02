import { debianPurl, type Json } from '../../model/index.ts';
import { type Dependency, dependenciesOf } from '../contents/dependencies.ts';
import { licenceExpression } from '../contents/licences.ts';
import { distinctFiles } from '../contents/payload.ts';
import type { ArtifactContents, PayloadFile, SbomDocument, SbomMaker } from '../types.ts';
import { type CycloneDxVersion, cycloneDxDocument, hashes, properties } from './parts.ts';

/**
 * An artifact as CycloneDX: the package is metadata.component, with each payload file as a component of it; what its
 * control file names are the components beside it, and `dependencies` says that it depends on them.
 */
export function cycloneDxArtifact(
  artifact: ArtifactContents,
  version: CycloneDxVersion,
  maker: SbomMaker,
): SbomDocument {
  const purl = debianPurl(artifact.package);
  const dependencies = dependenciesOf(artifact);
  const licences = licenceExpression(artifact.licences ?? []);
  const component: Json = {
    type: 'application',
    'bom-ref': purl,
    name: artifact.package.name,
    version: artifact.package.version,
    purl,
    ...hashes(artifact.file.sha256),
    ...(licences === undefined ? {} : { licenses: [{ expression: licences.expression, acknowledgement: 'declared' }] }),
    components: distinctFiles(artifact.files).map(({ file, occurrence }) => fileComponent(file, purl, occurrence)),
    ...properties({
      file: artifact.file.name,
      size: String(artifact.file.size),
      source: debianPurl({ ...artifact.source, architecture: 'source' }),
      licence: licences?.references.map(({ id, name }) => `${id}: ${name}`),
    }),
  };
  return cycloneDxDocument({
    version,
    maker,
    purl,
    ...(artifact.builtAt === undefined ? {} : { time: artifact.builtAt }),
    phase: 'post-build',
    component,
    properties: { sbom: 'artifact' },
    rest: {
      components: dependencies.map(dependencyComponent),
      dependencies: [
        { ref: purl, dependsOn: dependencies.filter(({ use }) => use !== 'built in').map((item) => item.purl) },
        ...dependencies.map((item) => ({ ref: item.purl })),
      ],
    },
  });
}

function fileComponent(file: PayloadFile, purl: string, occurrence: number): Json {
  // A path begins with a slash: what counts stands before it and cannot be part of one.
  const again = occurrence === 1 ? '' : occurrence;
  const named = { type: 'file', 'bom-ref': `${purl}#${again}${file.path}`, name: file.path };
  if (file.kind === 'symlink') return { ...named, ...properties({ 'symlink-target': file.target }) };
  return { ...named, ...hashes(file.sha256, file.sha1) };
}

function dependencyComponent({ name, version, purl, use, relations }: Dependency): Json {
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    ...(version === undefined ? {} : { version }),
    purl,
    ...(use === 'built in' ? {} : { scope: use }),
    ...properties({ relation: relations }),
  };
}
