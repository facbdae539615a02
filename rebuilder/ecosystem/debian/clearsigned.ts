import { access } from 'node:fs/promises';
import { isReproofError, ReproofError, type Verification } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';

/** What a clearsigned document says, apart from its armour. `payload` is the whole text when there is no armour. */
export type Clearsigned = { readonly payload: string; readonly signed: boolean };

const BEGIN_MESSAGE = '-----BEGIN PGP SIGNED MESSAGE-----';
const BEGIN_SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END_SIGNATURE = '-----END PGP SIGNATURE-----';
const GPGV_LIMITS = { wallSeconds: 30, outputBytes: 16 * 1024 * 1024 };

/** Where Debian installs the keys of those who may upload (debian-keyring), in both spellings it has used. */
export const DEVELOPER_KEYRINGS: readonly string[] = [
  '/usr/share/keyrings/debian-keyring.gpg',
  '/usr/share/keyrings/debian-maintainers.gpg',
  '/usr/share/keyrings/debian-keyring.pgp',
  '/usr/share/keyrings/debian-maintainers.pgp',
];

/**
 * Takes a document out of its OpenPGP cleartext armour (RFC 9580 section 7), dash escapes undone. Text outside the
 * signed part was vouched for by nobody, so anything but blank lines there is refused, and so is a second armour.
 * Gives undefined where the armour is broken. Signatures are not checked here.
 */
export function readClearsigned(text: string): Clearsigned | undefined {
  const lines = text.split(/\r?\n/);
  const begin = lines.findIndex((line) => line.trim() !== '');
  if (begin < 0 || !lines[begin]?.startsWith('-----')) {
    return lines.some((line) => line.startsWith('-----BEGIN PGP')) ? undefined : { payload: text, signed: false };
  }
  if (lines[begin]?.trimEnd() !== BEGIN_MESSAGE) return undefined;
  const blank = lines.indexOf('', begin);
  const signature = lines.findIndex((line, index) => index > blank && line.trimEnd() === BEGIN_SIGNATURE);
  const end = lines.findIndex((line, index) => index > signature && line.trimEnd() === END_SIGNATURE);
  if (blank < 0 || signature < 0 || end < 0) return undefined;
  // RFC 9580 section 7: only Hash headers may stand here; others could be shown to a reader as signed text.
  if (lines.slice(begin + 1, blank).some((line) => !/^Hash: [A-Za-z0-9, -]+$/.test(line))) return undefined;
  if (lines.slice(end + 1).some((line) => line.trim() !== '')) return undefined;
  const body = lines.slice(blank + 1, signature);
  if (body.some((line) => line.startsWith('-') && !line.startsWith('- '))) return undefined;
  if (lines.slice(signature + 1, end).some((line) => line.startsWith('-----'))) return undefined;
  const payload = body.map((line) => (line.startsWith('- ') ? line.slice(2) : line)).join('\n');
  return { payload: `${payload}\n`, signed: true };
}

/** What to check a signature with. */
export type SignatureCheck = {
  /** Base name of the document, for messages. */
  readonly name: string;
  /** OpenPGP keyrings for gpgv; ones that are not there are passed over. */
  readonly keyrings: readonly string[];
  readonly signal?: AbortSignal;
};

/**
 * Checks a document's own signature with gpgv. `good` needs one good signature by a key of the keyrings; a signature
 * by an unknown or expired key, no signature, or no keyring is `unchecked` and says why: the document's digest is then
 * all there is. A signature that does not fit the text is neither: throws DSC_INVALID or BUILDINFO_INVALID by the
 * document's name. Throws INTERRUPTED.
 */
export async function checkSignature(text: string, check: SignatureCheck): Promise<Verification> {
  const unchecked = (why: string): Verification => ({
    kind: 'signature',
    name: check.name,
    result: 'unchecked',
    signedBy: [],
    why,
  });
  const document = readClearsigned(text);
  if (document === undefined) throw badSignature(check.name, 'its armour is broken');
  if (!document.signed) return unchecked('it carries no signature');
  const keyrings = await installed(check.keyrings);
  if (keyrings.length === 0) return unchecked('no keyring of developers is installed (package debian-keyring)');
  try {
    // The log goes nowhere: standard error then holds status lines only, and no text of a key can pass for one.
    const options = ['--status-fd', '2', '--log-file', '/dev/null', '--weak-digest', 'SHA1', '--output', '-'];
    const { stdout, stderr } = await runProgram(
      ['gpgv', ...options, ...keyrings.flatMap((keyring) => ['--keyring', keyring]), '--', '-'],
      { limits: GPGV_LIMITS, input: Buffer.from(text), ...(check.signal && { signal: check.signal }) },
    );
    const { signedBy, bad } = readStatus(stderr);
    if (bad) throw badSignature(check.name, 'its signature is not of this text');
    if (signedBy.length === 0) {
      return unchecked('none of its signatures is by a key of the installed keyrings that is good today');
    }
    if (!sameLines(stdout.toString('utf8'), document.payload)) {
      throw badSignature(check.name, 'the text that was signed is not the text that was read');
    }
    return { kind: 'signature', name: check.name, result: 'good', signedBy, why: 'gpgv found a good signature' };
  } catch (error) {
    if (isReproofError(error, 'PROGRAM_MISSING')) return unchecked('gpgv is not installed');
    throw error;
  }
}

/** What gpgv found, from its status lines (doc/DETAILS of GnuPG): VALIDSIG counts only where GOODSIG came before it. */
function readStatus(status: string): { readonly signedBy: readonly string[]; readonly bad: boolean } {
  const signedBy = new Set<string>();
  let [good, bad] = [false, false];
  for (const line of status.split('\n')) {
    const [mark, keyword, first = ''] = line.split(' ');
    if (mark !== '[GNUPG:]') continue;
    if (keyword === 'NEWSIG') good = false;
    else if (keyword === 'GOODSIG') good = true;
    else if (keyword === 'BADSIG') bad = true;
    else if (keyword === 'VALIDSIG' && good && /^[0-9A-F]{40,64}$/.test(first)) signedBy.add(first);
  }
  return { signedBy: [...signedBy].sort(), bad };
}

/** Cleartext signatures do not cover line ends and blanks before them (RFC 9580 section 7.2). */
function sameLines(left: string, right: string): boolean {
  const normal = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  return normal(left) === normal(right);
}

async function installed(keyrings: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    keyrings.map((keyring) =>
      access(keyring).then(
        () => [keyring],
        () => [],
      ),
    ),
  );
  return found.flat();
}

function badSignature(name: string, why: string): ReproofError {
  const code = name.endsWith('.buildinfo') ? 'BUILDINFO_INVALID' : 'DSC_INVALID';
  return new ReproofError(code, `checking the signature of ${name}: ${why}`, { context: { name } });
}
