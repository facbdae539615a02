export { contentDigest, readContentDigest } from './content-digest.ts';
export { keyIdOf, publicKeyOf } from './keys.ts';
export { type Freshness, type SignedParts, signRequest } from './sign-request.ts';
export { CLOCK_SECONDS, type ReceivedRequest, type Signed, type Unsigned, verifyRequest } from './verify-request.ts';
