import { ReproofError } from '../../model/index.ts';

/** Standard base64, padded. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** A whole number in decimal without leading zeros, at most 2^53 - 1. Undefined for any other text. */
export function readWhole(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** What is not as the specification has it. */
export function malformed(doing: string, why: string): ReproofError {
  return new ReproofError('LOG_MALFORMED', `${doing}: ${why}`);
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
