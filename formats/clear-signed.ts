/** A text signed in the clear: what is signed, without its escaping, and the armored signature after it. */
export type ClearSigned = { readonly hashes: string; readonly signed: string; readonly signature: string };

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----\n';
const SIGNATURE = '\n-----BEGIN PGP SIGNATURE-----\n';

/**
 * Takes a clear-signed message apart; undefined where the text is none, or where something stands before it. What
 * stands after the signature stays with it. It verifies nothing. Source: RFC 9580 section 7.
 */
export function splitClearSigned(text: string): ClearSigned | undefined {
  if (!text.startsWith(BEGIN)) return undefined;
  const empty = text.indexOf('\n\n', BEGIN.length - 1);
  const end = empty < 0 ? -1 : text.indexOf(SIGNATURE, empty + 1);
  if (end < 0) return undefined;
  return {
    hashes: text.slice(BEGIN.length, empty + 1),
    signed: `${text.slice(empty + 2, Math.max(empty + 2, end)).replace(/^- /gm, '')}\n`,
    signature: text.slice(end + 1),
  };
}
