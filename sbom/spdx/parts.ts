import type { Json, Sha256 } from '../../model/index.ts';
import { documentUuid, isoTime, spdxId } from '../identifiers.ts';
import { byText, sortedBy } from '../order.ts';
import type { SbomDocument, SbomMaker } from '../types.ts';

/** SPDX's word for what is not said. */
export const NO_ASSERTION = 'NOASSERTION';
const DOCUMENT = 'SPDXRef-DOCUMENT';

export type SpdxRelation = {
  readonly from: string;
  readonly type:
    | 'BUILD_DEPENDENCY_OF'
    | 'BUILD_TOOL_OF'
    | 'CONTAINS'
    | 'DEPENDS_ON'
    | 'GENERATED_FROM'
    | 'OPTIONAL_DEPENDENCY_OF';
  readonly to: string;
  readonly comment?: string;
};

/** A package's element without files: what is not told is NOASSERTION. `key` tells packages apart. */
export function spdxPackage(item: {
  readonly key: string;
  readonly name: string;
  readonly version?: string;
  readonly sha256?: Sha256;
  readonly purl?: string;
  readonly fileName?: string;
  readonly purpose?: 'FILE' | 'OPERATING-SYSTEM' | 'SOURCE';
}): SbomDocument {
  const { key, name, version, sha256, purl, fileName, purpose } = item;
  return {
    SPDXID: spdxId('Package', key),
    name,
    ...(version === undefined ? {} : { versionInfo: version }),
    ...(fileName === undefined ? {} : { packageFileName: fileName }),
    ...(purpose === undefined ? {} : { primaryPackagePurpose: purpose }),
    downloadLocation: NO_ASSERTION,
    filesAnalyzed: false,
    ...(sha256 === undefined ? {} : { checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }] }),
    licenseConcluded: NO_ASSERTION,
    licenseDeclared: NO_ASSERTION,
    copyrightText: NO_ASSERTION,
    ...(purl === undefined
      ? {}
      : {
          externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
        }),
  };
}

export type SpdxBody = {
  readonly maker: SbomMaker;
  readonly name: string;
  /** The purl of what the document describes, and its element's identifier. */
  readonly purl: string;
  readonly described: string;
  readonly time?: number;
  readonly packages: readonly SbomDocument[];
  readonly relations: readonly SpdxRelation[];
  readonly rest?: Readonly<Record<string, Json>>;
};

/**
 * A whole document; its name space is made of its contents. The time is the one given, or 1970 where nothing tells one:
 * SPDX asks for it. Source: SPDX 2.3, sections 6 and 11.
 */
export function spdxDocument(body: SpdxBody): SbomDocument {
  const relations = [
    { spdxElementId: DOCUMENT, relationshipType: 'DESCRIBES', relatedSpdxElement: body.described },
    ...sortedRelations(body.relations).map(({ from, type, to, comment }) => ({
      spdxElementId: from,
      relationshipType: type,
      relatedSpdxElement: to,
      ...(comment === undefined ? {} : { comment }),
    })),
  ];
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: body.name,
    creationInfo: {
      created: created(body.time),
      creators: [
        `Tool: reproof-${body.maker.version}`,
        ...(body.maker.operator === undefined ? [] : [`Organization: ${body.maker.operator}`]),
      ],
    },
    packages: body.packages,
    ...body.rest,
    relationships: relations,
  };
  return { ...document, documentNamespace: `https://reproof.dev/spdx/${documentUuid(body.purl, document)}` };
}

export function created(time: number | undefined): string {
  return isoTime(time) ?? '1970-01-01T00:00:00Z';
}

/** A fact that SPDX 2.3 has no field for. */
export function annotation(
  comment: string,
  context: { readonly maker: SbomMaker; readonly time?: number | undefined; readonly type?: 'OTHER' | 'REVIEW' },
): Json {
  return {
    annotationDate: created(context.time),
    annotationType: context.type ?? 'OTHER',
    annotator: `Tool: reproof-${context.maker.version}`,
    comment,
  };
}

function sortedRelations(relations: readonly SpdxRelation[]): readonly SpdxRelation[] {
  const byType = Map.groupBy(relations, ({ type }) => type);
  const types = [...byType.keys()].sort(byText);
  return types.flatMap((type) =>
    sortedBy(byType.get(type) ?? [], ({ from, to, comment = '' }) => `${from} ${to} ${comment}`),
  );
}
