import type { Comparator } from '../../types.ts';
import { json } from './json.ts';
import { html, xml } from './markup.ts';

/** Documents, pictures, fonts, databases and structured text, in the order they are asked. */
export const documents: readonly Comparator[] = [json, html, xml];
