const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
/** Around the module information, which a program finds in memory by these (Go, cmd/go/internal/modload/build.go). */
const SENTINEL_BYTES = 16;

/** What Go's linker wrote about a program: its version, and a line for each module, dependency and build setting. */
export type GoBuildInfo = { readonly version: string; readonly lines: readonly string[] };

/**
 * The build information in a .go.buildinfo section since Go 1.18 (debug/buildinfo): the magic, two bytes, padding to 32,
 * then two strings with their lengths as varints. Undefined where it is not that, as before Go 1.18. Text as latin1.
 */
export function parseGoBuildInfo(bytes: Buffer): GoBuildInfo | undefined {
  const start = bytes.indexOf(MAGIC);
  // The second bit of the flags says that the strings follow in place.
  if (start < 0 || ((bytes[start + 15] ?? 0) & 2) === 0) return undefined;
  const version = stringAt(bytes, start + 32);
  if (version === undefined) return undefined;
  const modules = stringAt(bytes, version.end);
  const text = modules?.text ?? '';
  const inner = text.length >= 2 * SENTINEL_BYTES + 1 ? text.slice(SENTINEL_BYTES, -SENTINEL_BYTES) : text;
  return { version: version.text, lines: inner.split('\n').filter((line) => line !== '') };
}

function stringAt(bytes: Buffer, at: number): { readonly text: string; readonly end: number } | undefined {
  let [length, shift, offset] = [0, 0, at];
  for (let more = true; more; offset++) {
    const byte = bytes[offset];
    if (byte === undefined || shift > 28) return undefined;
    length += (byte & 0x7f) * 2 ** shift;
    shift += 7;
    more = byte >= 0x80;
  }
  if (offset + length > bytes.length) return undefined;
  return { text: bytes.toString('latin1', offset, offset + length), end: offset + length };
}
