import { createHmac } from 'node:crypto';

/**
 * What shows that somebody who registers a key knows the signup secret, without telling it: HMAC-SHA256 of
 * "reproof-signup:KEYID" in hexadecimal digits. Of no use for another key.
 */
export function signupProof(secret: string, keyId: string): string {
  return createHmac('sha256', secret).update(`reproof-signup:${keyId}`).digest('hex');
}
