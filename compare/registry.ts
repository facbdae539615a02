import { archives } from './comparators/archives/index.ts';
import { bytes } from './comparators/binaries/bytes.ts';
import { binaries } from './comparators/binaries/index.ts';
import { documents } from './comparators/documents/index.ts';
import { text } from './comparators/documents/text.ts';
import { packages } from './comparators/packages/index.ts';
import type { Comparator } from './types.ts';

/** Every comparator, in the order they are asked within their kind. The last two take any text, and anything at all. */
export const comparators: readonly Comparator[] = [...packages, ...archives, ...binaries, ...documents, text, bytes];
