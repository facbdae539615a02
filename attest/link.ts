import { createHash, verify } from 'node:crypto';
import { canonicalLinkBytes, type JsonValue } from './canonical-link.ts';
import { publicKeyObject } from './link-public-key.ts';

/** Digests of one file: hex, by algorithm. */
export type LinkDigests = { readonly sha256: string; readonly sha512?: string };

/** in-toto's link: a step, what it was made from and what came out. */
export type Link = {
  readonly _type: 'link';
  readonly name: string;
  readonly materials: Readonly<Record<string, LinkDigests>>;
  readonly products: Readonly<Record<string, LinkDigests>>;
  readonly environment: JsonValue;
  readonly byproducts: JsonValue;
  readonly command: JsonValue;
};

/** A link with its signatures: 64 bytes of Ed25519 in hex, each by the key of its id. */
export type SignedLink = {
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  readonly signed: Link;
};

/** Signs bytes as the holder of a key. */
export interface LinkSigner {
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

/** The statement that a rebuild gave a file with these digests. */
export function rebuildLink(
  fileName: string,
  product: LinkDigests,
  materials: Readonly<Record<string, LinkDigests>> = {},
): Link {
  return {
    _type: 'link',
    name: `rebuild ${fileName}`,
    materials,
    products: { [fileName]: product },
    environment: null,
    byproducts: {},
    command: [],
  };
}

/** The bytes that signatures of a link are over. */
export function signedBytes(link: Link): Uint8Array {
  return canonicalLinkBytes(link as unknown as JsonValue);
}

/** A link signed by one key. */
export function signLink(link: Link, signer: LinkSigner): SignedLink {
  return countersign({ signatures: [], signed: link }, signer);
}

/** The same link with one more signature; unchanged where that key's is there already. */
export function countersign(link: SignedLink, signer: LinkSigner): SignedLink {
  if (isSignedBy(link, signer.publicKey)) return link;
  const sig = Buffer.from(signer.sign(signedBytes(link.signed))).toString('hex');
  return { ...link, signatures: [...link.signatures, { keyid: keyId(signer.publicKey), sig }] };
}

/** Whether a link carries a signature of this key (32 raw bytes) that is right. */
export function isSignedBy(link: SignedLink, publicKey: Uint8Array): boolean {
  const keyid = keyId(publicKey);
  const bytes = signedBytes(link.signed);
  return link.signatures.some(
    (signature) =>
      signature.keyid === keyid && verify(null, bytes, publicKeyObject(publicKey), Buffer.from(signature.sig, 'hex')),
  );
}

/** What a key is called in signatures: a digest of it and of how it signs. */
export function keyId(publicKey: Uint8Array): string {
  const key = {
    keyid_hash_algorithms: ['sha256', 'sha512'],
    keytype: 'ed25519',
    keyval: { public: Buffer.from(publicKey).toString('hex') },
    scheme: 'ed25519',
  };
  return createHash('sha256').update(canonicalLinkBytes(key)).digest('hex');
}
