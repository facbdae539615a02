/**
 * JSON as in-toto links of rebuilderd are signed: keys sorted, no blanks, strings escaped as JSON.stringify does, and
 * then each backslash followed by n is one line feed. The last is a quirk of the library rebuilderd signs with
 * (in-toto-rs 0.4): without it signatures of texts with line feeds do not verify there.
 */
export function canonicalLinkBytes(value: JsonValue): Uint8Array {
  return Buffer.from(sorted(value).replaceAll('\\n', '\n'), 'utf8');
}

/** What can be in a link. Numbers are whole: the format knows no others. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

function sorted(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const object = value as { readonly [key: string]: JsonValue };
  const members = Object.keys(object)
    .sort(byCodePoint)
    .map((key) => `${JSON.stringify(key)}:${sorted(object[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** As UTF-8 bytes order: JavaScript's own order puts what is past U+FFFF before U+E000. */
function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
