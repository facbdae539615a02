import type { LeafComparator } from '../../types.ts';
import { arSymbols } from '../archives/ar-symbols.ts';
import { packageInfo } from './arch.ts';
import { contentsIndex } from './contents-index.ts';
import { controlLists } from './control-lists.ts';
import { debSymbols } from './deb-symbols.ts';
import { deb822 } from './deb822.ts';
import { digestList } from './digest-list.ts';
import { ext, fat, iso9660, squashfs, uimage } from './disk-image.ts';
import { jarManifest } from './jar-manifest.ts';
import { maintainerScript } from './maintainer-script.ts';
import { mtree } from './mtree.ts';
import { packageSignature } from './package-signature.ts';
import { rpm } from './rpm.ts';
import { signingBlock } from './signing-block.ts';

/** What is only found in packages, and packages and images of disks that are not opened, in the order they are asked. */
export const packageFiles: readonly LeafComparator[] = [
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
  packageSignature,
  signingBlock,
  squashfs,
  ext,
  iso9660,
  fat,
  uimage,
];
