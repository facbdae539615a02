import { readCycloneDx } from './cyclonedx/read.ts';
import { foreign } from './reading.ts';
import { readSpdx } from './spdx/read.ts';
import type { Inventory } from './types.ts';

/**
 * What a document lists that `artifactSbom` or `environmentSbom` wrote, from JSON that was read already: without
 * repeated keys, and within limits of size and depth. Those of others are refused: they leave out what is compared
 * here. Throws FORMAT_MALFORMED.
 */
export function readSbom(value: unknown): Inventory {
  if (typeof value !== 'object' || value === null) throw foreign('CycloneDX or SPDX', 'it is no object');
  if (Object.hasOwn(value, 'bomFormat')) return readCycloneDx(value);
  if (Object.hasOwn(value, 'spdxVersion')) return readSpdx(value);
  throw foreign('CycloneDX or SPDX', 'it says of neither that it is one');
}
