import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../../rebuilder/cli/units.ts';

describe('units people type', () => {
  it.each([
    ['4096', 4096],
    ['4K', 4096],
    ['1.5G', 1_610_612_736],
    ['2GiB', 2_147_483_648],
    ['1 T', 1_099_511_627_776],
    ['7b', 7],
  ])('reads the size %s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', 'G', '4X', '-1G', '4GG', '1e3', '0x10', '1,5G', '9'.repeat(13)])('refuses the size %j', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );

  it.each([
    ['45', 45],
    ['45s', 45],
    ['90m', 5400],
    ['1h30m', 5400],
    ['1d1s', 86_401],
  ])('reads the duration %s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['', 'm', '1m1h', '-5s', '1.5h', '6 hours'])('refuses the duration %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('units people read', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [150 * 1024 ** 2, '150 MiB'],
    [5 * 1024 ** 5, '5120 TiB'],
  ])('writes %i bytes', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it.each([
    [0.04, '0.0 s'],
    [9.96, '10 s'],
    [59.6, '1 m 00 s'],
    [3725, '1 h 02 m'],
  ])('writes %d seconds', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});
