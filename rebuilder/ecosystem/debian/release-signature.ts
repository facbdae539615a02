import { access, constants } from 'node:fs/promises';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import { type ProgramResult, runProgram } from '../../../programs/index.ts';

/** A signed text, and the fingerprints of the keys that made good signatures over it (upper-case hexadecimal, sorted). */
export type SignedText = { readonly text: Uint8Array; readonly signedBy: readonly string[] };

export type VerifyOptions = {
  /** Path of the keyring to trust, as gpgv reads it. */
  readonly keyring: string;
  /** What the document is called in messages, such as "InRelease of trixie". */
  readonly name: string;
  readonly signal: AbortSignal;
};

const GPGV_SECONDS = 60;
const FINGERPRINT = /^[0-9A-F]{40}([0-9A-F]{24})?$/;

/**
 * One block that fills the file, or nothing: gpgv passes over text around the block and joins the texts of several
 * blocks, so that a stranger's block before a good one would count as signed. Lines of a signed text that begin with a
 * hyphen are escaped with "- " (RFC 9580 7.2), hence a line of five hyphens is always a block's own.
 */
function isOneBlock(document: Buffer): boolean {
  const text = document.toString('latin1');
  const markers = text.match(/^-----.*$/gm)?.map((line) => line.trimEnd()) ?? [];
  return (
    markers.length === 3 &&
    text.startsWith('-----BEGIN PGP SIGNED MESSAGE-----') &&
    markers[1] === '-----BEGIN PGP SIGNATURE-----' &&
    /\n-----END PGP SIGNATURE-----\s*$/.test(text.slice(-200))
  );
}

type Signatures = { good: Set<string>; missing: Set<string>; refused: Set<string>; texts: number; broken: boolean };

/** What gpgv found, from its status lines: doc/DETAILS of GnuPG. */
function readStatus(status: string): Signatures {
  const found: Signatures = { good: new Set(), missing: new Set(), refused: new Set(), texts: 0, broken: false };
  let good = false;
  for (const line of status.split('\n')) {
    const [mark, keyword, ...rest] = line.split(' ');
    if (mark !== '[GNUPG:]') continue;
    const [first = ''] = rest;
    if (keyword === 'NEWSIG') good = false;
    else if (keyword === 'GOODSIG') good = true;
    else if (keyword === 'VALIDSIG' && good && FINGERPRINT.test(first)) found.good.add(first);
    else if (keyword === 'NO_PUBKEY') found.missing.add(first);
    else if (keyword === 'EXPKEYSIG') found.refused.add(`${first}, an expired key`);
    else if (keyword === 'REVKEYSIG') found.refused.add(`${first}, a revoked key`);
    else if (keyword === 'EXPSIG') found.refused.add(`${first}, whose signature expired`);
    else if (keyword === 'ERRSIG' && rest[5] !== '9') found.refused.add(`${first}, by a way gpgv does not accept`);
    else if (keyword === 'PLAINTEXT') found.texts += 1;
    else if (keyword === 'BADSIG' || keyword === 'NODATA' || keyword === 'UNEXPECTED') found.broken = true;
  }
  return found;
}

function explain(found: Signatures, keyring: string): string {
  if (found.broken) return 'the text is not the one that was signed';
  const reasons = [
    ...(found.missing.size > 0 ? [`${keyring} lacks the keys ${[...found.missing].sort().join(', ')}`] : []),
    ...[...found.refused].sort().map((reason) => `not counted: ${reason}`),
  ];
  return reasons.length === 0 ? 'it holds no signature that can be checked' : reasons.join('; ');
}

async function runGpgv(document: Uint8Array, { keyring, signal }: VerifyOptions): Promise<ProgramResult> {
  // The log goes nowhere, so that standard error holds status lines only and no text from a key can pass for one.
  const options = [
    '--status-fd',
    '2',
    '--log-file',
    '/dev/null',
    '--weak-digest',
    'SHA1',
    '--weak-digest',
    'RIPEMD160',
  ];
  try {
    return await runProgram(['gpgv', ...options, '--keyring', keyring, '--output', '-', '-'], {
      limits: { wallSeconds: GPGV_SECONDS, outputBytes: document.byteLength + 1024 },
      input: document,
      signal,
    });
  } catch (error) {
    if (!isReproofError(error, 'PROGRAM_MISSING')) throw error;
    throw new ReproofError('PROGRAM_MISSING', 'checking a signature: gpgv is not installed; apt install gpgv', {
      cause: error,
    });
  }
}

/**
 * Checks a clear-signed document and gives the text that gpgv says was signed: never any other bytes of the document.
 * At least one good signature by a key of the keyring is needed and no bad one; signatures by unknown, expired or
 * revoked keys are not counted, as apt does. Throws RELEASE_SIGNATURE_INVALID (naming keys that are missing),
 * KEYRING_MISSING, PROGRAM_MISSING. Source: gpgv(1), RFC 9580 7.
 */
export async function verifyClearSigned(document: Uint8Array, options: VerifyOptions): Promise<SignedText> {
  const { keyring, name } = options;
  const invalid = (why: string): ReproofError =>
    new ReproofError('RELEASE_SIGNATURE_INVALID', `checking the signature of ${name}: ${why}`, {
      context: { keyring },
    });
  if (!keyring.startsWith('/') || !(await isReadable(keyring))) {
    throw new ReproofError(
      'KEYRING_MISSING',
      `checking the signature of ${name}: no keyring at ${keyring}; Debian's is in the package debian-archive-keyring`,
      { context: { keyring } },
    );
  }
  if (!isOneBlock(Buffer.from(document))) throw invalid('it is not one clear-signed text and nothing else');
  const { status, stdout, stderr } = await runGpgv(document, options);
  const found = readStatus(stderr);
  if (found.broken || found.good.size === 0) throw invalid(explain(found, keyring));
  // gpgv ends with 2 when a key is missing, which alone is no failure.
  if (found.texts !== 1 || ![0, 2].includes(status)) throw invalid(`gpgv ended with status ${status}`);
  return { text: stdout, signedBy: [...found.good].sort() };
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

/** Where the package debian-archive-keyring puts the keys of all of Debian's archives. */
export const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
