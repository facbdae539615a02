import { isReproofError } from '../model/index.ts';
import { faultIn, type JsonSchema, strict } from './json-schema.ts';
import type { SignedLink } from './link.ts';
import { parseStrictJson } from './strict-json.ts';

/** A link names the files of one package. */
const LIMITS = { bytes: 4 * 1024 * 1024, depth: 32 };

const files: JsonSchema = {
  type: 'object',
  propertyNames: { type: 'string', maxLength: 1_000 },
  maxProperties: 1_000,
  additionalProperties: {
    type: 'object',
    properties: {
      sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      sha512: { type: 'string', pattern: '^[0-9a-f]{128}$' },
    },
    required: ['sha256'],
  },
};
const signature = strict({
  keyid: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  sig: { type: 'string', pattern: '^[0-9a-f]{128}$' },
});
const schema = strict({
  signatures: { type: 'array', items: signature, maxItems: 100 },
  signed: strict({
    _type: { const: 'link' },
    name: { type: 'string', maxLength: 1_000 },
    materials: files,
    products: files,
    environment: {},
    byproducts: {},
    command: {},
  }),
});

/** A signed link in JSON, or undefined where the text is none. Whether signatures are right is another question. */
export function readSignedLink(text: string): SignedLink | undefined {
  let value: unknown;
  try {
    value = parseStrictJson(Buffer.from(text), 'reading a link', LIMITS);
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return undefined;
  }
  return faultIn(value, schema) === undefined ? (value as SignedLink) : undefined;
}

/** Whether a link says that a file with this SHA-256 came out, under any name. */
export function hasProduct(link: SignedLink, sha256: string): boolean {
  return Object.values(link.signed.products).some((product) => product.sha256 === sha256);
}
