import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../../programs/index.ts';
import {
  compareVersions,
  isVersion,
  upstreamOf,
  withoutEpoch,
} from '../../../../rebuilder/ecosystem/debian/version.ts';

/** dpkg's own answers for pairs of versions, in one run of a shell. */
async function askDpkg(pairs: readonly (readonly [string, string])[]): Promise<number[]> {
  const script =
    'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" gt "$b"; then echo 1; else echo 0; fi; done';
  const { stdout } = await runProgram(['sh', '-c', script], {
    limits: { wallSeconds: 25, outputBytes: 100_000 },
    input: Buffer.from(pairs.map((pair) => `${pair.join(' ')}\n`).join('')),
  });
  return stdout.toString().trim().split('\n').map(Number);
}

const tail = (characters: string): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters), maxLength: 6 });
const upstream = fc.tuple(fc.constantFrom(...'0129'), tail('0019aZb.+~-')).map((parts) => parts.join(''));
const revision = fc.option(fc.string({ unit: fc.constantFrom(...'019a.+~'), minLength: 1, maxLength: 4 }));
const version = fc.tuple(fc.constantFrom('', '0:', '1:', '12:'), upstream, revision).map(([epoch, text, rev]) => {
  // A hyphen in the upstream part needs a revision after it.
  const suffix = rev === null ? (text.includes('-') ? '-1' : '') : `-${rev}`;
  return `${epoch}${text}${suffix}`;
});

describe('comparing Debian versions', () => {
  it('orders generated versions as dpkg does', async () => {
    const pairs = fc.sample(fc.tuple(version, version), { numRuns: 300, seed: 7 });
    expect(pairs.map(([left, right]) => compareVersions(left, right))).toEqual(await askDpkg(pairs));
  });

  it('orders the cases people get wrong as dpkg does', async () => {
    const hard = [
      '1.0~rc1-1',
      '1.0-1',
      '1.0',
      '1.0-0',
      '0:1.0',
      '1:0.5',
      '1.0+b1',
      '1.0-1+b1',
      '1.0-1+b10',
      '1.0-1+deb13u1',
      '1.0-1~deb13u1',
      '1.00',
      '1.0.0',
      '1.0a',
      '1.0+',
      '1.0~',
      '1.0~~',
      '1.0-1-1',
      '99999999999999999999',
      '100000000000000000000',
      '1:2:3',
    ];
    const pairs = hard.flatMap((left) => hard.map((right) => [left, right] as const));
    expect(pairs.map(([left, right]) => compareVersions(left, right))).toEqual(await askDpkg(pairs));
  });

  it('is an order: antisymmetric, and zero against itself', () => {
    fc.assert(
      fc.property(version, version, (left, right) => {
        expect(compareVersions(left, left)).toBe(0);
        expect(compareVersions(left, right) + compareVersions(right, left)).toBe(0);
      }),
    );
  });

  it('gives the parts that file and folder names are made of', () => {
    expect(withoutEpoch('1:2.3-rc1-4+b5')).toBe('2.3-rc1-4+b5');
    expect(withoutEpoch('20240101')).toBe('20240101');
    expect(upstreamOf('1:2.3-rc1-4+b5')).toBe('2.3-rc1');
    expect(upstreamOf('20240101')).toBe('20240101');
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '1\n',
    '1.0-',
    ':1',
    'a:1',
    '-1:1',
    '1:',
    '2147483648:1',
    'v1.0',
    '1/2',
    '1.0-a_b',
    '../1',
    '1-1:1',
    '1é',
    '1'.repeat(513),
  ])('refuses %j', (text) => {
    expect(isVersion(text)).toBe(false);
    expect(() => compareVersions(text, '1')).toThrow(expect.objectContaining({ code: 'VERSION_SYNTAX' }));
  });
});
