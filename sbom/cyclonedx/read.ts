import { z } from 'zod';
import { fitsPurl } from '../purl.ts';
import { checked, foreign, relationItem } from '../reading.ts';
import type { Inventory, InventoryItem } from '../types.ts';
import { PROPERTY } from './parts.ts';

const text = z.string();
const hash = z.discriminatedUnion('alg', [
  z.strictObject({ alg: z.literal('SHA-1'), content: text.regex(/^[0-9a-f]{40}$/) }),
  z.strictObject({ alg: z.literal('SHA-256'), content: text.regex(/^[0-9a-f]{64}$/) }),
]);
const propertyList = z.array(z.strictObject({ name: text, value: text }));
const component = z.strictObject({
  type: z.enum(['application', 'file', 'library', 'operating-system']),
  'bom-ref': text,
  name: text,
  version: text.optional(),
  purl: text.optional(),
  scope: z.enum(['required', 'optional']).optional(),
  hashes: z.array(hash).optional(),
  licenses: z.array(z.strictObject({ expression: text, acknowledgement: z.literal('declared') })).optional(),
  properties: propertyList.optional(),
});
type Component = z.infer<typeof component>;
const document = z.strictObject({
  $schema: z.enum([
    'http://cyclonedx.org/schema/bom-1.6.schema.json',
    'http://cyclonedx.org/schema/bom-1.7.schema.json',
  ]),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.enum(['1.6', '1.7']),
  serialNumber: text,
  version: z.literal(1),
  metadata: z.strictObject({
    timestamp: text.optional(),
    lifecycles: z.unknown(),
    tools: z.unknown(),
    component: component.extend({ components: z.array(component) }),
    properties: propertyList,
  }),
  components: z.array(component),
  dependencies: z.unknown(),
  formulation: z
    .array(z.strictObject({ 'bom-ref': text, components: z.array(component), workflows: z.unknown() }))
    .length(1)
    .optional(),
  definitions: z.unknown().optional(),
  declarations: z.unknown().optional(),
});

/** What a CycloneDX document of ours lists. Throws FORMAT_MALFORMED for any other. */
export function readCycloneDx(value: unknown): Inventory {
  const { metadata, components, formulation } = checked(document, value, 'CycloneDX');
  const facts = { properties: metadata.properties };
  const subject = metadata.component;
  const kind = property(facts, 'sbom');
  if (kind === 'artifact')
    return {
      kind,
      name: property(subject, 'file') ?? subject.name,
      items: [packageItem(subject), ...components.flatMap(dependencyItems), ...subject.components.map(fileItem)],
    };
  if (kind !== 'environment' || formulation?.[0] === undefined)
    throw foreign('CycloneDX', 'it does not say what it is of');
  return {
    kind,
    name: [subject.name, subject.version, property(facts, 'architecture')].filter((word) => word).join(' '),
    items: formulation[0].components.filter(({ type }) => type === 'library').map(packageItem),
  };
}

function packageItem({ name, version, purl = '', hashes = [] }: Component): InventoryItem {
  const { architecture } = fitsPurl(purl, { name, version });
  const sha256 = hashes.find(({ alg }) => alg === 'SHA-256')?.content;
  return {
    kind: 'package',
    name,
    ...(version === undefined ? {} : { version }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

function dependencyItems({ name, properties = [] }: Component): readonly InventoryItem[] {
  const relations = properties.filter((each) => each.name === `${PROPERTY}relation`);
  return relations.map(({ value }) => relationItem(name, value, 'CycloneDX'));
}

function fileItem({ type, name, hashes = [], ...rest }: Component): InventoryItem {
  const sha256 = hashes.find(({ alg }) => alg === 'SHA-256')?.content;
  const target = property(rest, 'symlink-target');
  if (type !== 'file' || (sha256 === undefined) === (target === undefined))
    throw foreign('CycloneDX', 'a file of it has neither a digest nor a target');
  return sha256 === undefined
    ? { kind: 'file', name, ...(target === undefined ? {} : { version: target }) }
    : { kind: 'file', name, sha256 };
}

function property({ properties = [] }: Pick<Component, 'properties'>, name: string): string | undefined {
  return properties.find((each) => each.name === `${PROPERTY}${name}`)?.value;
}
