export { BUNDLE_TYPE, type Bundle, type BundleLogEntry, bundleOf, keyHint } from './bundle.ts';
export {
  checkEnvelope,
  ENVELOPE_LIMITS,
  type Envelope,
  type EnvelopeLimits,
  type OpenedEnvelope,
  openEnvelope,
  preAuthEncoding,
  readEnvelope,
  signEnvelope,
} from './dsse.ts';
export * from './keys/index.ts';
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
export {
  isSignatureOf,
  type KeyAlgorithm,
  type PublicKey,
  publicKeyOf,
  publicKeyText,
  readPublicKey,
  readPublicKeyText,
} from './public-key.ts';
export { hasProduct, readSignedLink } from './read-link.ts';
export { keySigner, type Signer } from './signer.ts';
export * from './statement/index.ts';
export { decodeBase64, type JsonLimits, parseStrictJson } from './strict-json.ts';
export * from './tlog/index.ts';
