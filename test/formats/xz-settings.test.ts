import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xzSettings } from '../../formats/index.ts';

const by = (...options: string[]): Buffer => execFileSync('xz', ['-c', ...options], { input: 'content' });

describe('the settings in an xz file', () => {
  it.each([
    [['-6', '-T1'], { check: 4, sizesInHeader: false, filters: [0x21], dictionary: 8 * 2 ** 20 }],
    [['-9', '-T2'], { check: 4, sizesInHeader: true, filters: [0x21], dictionary: 64 * 2 ** 20 }],
    [['-0', '-T1', '--check=crc32'], { check: 1, sizesInHeader: false, filters: [0x21], dictionary: 2 ** 18 }],
    [['-T1', '--x86', '--lzma2=dict=3MiB'], { filters: [4, 0x21], dictionary: 3 * 2 ** 20 }],
  ])('are what xz was told: %s', (options, expected) => {
    expect(xzSettings(by(...options))).toMatchObject(expected);
  });

  it('are none without a block, and where the file is cut', () => {
    expect(xzSettings(execFileSync('xz', ['-c'], { input: '' }))).toBeUndefined();
    const whole = by('-6');
    for (let length = 0; length < 20; length++) expect(xzSettings(whole.subarray(0, length))).toBeUndefined();
  });

  it('are read of any bytes without an error', () => {
    const whole = by('-6', '--x86', '--lzma2');
    fc.assert(
      fc.property(fc.nat(40), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(whole);
        bytes[at] = value;
        expect(xzSettings(bytes)).not.toBeNull();
      }),
    );
  });
});
