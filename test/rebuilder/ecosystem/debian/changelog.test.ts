import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../../programs/index.ts';
import {
  binaryOnlyEntries,
  newestEntry,
  parseChangelogDate,
} from '../../../../rebuilder/ecosystem/debian/changelog.ts';

const limits = { wallSeconds: 20, outputBytes: 1_000_000 };
const entry = (version: string, more = '', date = 'Mon, 01 Jan 2024 10:00:00 +0200'): string =>
  `less (${version}) sid; urgency=low${more}\n\n  * Change.\n\n -- T <t@example.org>  ${date}\n`;

describe('reading the newest entry of a changelog', () => {
  it('gives version and time as dpkg-parsechangelog does', async () => {
    const text = `${entry('1:668-1')}\n${entry('1:667-1', '', 'Sun, 01 Jan 2023 10:00:00 +0000')}`;
    const { stdout } = await runProgram(['dpkg-parsechangelog', '-l', '-'], { limits, input: Buffer.from(text) });
    const dpkg = Object.fromEntries([...stdout.toString().matchAll(/^([A-Z]\S*): (.*)$/gm)].map((m) => [m[1], m[2]]));
    expect(newestEntry(text, 'less')).toEqual({
      source: dpkg.Source,
      version: dpkg.Version,
      binaryOnly: false,
      epochSeconds: Number(dpkg.Timestamp),
    });
  });

  it('reads dates as GNU date does', async () => {
    const parts = fc.sample(
      fc.record({
        day: fc.integer({ min: 1, max: 28 }),
        month: fc.integer({ min: 0, max: 11 }),
        zone: fc.integer({ min: -720, max: 840 }),
        year: fc.integer({ min: 1990, max: 2037 }),
      }),
      { numRuns: 40, seed: 3 },
    );
    const dates = parts.map(({ day, month, zone, year }) => {
      const name = new Date(Date.UTC(2000, month, 1)).toUTCString().slice(8, 11);
      const [hours, minutes] = [Math.floor(Math.abs(zone) / 60), Math.abs(zone) % 60].map((n) =>
        String(n).padStart(2, '0'),
      );
      return `${day} ${name} ${year} 23:59:07 ${zone < 0 ? '-' : '+'}${hours}${minutes}`;
    });
    const { stdout } = await runProgram(['date', '-f', '-', '+%s'], {
      limits,
      input: Buffer.from(`${dates.join('\n')}\n`),
    });
    expect(dates.map(parseChangelogDate)).toEqual(stdout.toString().trim().split('\n').map(Number));
  });

  it.each([
    '',
    'yesterday',
    'Mon, 31 Feb 2024 10:00:00 +0000',
    'Mon, 01 Foo 2024 10:00:00 +0000',
    'Mon, 01 Jan 2024 25:00:00 +0000',
    'Mon, 01 Jan 2024 10:00:00',
  ])('refuses the date %j', (text) => expect(parseChangelogDate(text)).toBeUndefined());

  it.each([
    ['no heading', 'hello\n'],
    ['no trailer', 'less (1) sid; urgency=low\n\n  * x\n'],
    ['a second heading before the trailer', `less (2) sid; urgency=low\n\n${entry('1')}`],
    ['a date nobody can read', entry('1', '', 'soon')],
    ['nothing', ''],
  ])('refuses %s, and says the line', (_what, text) => {
    expect(() => newestEntry(text, 'less')).toThrow(
      expect.objectContaining({ code: 'DSC_INVALID', context: { name: 'less', line: expect.any(Number) } }),
    );
  });
});

describe('taking a binNMU’s entry from a binary’s changelog', () => {
  const nmu = entry('668-1+b2', ', binary-only=yes');
  const wanted = { source: 'less', version: '668-1+b2' };

  it('gives the whole text verbatim, blank lines at its end included', () => {
    expect(binaryOnlyEntries(`${nmu}\n\n`, wanted)).toBe(`${nmu}\n\n`);
    expect(newestEntry(nmu, 'less').binaryOnly).toBe(true);
  });

  it('leaves out the source’s own entries where they follow', () => {
    expect(binaryOnlyEntries(`${nmu}\n${entry('668-1')}`, wanted)).toBe(nmu);
  });

  it.each([
    ['an ordinary entry', entry('668-1+b2')],
    ['another version', entry('668-1+b1', ', binary-only=yes')],
    ['another source', nmu.replace(/^less/, 'more')],
    ['a key that only looks like it', entry('668-1+b2', ', not-binary-only=yes')],
  ])('gives nothing for %s', (_what, text) => expect(binaryOnlyEntries(text, wanted)).toBeUndefined());
});
