import { z } from 'zod';
import { fitsPurl } from '../purl.ts';
import { checked, foreign, relationItem } from '../reading.ts';
import type { Inventory, InventoryItem } from '../types.ts';

const text = z.string();
const checksum = z.discriminatedUnion('algorithm', [
  z.strictObject({ algorithm: z.literal('SHA1'), checksumValue: text.regex(/^[0-9a-f]{40}$/) }),
  z.strictObject({ algorithm: z.literal('SHA256'), checksumValue: text.regex(/^[0-9a-f]{64}$/) }),
]);
const reference = z.strictObject({
  referenceCategory: z.literal('PACKAGE-MANAGER'),
  referenceType: z.literal('purl'),
  referenceLocator: text,
});
const note = z.strictObject({ annotationDate: text, annotationType: text, annotator: text, comment: text });
const element = z.strictObject({
  SPDXID: text,
  name: text,
  versionInfo: text.optional(),
  packageFileName: text.optional(),
  primaryPackagePurpose: text.optional(),
  downloadLocation: text,
  filesAnalyzed: z.boolean(),
  packageVerificationCode: z.strictObject({ packageVerificationCodeValue: text }).optional(),
  checksums: z.array(checksum).optional(),
  licenseConcluded: text,
  licenseDeclared: text,
  copyrightText: text,
  externalRefs: z.array(reference).length(1).optional(),
  annotations: z.array(note).optional(),
});
type Element = z.infer<typeof element>;
const document = z.strictObject({
  spdxVersion: z.literal('SPDX-2.3'),
  dataLicense: z.literal('CC0-1.0'),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: text,
  documentNamespace: text.regex(/^https:\/\/reproof\.dev\/spdx\/[0-9a-f-]{36}$/),
  creationInfo: z.strictObject({ created: text, creators: z.array(text) }),
  packages: z.array(element),
  files: z
    .array(
      z.strictObject({
        SPDXID: text,
        fileName: text.startsWith('./'),
        checksums: z.array(checksum),
        licenseConcluded: text,
        licenseInfoInFiles: z.array(text),
        copyrightText: text,
      }),
    )
    .optional(),
  hasExtractedLicensingInfos: z.unknown().optional(),
  relationships: z.array(
    z.strictObject({
      spdxElementId: text,
      relationshipType: text,
      relatedSpdxElement: text,
      comment: text.optional(),
    }),
  ),
});
type Document = z.infer<typeof document>;

/** What an SPDX 2.3 document of ours lists. Throws FORMAT_MALFORMED for any other. */
export function readSpdx(value: unknown): Inventory {
  const found = checked(document, value, 'SPDX');
  const byId = new Map(found.packages.map((item) => [item.SPDXID, item]));
  if (byId.size !== found.packages.length) throw foreign('SPDX', 'two packages of it have one identifier');
  const described = found.relationships.find(({ relationshipType }) => relationshipType === 'DESCRIBES');
  const subject = byId.get(described?.relatedSpdxElement ?? '');
  if (subject === undefined) throw foreign('SPDX', 'it does not say what it is of');
  return subject.filesAnalyzed ? artifactInventory(found, subject, byId) : environmentInventory(found, subject, byId);
}

function artifactInventory(found: Document, subject: Element, byId: ReadonlyMap<string, Element>): Inventory {
  const dependencies = found.relationships.flatMap(({ spdxElementId, relatedSpdxElement, comment }) => {
    const other = byId.get(spdxElementId === subject.SPDXID ? relatedSpdxElement : spdxElementId);
    return comment === undefined || other === undefined ? [] : [relationItem(other.name, comment, 'SPDX')];
  });
  const files = (found.files ?? []).map(({ fileName, checksums }): InventoryItem => {
    const sha256 = sha256In(checksums);
    if (sha256 === undefined) throw foreign('SPDX', 'a file of it has no SHA-256');
    return { kind: 'file', name: fileName.slice(1), sha256 };
  });
  return {
    kind: 'artifact',
    name: subject.packageFileName ?? subject.name,
    items: [packageItem(subject), ...dependencies, ...files],
    withoutSymlinks: true,
  };
}

function environmentInventory(found: Document, subject: Element, byId: ReadonlyMap<string, Element>): Inventory {
  const ids = found.relationships
    .filter(({ relationshipType }) => relationshipType === 'BUILD_DEPENDENCY_OF')
    .map(({ spdxElementId }) => spdxElementId);
  const items = [...new Set(ids)].map((id) => {
    const item = byId.get(id);
    if (item === undefined) throw foreign('SPDX', 'a relationship of it is with an unknown package');
    return packageItem(item);
  });
  const said = (subject.annotations ?? []).map(({ comment }) => /^architecture: (.+)$/.exec(comment)?.[1]);
  const architecture = said.find((word) => word !== undefined);
  return {
    kind: 'environment',
    name: [subject.name, subject.versionInfo, architecture].filter((word) => word).join(' '),
    items,
  };
}

function packageItem({ name, versionInfo: version, checksums = [], externalRefs = [] }: Element): InventoryItem {
  const { architecture } = fitsPurl(externalRefs[0]?.referenceLocator ?? '', { name, version });
  const sha256 = sha256In(checksums);
  return {
    kind: 'package',
    name,
    ...(version === undefined ? {} : { version }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

function sha256In(checksums: readonly z.infer<typeof checksum>[]): string | undefined {
  return checksums.find(({ algorithm }) => algorithm === 'SHA256')?.checksumValue;
}
