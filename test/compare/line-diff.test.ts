import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type LineDiffOptions, lineDiff, renderEdits } from '../../compare/line-diff.ts';
import { lineEdits } from '../../compare/lines/line-edits.ts';
import { gnuHunks, patched } from '../helpers/gnu-diff.ts';
import { mirrorDiff } from '../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'line-diff-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LARGE: LineDiffOptions = { maxBytes: 1e9 };

/** The diff of two files, whose last lines may lack their newline. */
function diffOf(left: string, right: string, options = LARGE): { readonly text: string; readonly truncated: boolean } {
  const split = (text: string): readonly string[] =>
    (text.endsWith('\n') || text === '' ? text.slice(0, -1) : text).split('\n');
  const linesOf = (text: string): readonly string[] => (text === '' ? [] : split(text));
  const open = (text: string): boolean => text !== '' && !text.endsWith('\n');
  const pair = { left: linesOf(left), right: linesOf(right), leftOpen: open(left), rightOpen: open(right) };
  return renderEdits(pair, lineEdits(pair), options);
}

const changes = (diff: string): number => diff.split('\n').filter((line) => /^[-+]/.test(line)).length;

/** Numbers that look random, the same each time. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('comparing lines', () => {
  it('gives what diff -u gives, with lines of context and a missing newline told', () => {
    const left = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\n';
    const right = 'one\ntwo\n3\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve';
    expect(diffOf(left, right).text).toBe(gnuHunks(folder, left, right));
    expect(diffOf(right, left).text).toBe(gnuHunks(folder, right, left));
    expect(diffOf('a\nb', 'a\nb\n').text).toBe('@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n');
    expect(diffOf('', 'a\n').text).toBe('@@ -0,0 +1,1 @@\n+a\n');
    expect(diffOf('a\n', 'a\n')).toEqual({ text: '', truncated: false });
  });

  it('shows as many lines of context as asked', () => {
    const left = ['a', 'b', 'c', 'd', 'e'];
    expect(lineDiff(left, ['a', 'b', 'x', 'd', 'e'], { maxBytes: 1e3, contextLines: 0 }).text).toBe(
      '@@ -3,1 +3,1 @@\n-c\n+x\n',
    );
  });

  it('gives hunks that GNU patch takes, and mirrored ones with the sides swapped', () => {
    const line = fc.constantFrom('a', 'b', 'c', 'd', '', '{', '}', '-x', '+x', '\\ y');
    const text = fc
      .tuple(fc.array(line, { maxLength: 40 }), fc.boolean())
      .map(([some, open]) => some.join('\n') + (open || some.length === 0 ? '' : '\n'));
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 4 }), (left, right, contextLines) => {
        const there = diffOf(left, right, { maxBytes: 1e6, contextLines });
        expect(mirrorDiff(there.text)).toBe(diffOf(right, left, { maxBytes: 1e6, contextLines }).text);
        expect(there.text === '').toBe(left === right);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(text, text, (left, right) => {
        const { text: hunks } = diffOf(left, right);
        if (hunks !== '' && right !== '' && left !== '') expect(patched(folder, left, hunks)).toBe(right);
      }),
      { numRuns: 150 },
    );
  });

  it('is not much longer than what GNU diff gives, on texts with lines moved, changed, copied and cut', () => {
    const source = readFileSync(join(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8').split('\n');
    const random = numbers(7);
    const next = (below: number): number => Math.floor((random.next().value as number) * below);
    for (let round = 0; round < 8; round++) {
      const other = [...source];
      for (let edit = 0; edit < 3 ** (round % 6); edit++) {
        const at = next(other.length);
        const some = other.splice(at, next(20));
        if (next(2) === 0) other.splice(next(other.length), 0, ...some);
        if (next(2) === 0) other.splice(next(other.length), 0, `new ${edit}`);
        if (next(2) === 0) other[at] = `${other[at]} changed`;
      }
      const [left, right] = [source.join('\n'), other.join('\n')];
      const ours = diffOf(left, right).text;
      expect(patched(folder, left, ours)).toBe(right);
      expect(changes(ours)).toBeLessThanOrEqual(1.1 * changes(gnuHunks(folder, left, right)) + 2);
    }
  });

  it('finds the shortest script for short texts', () => {
    const line = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(line, line, (left, right) => {
        expect(changes(lineDiff(left, right, LARGE).text)).toBe(left.length + right.length - 2 * common(left, right));
      }),
    );
  });
});

describe('comparing many or hostile lines', () => {
  const many = 120_000;
  const of = (line: (index: number) => string, count = many): string[] =>
    Array.from({ length: count }, (_, index) => line(index));
  const random = numbers(1);
  const coin = (sides: number): string => String(Math.floor((random.next().value as number) * sides));

  it.each<[string, string[], string[]]>([
    ['all alike, one other', of(() => 'a'), [...of(() => 'a', many / 2), 'b', ...of(() => 'a', many / 3)]],
    [
      'all alike, others strewn in',
      of((index) => (index % 1_000 === 0 ? 'b' : 'a')),
      of((index) => (index % 999 === 0 ? 'b' : 'a')),
    ],
    [
      'a and b in turn, shifted',
      of((index) => 'ab'[index % 2] as string),
      ['b', 'c', ...of((index) => 'ba'[index % 2] as string), 'c'],
    ],
    ['a long period, shifted', of((index) => String(index % 301)), of((index) => String((index + 150) % 299))],
    ['two symbols at random', of(() => coin(2)), of(() => coin(2))],
    ['few symbols at random', of(() => coin(50)), of(() => coin(50))],
    ['one after the other against reversed', of((index) => String(index)), of((index) => String(many - index))],
    ['nothing in common', of((index) => `l${index}`), of((index) => `r${index}`)],
    [
      'unique ones nested',
      of((index) => String(Math.min(index, many - index))),
      of((index) => String(Math.abs(index - many / 2))),
    ],
  ])('ends soon, with a script that holds: %s', (_, left, right) => {
    const pair = { left, right, leftOpen: false, rightOpen: false };
    const edits = lineEdits(pair);
    const made: string[] = [];
    let at = 0;
    for (const edit of edits) {
      for (; at < edit.leftFrom; at++) made.push(left[at] as string);
      for (let index = edit.rightFrom; index < edit.rightTo; index++) made.push(right[index] as string);
      at = edit.leftTo;
    }
    for (; at < left.length; at++) made.push(left[at] as string);
    expect(made.length).toBe(right.length);
    expect(made.every((line, index) => line === right[index])).toBe(true);
    const back = lineEdits({ ...pair, left: right, right: left });
    expect(back.map((edit) => [edit.rightFrom, edit.rightTo, edit.leftFrom, edit.leftTo])).toEqual(
      edits.map((edit) => [edit.leftFrom, edit.leftTo, edit.rightFrom, edit.rightTo]),
    );
  });

  it('keeps to the bytes given, says so, and shows as much of either side', () => {
    for (const maxBytes of [0, 10, 30, 100, 1_000, 5_000]) {
      const [left, right] = [of((index) => `left ${index}`, 500), of((index) => `r ${index}`, 300)];
      const there = lineDiff(['same', ...left], ['same', ...right], { maxBytes });
      expect(Buffer.byteLength(there.text)).toBeLessThanOrEqual(maxBytes);
      expect(there.truncated).toBe(true);
      expect(mirrorDiff(there.text)).toBe(lineDiff(['same', ...right], ['same', ...left], { maxBytes }).text);
    }
    const { text } = lineDiff(
      ['a'],
      of((index) => `${index}`, 500),
      { maxBytes: 100 },
    );
    expect(text).toContain('\n-a\n+0\n');
  });

  it('shows a very long line around where it differs', () => {
    const line = (word: string): string => `${'x'.repeat(1e6)}${word}${'y'.repeat(1e6)}`;
    const found = lineDiff([line('one')], [line('two')], { maxBytes: 10_000 });
    expect(found.truncated).toBe(true);
    expect(found.text.split('\n').slice(1)).toEqual([
      `-… (999940 characters) …${'x'.repeat(60)}one${'y'.repeat(60)}… (999940 characters) …`,
      `+… (999940 characters) …${'x'.repeat(60)}two${'y'.repeat(60)}… (999940 characters) …`,
      '',
    ]);
  });

  it('leaves out nothing that differs where a line around it is very long', () => {
    const found = lineDiff(['x'.repeat(5_000), 'one'], ['x'.repeat(5_000), 'two'], LARGE);
    expect(found.text).toContain('-one\n+two\n');
    expect(found.text).toContain('… (3000 characters) …');
    expect(found.truncated).toBe(false);
  });

  it('escapes what a terminal would act on', () => {
    expect(lineDiff(['\x1b[31m'], ['a\rb'], LARGE).text).toBe('@@ -1,1 +1,1 @@\n-\\x1b[31m\n+a\\rb\n');
  });
});

/** Length of a longest common subsequence, by the table. */
function common(left: readonly string[], right: readonly string[]): number {
  let above = new Array<number>(right.length + 1).fill(0);
  for (const one of left) {
    const row = [0];
    right.forEach((other, index) => {
      row.push(
        one === other ? (above[index] as number) + 1 : Math.max(above[index + 1] as number, row[index] as number),
      );
    });
    above = row;
  }
  return above.at(-1) as number;
}
