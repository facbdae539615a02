import { ReproofError } from '../../../model/index.ts';
import { keyId, type SignedLink, signedBytes } from '../../link.ts';
import { isSignatureOf } from '../../public-key.ts';
import { readSignedLink } from '../../read-link.ts';
import { parseStrictJson } from '../../strict-json.ts';
import type { Signatory } from '../open-bundle.ts';

const LIMITS = { bytes: 4 * 1024 ** 2, depth: 32 };
const RAW_KEY_BYTES = 32;

/**
 * Reads a link as rebuilderd signs it. Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED.
 */
export function readLink(bytes: Uint8Array): SignedLink {
  const doing = 'reading an in-toto link';
  parseStrictJson(bytes, doing, LIMITS);
  const link = readSignedLink(Buffer.from(bytes).toString('utf8'));
  if (link === undefined) throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: it is not as rebuilderd makes links`);
  const ids = link.signatures.map(({ keyid }) => keyid);
  if (new Set(ids).size < ids.length)
    throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: a key is named twice in its signatures`);
  return link;
}

/**
 * Who of these signed a link: each whose key it names with a signature that is right.
 * Throws EVIDENCE_SIGNATURE_INVALID for one that is wrong, EVIDENCE_KEY_ID for one that names another key.
 */
export function openLink(link: SignedLink, known: readonly Signatory[]): readonly Signatory[] {
  const message = signedBytes(link.signed);
  return known.filter(({ key: { key } }) => {
    const id = keyId(key.publicKey.subarray(-RAW_KEY_BYTES));
    const isRight = (sig: string): boolean => isSignatureOf(key, message, Buffer.from(sig, 'hex'));
    const named = link.signatures.find(({ keyid }) => keyid === id);
    if (named !== undefined && !isRight(named.sig))
      throw new ReproofError('EVIDENCE_SIGNATURE_INVALID', `opening a link: the signature of ${id} is not over it`);
    if (named === undefined && link.signatures.some(({ sig }) => isRight(sig)))
      throw new ReproofError('EVIDENCE_KEY_ID', 'opening a link: it names another key than the one that signed it');
    return named !== undefined;
  });
}
