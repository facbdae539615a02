export {
  countersign,
  isSignedBy,
  keyId,
  type Link,
  type LinkDigests,
  type LinkSigner,
  rebuildLink,
  type SignedLink,
  signedBytes,
  signLink,
} from './link.ts';
export { LINK_KEY_FILE, openLinkKey, readLinkKey, writeLinkKey } from './link-key.ts';
export { publicKeyPem, readPublicKeyPem } from './link-public-key.ts';
export { hasProduct, readSignedLink } from './read-link.ts';
