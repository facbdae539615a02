import type { ContainerComparator, WrapperComparator } from '../../types.ts';
import { bzip2 } from './bzip2.ts';
import { gzip } from './gzip.ts';
import { lz4 } from './lz4.ts';
import { lzip, lzma } from './lzma.ts';
import { rLazyLoad } from './r-lazy-load.ts';
import { tar } from './tar.ts';
import { xz } from './xz.ts';
import { zip } from './zip.ts';
import { zstd } from './zstd.ts';

/** Archives and compressed files, in the order they are asked. */
export const archives: readonly (ContainerComparator | WrapperComparator)[] = [
  gzip,
  xz,
  zstd,
  bzip2,
  lz4,
  lzip,
  lzma,
  tar,
  zip,
  rLazyLoad,
];
