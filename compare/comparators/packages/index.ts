import type { ContainerComparator } from '../../types.ts';
import { ar } from '../archives/ar.ts';
import { cpio } from '../archives/cpio.ts';
import { containerImage } from './container-image.ts';
import { deb } from './deb.ts';
import { extFiles } from './ext-files.ts';
import { fatFiles } from './fat-files.ts';
import { partitions } from './partitions.ts';
import { zipKinds } from './zip-kinds.ts';

/** Packages of distributions and languages, and images of disks, in the order they are asked. */
export const packages: readonly ContainerComparator[] = [
  deb,
  ar,
  ...zipKinds,
  containerImage,
  cpio,
  partitions,
  extFiles,
  fatFiles,
];
