import type { ByteRange } from './byte-ranges.ts';

const MAGIC = '~Module signature appended~\n';
const TRAILER_BYTES = 12;

/** A signature that the kernel's build put after a module. `whole` is all that follows the module itself. */
export type ModuleSignature = { readonly whole: ByteRange; readonly signature: ByteRange };

/**
 * The signature at the end of a kernel module of `size` bytes, told by its last bytes (Linux, scripts/sign-file.c: the
 * signature, struct module_signature whose last word is its length in big endian, the magic). Undefined without one.
 */
export function findModuleSignature(end: Buffer, size: number): ModuleSignature | undefined {
  const trailer = end.length - MAGIC.length - TRAILER_BYTES;
  if (trailer < 0 || end.toString('latin1', end.length - MAGIC.length) !== MAGIC) return undefined;
  const length = end.readUInt32BE(trailer + 8);
  const offset = size - MAGIC.length - TRAILER_BYTES - length;
  if (offset < 0) return undefined;
  return { whole: { offset, size: size - offset }, signature: { offset, size: length } };
}

/** As many of a file's last bytes as findModuleSignature needs. */
export const MODULE_TRAILER_BYTES = MAGIC.length + TRAILER_BYTES;
