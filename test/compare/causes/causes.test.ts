import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDate } from '../../../compare/causes/dates.ts';
import { causes, findCauses } from '../../../compare/causes/index.ts';
import { lineEdits } from '../../../compare/lines/line-edits.ts';
import type { Reason } from '../../../model/index.ts';

function reasons(left: string, right: string): readonly Reason[] {
  const pair = { left: left.split('\n'), right: right.split('\n'), leftOpen: false, rightOpen: false };
  return findCauses(pair, lineEdits(pair));
}
const kinds = (left: string, right: string): readonly string[] => reasons(left, right).map(({ kind }) => kind);

const HASH = ['0123456789abcdef0123456789abcdef', 'fedcba98765432100123456789abcdef'] as const;

describe('naming the cause that differing lines show', () => {
  it('counts at least those lines that are looked at, where there are more', () => {
    const lines = (year: number, count: number): string => `built ${year}-01-01\n`.repeat(count).trimEnd();
    const evidence = (count: number): string | undefined =>
      reasons(lines(2020, count), lines(2021, count))[0]?.evidence;
    expect(evidence(20_000)).toMatch(/^20000 of 20000 changed lines differ in dates/);
    expect(evidence(20_001)).toMatch(/^at least 20000 of 20001 changed lines differ in dates/);
  });

  it.each<[string, string, string, string]>([
    ['timestamp', 'an ISO date', 'Built 2026-11-22T10:00:00Z by x', 'Built 2026-11-23T11:02:03Z by x'],
    ['timestamp', 'an RFC 5322 date', 'Sun, 22 Nov 2026 10:00:01 +0000', 'Mon, 23 Nov 2026 11:00:00 +0000'],
    ['timestamp', 'a ctime date', 'Sun Nov 22 10:00:01 2026', 'Mon Nov 23 10:00:00 2026'],
    ['timestamp', 'what date prints', 'Sun Nov 22 10:00:01 UTC 2026', 'Mon Nov 23 10:00:00 UTC 2026'],
    ['timestamp', '__DATE__', 'on Nov  2 2026', 'on Nov 23 2026'],
    ['timestamp', '__TIME__', 'at 10:11:12', 'at 10:11:59'],
    ['timestamp', 'seconds', 'epoch=1763809200', 'epoch=1763809299'],
    ['timestamp', 'seconds beside a name', '{"mtime":1763809200,"id":7}', '{"mtime":1763809299,"id":7}'],
    ['timestamp', 'seconds beside a size', '{"size":7,"mtime":1763809200}', '{"size":7,"mtime":1763809299}'],
    ['timestamp', 'milliseconds', '{"ts":1763809200000}', '{"ts":1763809299000}'],
    ['timestamp', 'seconds with a fraction', 'mtime 1763809200.25', 'mtime 1763809299.5'],
    ['timestamp', 'a date behind one version', 'x 1.75.0 (2023-12-21)', 'x 1.75.0 (2024-02-04)'],
    [
      'version-text',
      'versions with their day',
      'rustc 1.75.0 (82e1608df 2023-12-21)',
      'rustc 1.76.0 (07dca489a 2024-02-04)',
    ],
    [
      'version-text',
      'versions with their commit',
      'x 1.75.0 (0123456789ab, Mar 13 2023, 12:18:29)',
      'x 1.76.0 (fedcba987654, Apr 10 2024, 05:33:47)',
    ],
    ['timestamp', 'seconds alone', '?v=1763809200', '?v=1763809299'],
    ['timestamp', 'seconds of long ago that are said to be', 'time 1234567890', 'time 1334567890'],
    ['version-text', 'versions after a letter', 'perl v5.36.0', 'perl v5.38.2'],
    ['version-text', 'versions of days after a letter', 'x v2024.03.01', 'x v2024.04.01'],
    ['timestamp', 'a packed day', 'stamp 20261122', 'stamp 20261123'],
    ['timestamp', 'a PDF date', "(D:20261122100000+01'00')", "(D:20261123100001+01'00')"],
    ['timestamp', 'a day as in Germany', 'Erstellt am 02.01.2026', 'Erstellt am 03.01.2026'],
    ['timestamp', 'a day as in the United States', 'on 01/02/2026 10:11:12', 'on 01/03/2026 10:11:12'],
    ['timestamp', 'a day as in France', 'le 31/12/2025', 'le 01/01/2026'],
    ['timestamp', 'hours and minutes of a day', 'Sun 10:20', 'Sun 10:21'],
    ['timestamp', 'what ls prints', 'drwx 9 Jan  2 03:04 a', 'drwx 9 Jan  2 03:05 a'],
    ['timestamp', 'hours and minutes that are said to be', 'Created: 10:20', 'Created: 10:21'],
    ['timestamp', 'a month in words', 'November 2025', 'December 2025'],
    ['timestamp', 'the year of a copyright', '<p>&copy; Copyright 2024, Foo.', '<p>&copy; Copyright 2025, Foo.'],
    ['timestamp', 'the years of a copyright', 'Copyright (c) 1998-2024 Foo', 'Copyright (c) 1998-2025 Foo'],
    ['order', 'items of a list', 'OBJS = a.o b.o c.o', 'OBJS = c.o a.o b.o'],
    ['order', 'what a set prints', "f(x={'beta', 'alpha'})", "f(x={'alpha', 'beta'})"],
    ['order', 'members of an object', '{"terms":{"alpha":1,"beta":[2,3]}}', '{"terms":{"beta":[2,3],"alpha":1}}'],
    ['path', 'build paths', 'src=/build/one-Xa3d/x.c', 'src=/build/two/x.c'],
    ['path', 'folders of a linker', "libs=' -L/build/one/lib -lm'", "libs=' -L/build/two/lib -lm'"],
    ['path', 'folders of headers', 'cc -I/build/one/include', 'cc -I/build/two/include'],
    ['path', 'a file by its address', 'href="file:///build/one/x"', 'href="file:///build/two/x"'],
    ['version-text', 'compilers', 'GCC: (Debian 14.2.0-16) 14.2.0', 'GCC: (Debian 14.2.0-19) 14.2.0'],
    ['build-id', 'build-ids', `Build ID: ${HASH[0]}`, `Build ID: ${HASH[1]}`],
    ['addresses', 'addresses', '<object at 0x7f3a1c2b4d50>', '<object at 0x7f9917aa0d50>'],
    ['addresses', 'addresses of all figures', 'at 0x00007f3a1c2b4d50', 'at 0x000055d017aa0d50'],
    ['checksum', 'digests of files', `${HASH[0]}  usr/bin/x`, `${HASH[1]}  usr/bin/x`],
    ['checksum', 'digests of files in YAML', `  data.tar.gz: ${HASH[0]}`, `  data.tar.gz: ${HASH[1]}`],
    ['checksum', 'names of files', 'src="main.3f2a9b1c4d5e6f708192.js"', 'src="main.a1b2c3d4e5f601234567.js"'],
    ['checksum', 'names of parts of files', `"x-${HASH[0]}.chunk.css"`, `"x-${HASH[1]}.chunk.css"`],
    ['metadata', 'units of code of Rust', '1: x.9a5b8f8d605c78f8-cgu.0 FILE', '1: x.b8705cdc0b1fd3b6-cgu.0 FILE'],
    ['random', 'random digits of a key', `  id: ${HASH[0]}`, `  id: ${HASH[1]}`],
    ['random', 'random digits', `id="${HASH[0]}"`, `id="${HASH[1]}"`],
    ['random', 'a name with digits', 'src="/js/app.3f2a1b9c0d12ee.x"', 'src="/js/app.4f2a1b9c0d12ef.x"'],
    ['checksum', 'a name that a bundler made', 'src="/js/app.3f2a1b9c0d12ee.js"', 'src="/js/app.4f2a1b9c0d12ef.js"'],
    ['path', 'a folder with digits', 'src=/build/x-3f2a1b9c0d12ee/a.js', 'src=/build/x-4f2a1b9c0d12ef/a.js'],
    [
      'metadata',
      'units of code in Rust',
      'a.rs/@/a.17cff91823d6d9eb-cgu.0/build/x',
      'a.rs/@/a.fbdceda8d274c3cf-cgu.0/build/x',
    ],
    ['version-text', 'commits', `commit ${HASH[0]}00112233`, `commit ${HASH[1]}44556677`],
    ['version-text', 'short commits', 'Git-Hash: 0123456789ab', 'Git-Hash: fedcba987654'],
    ['version-text', 'an option of a linker', '-X main.revision=0123456789ab', '-X main.revision=fedcba987654'],
    ['random', 'a uuid', '0f8fad5b-d9cb-469f-a165-70867728950e', '7c9e6679-7425-40de-944b-e07fc1f90ae7'],
  ])('says %s of %s', (kind, _, left, right) => {
    expect(kinds(`same\n${left}\nsame`, `same\n${right}\nsame`)).toEqual([kind]);
    const [there, back] = [reasons(left, right)[0] as Reason, reasons(right, left)[0] as Reason];
    expect([back.evidence, back.left, back.right]).toEqual([there.evidence, there.right, there.left]);
  });

  it('says a time zone of dates that are whole hours apart', () => {
    const [found] = reasons('made 2026-11-22 10:30:12', 'made 2026-11-23 12:30:12');
    expect(found).toEqual({
      kind: 'timestamp',
      evidence: '1 of 1 changed lines differ in whole hours of a date, as time zones do, by 93600 s',
      left: '2026-11-22 10:30:12',
      right: '2026-11-23 12:30:12',
    });
  });

  it.each([
    ['fractions of a second', '2026-11-22 10:00:00.123', '2026-11-22 10:00:00.456', 'dates, by 0.333 s'],
    ['hours and fractions', '2026-11-22T10:00:00.5Z', '2026-11-22T11:00:00.25Z', 'dates, by 3599.75 s'],
    ['hours with one fraction', '10:00:00.123', '11:00:00.123', 'whole hours of a date, as time zones do, by 3600 s'],
    ['hours in one zone', '2026-11-22 10:00:00 UTC', '2026-11-22 12:00:00 UTC', 'dates, by 7200 s'],
    ['a day in one zone', 'Sun, 22 Nov 2026 10:00:00 +0100', 'Mon, 23 Nov 2026 10:00:00 +0100', 'dates, by 86400 s'],
    ['moments whose zones are told', '2026-11-22T10:00:00Z', '2026-11-22T13:00:00+02:00', 'dates, by 3600 s'],
    [
      'one moment in a zone without a name',
      'Sun Nov 22 10:00:01 UTC 2026',
      'Sun Nov 22 22:00:01 +12 2026',
      'whole hours of a date, as time zones do',
    ],
    [
      'moments in zones before the year',
      'Sun Nov 22 10:00:00 +0000 2026',
      'Sun Nov 22 12:00:00 +0100 2026',
      'dates, by 3600 s',
    ],
    ['days that may be months', '01/02/2026', '01/03/2026', 'dates'],
    ['days that may be months, with a time', '01/02/2026 10:00', '01/03/2026 09:00', 'dates'],
    ['hours of one day', '01/02/2026 10:00', '01/02/2026 09:00', 'whole hours of a date, as time zones do, by 3600 s'],
    ['one day', '2026-11-22 00:00:00', '2026-11-23 00:00:00', 'dates, by 86400 s'],
    ['halves of a day', '12:30 AM', '00:31', 'dates, by 60 s'],
    ['noon', '12:30 PM', '12:31', 'dates, by 60 s'],
    [
      'one moment in two zones',
      '2026-11-22 10:00:00 +0000',
      '2026-11-22 12:00:00 +0200',
      'whole hours of a date, as time zones do',
    ],
    [
      'a zone by name',
      'Sun Nov 22 10:00:01 UTC 2026',
      'Sun Nov 22 10:00:01 CET 2026',
      'whole hours of a date, as time zones do',
    ],
  ])('says how far apart dates are: %s', (_, left, right, what) => {
    expect(reasons(left, right).map(({ evidence }) => evidence)).toEqual([`1 of 1 changed lines differ in ${what}`]);
  });

  it('counts lines, and says a distance that all have', () => {
    const [found] = reasons('a 10:00:00\nb 10:00:10\nother', 'a 10:00:05\nb 10:00:15\nothers');
    expect(found?.evidence).toBe('2 of 3 changed lines differ in dates, by 5 s');
  });

  it('counts the changed lines that have none opposite, too', () => {
    const [found] = reasons('a 10:00:00\nsame\nend', 'a 10:00:05\nsame\none\ntwo\nend');
    expect(found?.evidence).toBe('1 of 3 changed lines differ in dates, by 5 s');
  });

  it('counts lines that read the same, each', () => {
    const [found] = reasons('a 10:00:00\nsame\na 10:00:00', 'a 10:00:05\nsame\na 10:00:05');
    expect(found?.evidence).toBe('2 of 2 changed lines differ in dates, by 5 s');
  });

  it('looks into a very long line around where it differs', () => {
    const line = (day: string): string => `${'var x; '.repeat(1_000)}/* ${day} */${' y();'.repeat(1_000)}`;
    expect(reasons(line('2026-11-22'), line('2026-11-23'))).toEqual([
      {
        kind: 'timestamp',
        evidence: '1 of 1 changed lines differ in dates, by 86400 s',
        left: '2026-11-22',
        right: '2026-11-23',
      },
    ]);
  });

  it('tells a date that does not stand with a version apart from it', () => {
    expect(kinds('x 1.2.3 (a) on 2024-01-02', 'x 1.2.4 (a) on 2024-01-03')).toEqual(['timestamp', 'version-text']);
    expect(kinds('x 1.2.3, 2024-01-02', 'x 1.2.4, 2024-01-03')).toEqual(['timestamp', 'version-text']);
  });

  it('says how far milliseconds are apart', () => {
    expect(reasons('1763809200000', '1763809299500')[0]?.evidence).toBe(
      '1 of 1 changed lines differ in dates, by 99.5 s',
    );
  });

  it('counts the lines whose words stand in another order, and names the first word', () => {
    expect(reasons('a x\nLibs: -lone -ltwo -lsix\nb', 'a x\nLibs: -lsix -lone -ltwo\nb')).toEqual([
      {
        kind: 'order',
        evidence: '1 of 1 changed lines hold the same words in another order',
        left: 'lone',
        right: 'lsix',
      },
    ]);
  });

  it.each([
    ['words', 'some words', 'other words'],
    ['numbers in another order', 'size 12x34 at 0xab', 'size 34x12 at 0xab'],
    ['hex in another order', '00000010: ab12 0034', '00000010: 0034 ab12'],
    ['one line of many with words in another order', 'a one\nb\nc\nd\ne', 'one a\nB\nC\nD\nE'],
    ['words joined otherwise', 'the one, other', 'other: the one'],
    ['a ratio', 'ratio 10:20', 'ratio 10:30'],
    ['a line and a column', 'line 12:30: warning', 'line 13:30: warning'],
    ['an address of the network', 'host 192.168.1.1', 'host 192.168.1.2'],
    ['an address inside of a network', 'created for 10.0.0.1', 'created for 10.0.0.2'],
    ['a number of a telephone', 'phone: 1555123456', 'phone: 1555987654'],
    ['a number that names something', '<a id="1234567890">', '<a id="1234567999">'],
    ['a key that names something', '{"itemId":1234567890}', '{"itemId":1234567999}'],
    ['numbers far from each other', 'key = 1400000000', 'key = 1700000000'],
    ['numbers of long ago', 'x = 1234567890', 'x = 1234567891'],
    ['how long something took', 'Elapsed time: 0:01:23', 'Elapsed time: 0:01:25'],
    ['a duration', 'Duration: 00:01:23.5', 'Duration: 00:01:25.5'],
    ['an object identifier', 'OID 1.3.6.1.4.1', 'OID 1.3.6.1.5.1'],
    ['a number of thirteen figures', 'ptr 1400000000000', 'ptr 1700000000000'],
    ['a section of a book', 'see section 4.3.2', 'see section 4.3.3'],
    ['a size', 'size 1234567890 bytes', 'size 1234567999 bytes'],
    ['a seed', 'seed=1234567890', 'seed=1234567999'],
    ['a year of nothing', 'in 2024 words', 'in 2025 words'],
    ['a thirteenth month', '2026-13-01', '2026-14-01'],
    ['a 25th hour', '25:00:00', '26:00:00'],
    ['decimal fractions', 'x = 0.123', 'x = 0.456'],
    ['numbers', 'count: 12345', 'count: 54321'],
    ['short hex', 'crc 3b37e9b1', 'crc 4c30d927'],
    ['a constant', 'mask 0x00ff00ff', 'mask 0xff00ff00'],
    ['a date beside another word', '2026-11-22 one', '2026-11-23 two'],
    ['a day written otherwise', '2026-11-22', '2026/11/22'],
    ['a moment written otherwise', '2026-11-22T10:00:00Z', '2026-11-22 10:00:00'],
    ['a time written otherwise', 'at 12:30 AM', 'at 00:30'],
    ['lines that are only on one side', 'a', 'a\n2026-11-22'],
  ])('says nothing of %s', (_, left, right) => {
    expect(kinds(left, right)).toEqual([]);
  });

  it('reads the same with the sides swapped, whatever the lines', () => {
    const word = fc.constantFrom(
      '2026-11-22',
      '10:00:00',
      '/build/a',
      '/tmp/b/c',
      '1.2.3',
      '0x7f3a1c2b4d50',
      'gcc',
      ...HASH,
    );
    const text = fc.array(
      fc.array(word, { maxLength: 3 }).map((words) => words.join(' ')),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(text, text, (left, right) => {
        const there = reasons(left.join('\n'), right.join('\n'));
        const back = reasons(right.join('\n'), left.join('\n'));
        expect(back.map((reason) => [reason.kind, reason.evidence])).toEqual(
          there.map((reason) => [reason.kind, reason.evidence]),
        );
      }),
    );
  });

  it.each(['1', '1.', '0x', 'a', '/a', '/', '-', '1-', '1:1:', ' ', 'Jan ', '+-', 'D:'])(
    'ends soon with lines of nothing but %j',
    (piece) => {
      const line = (end: string): string => `${piece.repeat(4_000).slice(0, 4_000)}${end}`;
      const many = (end: string): string => Array.from({ length: 50 }, (_, index) => `${line(end)}${index}`).join('\n');
      expect(reasons(many('x'), many('y')).length).toBeLessThanOrEqual(causes.length);
    },
  );

  it('has each cause once', () => {
    expect(new Set(causes.map(({ id }) => id)).size).toBe(causes.length);
  });
});

describe('reading dates', () => {
  it.each([
    ['2026-11-22T10:00:00Z', Date.UTC(2026, 10, 22, 10)],
    ['2026-11-22 10:00:00 +0100', Date.UTC(2026, 10, 22, 9)],
    ['Sun, 22 Nov 2026 10:00:00 -0500', Date.UTC(2026, 10, 22, 15)],
    ['Nov 22, 2026', Date.UTC(2026, 10, 22)],
    ['Sun Nov 22 10:00:00 2026', Date.UTC(2026, 10, 22, 10)],
    ['20261122T100000Z', Date.UTC(2026, 10, 22, 10)],
    ["D:20261122100000+01'00'", Date.UTC(2026, 10, 22, 9)],
    ['22.11.2026 10:00', Date.UTC(2026, 10, 22, 10)],
    ['11/22/2026', Date.UTC(2026, 10, 22)],
    ['22/11/2026', Date.UTC(2026, 10, 22)],
    ['2026:11:22 10:00:00', Date.UTC(2026, 10, 22, 10)],
    ['1763809200', 1_763_809_200_000],
  ])('reads %s', (text, time) => {
    expect(readDate(text)?.seconds).toBe(time / 1_000);
  });
});
