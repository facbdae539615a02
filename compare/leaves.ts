import { bytes } from './comparators/binaries/bytes.ts';
import { binaries } from './comparators/binaries/index.ts';
import { documents } from './comparators/documents/index.ts';
import { text } from './comparators/documents/text.ts';
import { packageFiles } from './comparators/packages/leaves.ts';
import type { LeafComparator } from './types.ts';

/** Everything that explains contents, in the order it is asked: what takes any text, and anything at all, comes last. */
export const leaves: readonly LeafComparator[] = [...packageFiles, ...binaries, ...documents, text, bytes];
