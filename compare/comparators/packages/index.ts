import type { Comparator } from '../../types.ts';
import { ar } from '../archives/ar.ts';
import { arSymbols } from '../archives/ar-symbols.ts';
import { cpio } from '../archives/cpio.ts';
import { packageInfo } from './arch.ts';
import { containerImage } from './container-image.ts';
import { contentsIndex } from './contents-index.ts';
import { controlLists } from './control-lists.ts';
import { deb } from './deb.ts';
import { debSymbols } from './deb-symbols.ts';
import { deb822 } from './deb822.ts';
import { digestList } from './digest-list.ts';
import { ext, fat, iso9660, squashfs, uimage } from './disk-image.ts';
import { extFiles } from './ext-files.ts';
import { fatFiles } from './fat-files.ts';
import { jarManifest } from './jar-manifest.ts';
import { maintainerScript } from './maintainer-script.ts';
import { mtree } from './mtree.ts';
import { partitions } from './partitions.ts';
import { rpm } from './rpm.ts';
import { signingBlock } from './signing-block.ts';
import { zipKinds } from './zip-kinds.ts';

/** Packages of distributions and languages, and what is only found in them, in the order they are asked. */
export const packages: readonly Comparator[] = [
  deb,
  ar,
  ...zipKinds,
  containerImage,
  cpio,
  arSymbols,
  jarManifest,
  deb822,
  contentsIndex,
  ...controlLists,
  debSymbols,
  maintainerScript,
  digestList,
  rpm,
  packageInfo,
  mtree,
  signingBlock,
  squashfs,
  partitions,
  extFiles,
  ext,
  fatFiles,
  iso9660,
  fat,
  uimage,
];
