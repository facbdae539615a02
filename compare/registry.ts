import { bytes } from './comparators/bytes.ts';
import { bzip2, gzip, xz, zstd } from './comparators/compressed.ts';
import { ar, deb } from './comparators/deb.ts';
import { elf } from './comparators/elf.ts';
import { tar } from './comparators/tar.ts';
import { text } from './comparators/text.ts';
import type { Comparator } from './types.ts';

/** Every comparator, in the order they are asked. The last recognizes anything. */
export const comparators: readonly Comparator[] = [deb, ar, gzip, xz, zstd, bzip2, tar, elf, text, bytes];
