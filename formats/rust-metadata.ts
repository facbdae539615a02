/** What the metadata of a Rust crate begins with: the number of its layout, and the compiler that wrote it. */
export type RustMetadata = { readonly layout: number; readonly compiler: string };

const MAGIC = Buffer.from('rust\0\0\0', 'latin1');
/** What stands before a text: its length in one byte; and behind it (rustc_serialize, opaque::STR_SENTINEL). */
const TEXT_END = 0xc1;
const LONGEST = 127;

/**
 * Reads the beginning of a crate's metadata (rustc_metadata, rmeta::METADATA_HEADER), as in a section .rmeta or .rustc or
 * a file lib.rmeta: the magic, a layout's number, the place of its root in 4 bytes or, in later layouts, in 8, the compiler's
 * version. Around it, in .rustc, there may be the same magic with a length. Undefined where it is not that, or packed as
 * older compilers packed it in libraries.
 */
export function readRustMetadata(bytes: Uint8Array): RustMetadata | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256));
  for (const inner of [16, 12, 0]) {
    if (!start.subarray(inner, inner + MAGIC.length).equals(MAGIC)) continue;
    const layout = start[inner + MAGIC.length] ?? 0;
    for (const at of [inner + 16, inner + 12]) {
      const length = start[at] ?? 0;
      const compiler = start.toString('latin1', at + 1, at + 1 + length);
      if (length <= LONGEST && start[at + 1 + length] === TEXT_END && /^rustc [ -~]+$/.test(compiler))
        return { layout, compiler };
    }
  }
  return undefined;
}

/** True for bytes that begin as metadata of a crate do. */
export function isRustMetadata(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAGIC.length)).equals(MAGIC);
}
