import type { Json, Sha256 } from '../../model/index.ts';
import { documentUuid, isoTime } from '../identifiers.ts';
import { byText } from '../order.ts';
import type { SbomDocument, SbomMaker } from '../types.ts';

export type CycloneDxVersion = '1.6' | '1.7';

/** The beginning of every name of a property of ours. */
export const PROPERTY = 'reproof:';

/** Properties in a list, by name and value; those without a value are left out. */
export function properties(values: Readonly<Record<string, string | readonly string[] | undefined>>): {
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
} {
  const all = Object.entries(values).flatMap(([name, value]) => {
    const each = value === undefined ? [] : typeof value === 'string' ? [value] : value;
    return each.map((text) => ({ name: `${PROPERTY}${name}`, value: text }));
  });
  const sorted = all.sort((left, right) => byText(left.name, right.name) || byText(left.value, right.value));
  return sorted.length === 0 ? {} : { properties: sorted };
}

/** A component's hashes: of what was read alone. */
export function hashes(sha256: Sha256 | undefined, sha1?: string): { readonly hashes?: readonly Json[] } {
  if (sha256 === undefined) return {};
  return {
    hashes: [...(sha1 === undefined ? [] : [{ alg: 'SHA-1', content: sha1 }]), { alg: 'SHA-256', content: sha256 }],
  };
}

/** What a document is of, who made it, when; and the rest of it. */
export type CycloneDxBody = {
  readonly version: CycloneDxVersion;
  readonly maker: SbomMaker;
  /** The purl of what the document describes. */
  readonly purl: string;
  /** Seconds since 1970; absent where nothing tells it. */
  readonly time?: number;
  readonly phase: 'build' | 'post-build';
  readonly component: Json;
  readonly properties?: Readonly<Record<string, string | undefined>>;
  readonly rest: Readonly<Record<string, Json>>;
};

/** A whole document: its serial number is made of its contents. Source: CycloneDX 1.6 and 1.7, JSON schemas. */
export function cycloneDxDocument(body: CycloneDxBody): SbomDocument {
  const { version, maker, time, phase, component } = body;
  const timestamp = isoTime(time);
  const document = {
    $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json`,
    bomFormat: 'CycloneDX',
    specVersion: version,
    version: 1,
    metadata: {
      ...(timestamp === undefined ? {} : { timestamp }),
      lifecycles: [{ phase }],
      tools: { components: [{ type: 'application', name: 'reproof', version: maker.version }] },
      component,
      ...properties(body.properties ?? {}),
    },
    ...body.rest,
  };
  return { ...document, serialNumber: `urn:uuid:${documentUuid(body.purl, document)}` };
}
