/** Our signature's name in the headers Signature-Input and Signature. */
export const LABEL = 'reproof';
/** What a request of a worker has to be signed over; anything more or less is refused. */
export const COVERED = ['@method', '@path', '@query', 'content-digest'] as const;
/** Keeps a signature made for another purpose by the same key from being taken for one of ours. */
export const TAG = 'reproof-worker';

export type SignatureParameters = {
  /** Seconds since 1970. */
  readonly created: number;
  readonly nonce: string;
  readonly keyId: string;
};

/** Parameters as they are signed, and what they say. */
export type SignatureInput = SignatureParameters & {
  readonly covered: readonly (typeof COVERED)[number][];
  readonly text: string;
};

const LONGEST = 1024;
const OUTER = new RegExp(`^${LABEL}=(\\(([^()]*)\\)((?:;[a-z]+=(?:[0-9]+|"[^"\\\\]*"))*))$`);
const PARAMETER = /;([a-z]+)=(?:([0-9]+)|"([^"\\]*)")/g;
/** 16 random bytes or more, in base64 or base64url. */
const NONCE = /^[A-Za-z0-9+/_=-]{22,64}$/;

/** The parameters of our signatures in the spelling we sign. */
export function writeParameters({ created, nonce, keyId }: SignatureParameters): string {
  const covered = COVERED.map((name) => `"${name}"`).join(' ');
  return `(${covered});created=${created};nonce="${nonce}";alg="ed25519";keyid="${keyId}";tag="${TAG}"`;
}

/**
 * Reads a Signature-Input of exactly one signature, ours; components and parameters in any order, each once, none that
 * we do not know (RFC 9421, 2.3 and 4.1). Undefined for any other.
 */
export function readSignatureInput(header: string): SignatureInput | undefined {
  const [, text, list, rest] = (header.length <= LONGEST && OUTER.exec(header)) || [];
  if (text === undefined || list === undefined || rest === undefined) return undefined;
  const covered = list.split(' ').map((item) => COVERED.find((name) => item === `"${name}"`));
  if (covered.length !== COVERED.length || COVERED.some((name) => !covered.includes(name))) return undefined;
  const parameters = readParameters(rest);
  return parameters === undefined
    ? undefined
    : { ...parameters, text, covered: covered.filter((name) => name !== undefined) };
}

function readParameters(text: string): SignatureParameters | undefined {
  const found = new Map<string, string | number>();
  for (const [, name = '', number, string] of text.matchAll(PARAMETER)) {
    if (found.has(name)) return undefined;
    found.set(name, number === undefined ? (string ?? '') : Number(number));
  }
  const [created, nonce, keyId] = [found.get('created'), found.get('nonce'), found.get('keyid')];
  if (found.get('tag') !== TAG || (found.get('alg') ?? 'ed25519') !== 'ed25519') return undefined;
  if (found.size !== (found.has('alg') ? 5 : 4)) return undefined;
  if (typeof created !== 'number' || !Number.isSafeInteger(created)) return undefined;
  if (typeof nonce !== 'string' || !NONCE.test(nonce) || typeof keyId !== 'string') return undefined;
  return { created, nonce, keyId };
}
