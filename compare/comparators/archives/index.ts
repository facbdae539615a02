import type { Comparator } from '../../types.ts';
import { bzip2, xz, zstd } from './compressed.ts';
import { gzip } from './gzip.ts';
import { tar } from './tar.ts';
import { zip } from './zip.ts';

/** Archives and compressed files, in the order they are asked. */
export const archives: readonly Comparator[] = [gzip, xz, zstd, bzip2, tar, zip];
