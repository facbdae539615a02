import { z } from 'zod';
import type { SignedLink } from './link.ts';

const digests = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sha512: z
    .string()
    .regex(/^[0-9a-f]{128}$/)
    .optional(),
});
const files = z.record(z.string().max(1_000), digests).refine((record) => Object.keys(record).length <= 1_000);
const schema = z.strictObject({
  signatures: z
    .array(z.strictObject({ keyid: z.string().regex(/^[0-9a-f]{64}$/), sig: z.string().regex(/^[0-9a-f]{128}$/) }))
    .max(100),
  signed: z.strictObject({
    _type: z.literal('link'),
    name: z.string().max(1_000),
    materials: files,
    products: files,
    environment: z.json(),
    byproducts: z.json(),
    command: z.json(),
  }),
});

/** A signed link in JSON, or undefined where the text is none. Whether signatures are right is another question. */
export function readSignedLink(text: string): SignedLink | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = schema.safeParse(value);
  return read.success ? (read.data as SignedLink) : undefined;
}

/** Whether a link says that a file with this SHA-256 came out, under any name. */
export function hasProduct(link: SignedLink, sha256: string): boolean {
  return Object.values(link.signed.products).some((product) => product.sha256 === sha256);
}
