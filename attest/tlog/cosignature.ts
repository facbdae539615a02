import type { Signer } from '../signer.ts';
import { type NoteSignature, rawEd25519, verifierKey } from './note-key.ts';

const ED25519_BYTES = 64;
const TIME_BYTES = 8;

/** What a cosignature of type 4 is over, and its signature of it; undefined where it is too short or its time is past 2^63 - 1. */
export function readCosignature(
  text: string,
  signature: Uint8Array,
): { readonly message: Uint8Array; readonly signature: Uint8Array } | undefined {
  const time = cosignedAt(signature);
  return time === undefined
    ? undefined
    : { message: Buffer.from(cosignedText(text, time)), signature: signature.subarray(TIME_BYTES) };
}

/** When a cosignature of type 4 says it was made, in seconds since the epoch. Undefined where it is none. */
export function cosignedAt(signature: Uint8Array): bigint | undefined {
  if (signature.length !== TIME_BYTES + ED25519_BYTES) return undefined;
  const time = Buffer.from(signature).readBigUInt64BE();
  return time > 0x7fff_ffff_ffff_ffffn ? undefined : time;
}

/** A cosignature of type 4 over a checkpoint's text (tlog-cosignature). `seconds` since the epoch, from the caller's clock. */
export async function cosign(
  text: string,
  name: string,
  { signer, seconds }: { readonly signer: Pick<Signer, 'publicKey' | 'sign'>; readonly seconds: bigint },
): Promise<NoteSignature> {
  const { keyId } = verifierKey(name, 4, rawEd25519(signer.publicKey));
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(seconds);
  const signature = await signer.sign(Buffer.from(cosignedText(text, seconds)));
  return { name, keyId, signature: Buffer.concat([time, signature]) };
}

function cosignedText(text: string, seconds: bigint): string {
  return `cosignature/v1\ntime ${seconds}\n${text}`;
}
