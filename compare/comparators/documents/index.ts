import type { Comparator } from '../../types.ts';
import { json } from './json.ts';
import { html, xml } from './markup.ts';
import { png } from './png.ts';

/** Documents, pictures, fonts, databases and structured text, in the order they are asked. */
export const documents: readonly Comparator[] = [png, json, html, xml];
