import {
  type Bundle,
  type Envelope,
  openEnvelope,
  PAYLOAD_TYPE,
  type PublicKey,
  readAnyStatement,
  readEnvelope,
} from '../../attest/index.ts';
import { canonicalJson, isReproofError, ReproofError, sha256Of } from '../../model/index.ts';
import type { KeptStatement, SignedStatement } from './types.ts';

export const ENVELOPE_ENDING = '.dsse.json';
export const BUNDLE_ENDING = '.sigstore.json';

/** The statements among an owner's files, each checked by the keys that ever signed here. Throws STORE_CORRUPT. */
export function readKept(files: ReadonlyMap<string, Uint8Array>, keys: readonly PublicKey[]): readonly KeptStatement[] {
  return [...files.keys()]
    .filter((file) => file.endsWith(ENVELOPE_ENDING))
    .sort()
    .map((file) => readOne(files, file.slice(0, -ENVELOPE_ENDING.length), keys));
}

function readOne(files: ReadonlyMap<string, Uint8Array>, name: string, keys: readonly PublicKey[]): KeptStatement {
  try {
    const envelope = readEnvelope(files.get(`${name}${ENVELOPE_ENDING}`) ?? new Uint8Array());
    const { payload, signedBy } = openEnvelope(envelope, PAYLOAD_TYPE, keys);
    const bundle = bundleFor(envelope, files.get(`${name}${BUNDLE_ENDING}`));
    return {
      ...signedStatement(name, payload),
      keyid: signedBy[0]?.keyid ?? '',
      envelope,
      ...(bundle === undefined ? {} : { bundle }),
    };
  } catch (cause) {
    if (!isReproofError(cause)) throw cause;
    throw new ReproofError('STORE_CORRUPT', `reading the statement ${name}: ${cause.message}`, { cause });
  }
}

/** What is told of a statement, from the bytes that are signed. */
export function signedStatement(name: string, payload: Uint8Array): SignedStatement {
  const { predicateType, subject } = readAnyStatement(payload);
  return {
    name,
    predicateType,
    subject: subject.map((file) => ({ name: file.name ?? '', sha256: file.digest.sha256 ?? '' })),
    sha256: sha256Of(payload),
  };
}

/** The bundle that was made of this very envelope; undefined where there is none, or one of another. */
function bundleFor(envelope: Envelope, bytes: Uint8Array | undefined): Bundle | undefined {
  if (bytes === undefined) return undefined;
  try {
    const bundle = JSON.parse(Buffer.from(bytes).toString()) as Bundle;
    const isOfIt = canonicalJson(bundle.dsseEnvelope) === canonicalJson(envelope);
    return isOfIt && bundle.verificationMaterial.tlogEntries.length > 0 ? bundle : undefined;
  } catch {
    return undefined;
  }
}
