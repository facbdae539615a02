import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../helpers/compare-bytes.ts';
import { mirror } from '../helpers/mirror.ts';

const FIXTURES = [
  'java/Sample.class',
  'python/sample-2.7.pyc',
  'python/sample-3.13.pyc',
  'pe/small.exe',
  'pe/small.obj',
  'wasm/small.wasm',
  'mach-o/small.o',
];

/** Most of what a reader follows stands at the beginning. */
const place = fc.oneof(fc.nat(300), fc.nat(5000));
const change = fc.record({ place, bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });

describe('programs with bytes changed at random', () => {
  it.each(FIXTURES)('%s: says that they differ, the same whichever side is changed, and never throws', (name) => {
    const whole = readFileSync(join(import.meta.dirname, '../fixtures', name));
    const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
      const other = Buffer.from(whole);
      for (const { place: at, bytes } of changes)
        other.set(bytes.subarray(0, whole.length - (at % whole.length)), at % whole.length);
      const found = await compareBytes(whole, other);
      expect(found.kind === 'identical').toBe(whole.equals(other));
      expect(await compareBytes(other, whole)).toEqual(mirror(found));
    });
    return fc.assert(property, { numRuns: 100, seed: 1 });
  });
});
