import { canonicalJson, ReproofError, sha256Of } from '../../model/index.ts';

/** A value as it is stored: canonical JSON and that text's SHA-256. Throws INTERNAL for what is not JSON. */
export function storedJson(value: unknown): { readonly value: string; readonly sha256: string } {
  const text = canonicalJson(value);
  return { value: text, sha256: sha256Of(text) };
}

/** The value of a stored row. Throws STORE_CORRUPT when the text is not the one that was stored; `what` names it. */
export function readStoredJson(
  row: { readonly value: string; readonly sha256: string },
  what: string,
  place: string,
): unknown {
  if (sha256Of(row.value) !== row.sha256)
    throw new ReproofError('STORE_CORRUPT', `reading ${what}: its text in ${place} is not the one that was stored`, {
      context: { place },
    });
  return JSON.parse(row.value);
}
