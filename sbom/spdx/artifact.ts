import { debianPurl } from '../../model/index.ts';
import { type Dependency, dependenciesOf } from '../contents/dependencies.ts';
import { licenceExpression } from '../contents/licences.ts';
import { type DistinctFile, distinctFiles, verificationCode } from '../contents/payload.ts';
import { spdxId } from '../identifiers.ts';
import type { ArtifactContents, PayloadFile, SbomDocument, SbomMaker } from '../types.ts';
import { NO_ASSERTION, type SpdxRelation, spdxDocument, spdxPackage } from './parts.ts';

type RegularFile = Extract<PayloadFile, { readonly kind: 'file' }>;
type ListedFile = DistinctFile & { readonly file: RegularFile };

/**
 * An artifact as SPDX 2.3: its package with the verification code of its files, what it depends on, and the source it
 * is made from. Symbolic links have no bytes and are left out.
 */
export function spdxArtifact(artifact: ArtifactContents, maker: SbomMaker): SbomDocument {
  const { name, version, architecture } = artifact.package;
  const purl = debianPurl(artifact.package);
  const described = spdxId('Package', purl);
  const dependencies = dependenciesOf(artifact);
  const files = distinctFiles(artifact.files).filter((one): one is ListedFile => one.file.kind === 'file');
  const licences = licenceExpression(artifact.licences ?? []);
  const sourcePurl = debianPurl({ ...artifact.source, architecture: 'source' });
  const main = {
    ...spdxPackage({ key: purl, name, version, sha256: artifact.file.sha256, purl, fileName: artifact.file.name }),
    filesAnalyzed: true,
    packageVerificationCode: { packageVerificationCodeValue: verificationCode(artifact.files) },
    licenseDeclared: licences?.expression ?? NO_ASSERTION,
  };
  // Built-Using may name the package's own source.
  const others = new Map([
    ...dependencies.map((item): readonly [string, SbomDocument] => [
      item.purl,
      spdxPackage({ key: item.purl, ...item }),
    ]),
    [sourcePurl, spdxPackage({ key: sourcePurl, ...artifact.source, purl: sourcePurl })] as const,
  ]);
  return spdxDocument({
    maker,
    name: `${name}_${version}_${architecture}`,
    purl,
    described,
    ...(artifact.builtAt === undefined ? {} : { time: artifact.builtAt }),
    packages: [main, ...[...others].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, item]) => item)],
    relations: [
      ...dependencies.flatMap((item) => relationsTo(item, described)),
      { from: described, type: 'GENERATED_FROM', to: spdxId('Package', sourcePurl) },
      ...files.map((one): SpdxRelation => ({ from: described, type: 'CONTAINS', to: fileId(one) })),
    ],
    rest: {
      files: files.map(fileElement),
      ...(licences === undefined || licences.references.length === 0
        ? {}
        : {
            hasExtractedLicensingInfos: licences.references.map(({ id, name: called }) => ({
              licenseId: id,
              name: called,
              extractedText: `The package's copyright file calls this licence ${JSON.stringify(called)}.`,
            })),
          }),
    },
  });
}

function relationsTo({ purl, use, relations }: Dependency, described: string): readonly SpdxRelation[] {
  const other = spdxId('Package', purl);
  return relations.map((comment): SpdxRelation => {
    if (use === 'built in') return { from: described, type: 'GENERATED_FROM', to: other, comment };
    return use === 'required'
      ? { from: described, type: 'DEPENDS_ON', to: other, comment }
      : { from: other, type: 'OPTIONAL_DEPENDENCY_OF', to: described, comment };
  });
}

function fileId({ file, occurrence }: DistinctFile): string {
  return spdxId('File', occurrence === 1 ? file.path : `${occurrence}${file.path}`);
}

/** Paths are relative to the package's root (SPDX 2.3 section 8.1). */
function fileElement(one: ListedFile): SbomDocument {
  return {
    SPDXID: fileId(one),
    fileName: `.${one.file.path}`,
    checksums: [
      { algorithm: 'SHA1', checksumValue: one.file.sha1 },
      { algorithm: 'SHA256', checksumValue: one.file.sha256 },
    ],
    licenseConcluded: NO_ASSERTION,
    licenseInfoInFiles: [NO_ASSERTION],
    copyrightText: NO_ASSERTION,
  };
}
