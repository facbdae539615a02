import type { Comparator } from '../../types.ts';
import { ar } from '../archives/ar.ts';
import { arSymbols } from '../archives/ar-symbols.ts';
import { deb } from './deb.ts';

/** Packages of distributions and languages, and what is only found in them, in the order they are asked. */
export const packages: readonly Comparator[] = [deb, ar, arSymbols];
