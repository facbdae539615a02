import { describe, expect, it } from 'vitest';
import { clean, layOut, wrap } from '../../../../rebuilder/cli/report/layout.ts';
import { secondsWords } from '../../../../rebuilder/cli/report/words.ts';

describe('durations', () => {
  it.each([
    [0, '0.0 s'],
    [59.94, '59.9 s'],
    [59.95, '1 min 00 s'],
    [119.6, '2 min 00 s'],
    [3599.4, '59 min 59 s'],
    [3599.5, '1 h 00 min'],
    [86_400, '24 h 00 min'],
  ])('of %d seconds are told as %s', (seconds, words) => {
    expect(secondsWords(seconds)).toBe(words);
  });
});

describe('wrapping', () => {
  it.each([
    ['aa bb cc', 5, ['aa bb', 'cc']],
    ['aa bb cc', 4, ['aa', 'bb', 'cc']],
    ['aaaaaa bb', 4, ['aaaaaa', 'bb']],
    ['aa  bb', 10, ['aa  bb']],
    ['', 4, ['']],
    ['x'.repeat(300), 40, ['x'.repeat(128), 'x'.repeat(128), 'x'.repeat(44)]],
    [`x${'😀'.repeat(64)}`, 40, [`x${'😀'.repeat(63)}`, '😀']],
    [`${'x'.repeat(128)} y`, 40, ['x'.repeat(128), 'y']],
  ])('%j at %i characters gives its words on lines', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it('cuts a text without end and says how long it was', () => {
    expect(clean('x'.repeat(2000))).toBe('x'.repeat(2000));
    expect(clean('x'.repeat(2001))).toBe(`${'x'.repeat(2000)}… (2001 characters)`);
  });

  it('puts the text below a label that leaves it no room', () => {
    const paragraph = { indent: 2, label: 'a long label', labelWidth: 30, text: 'and what it says of it all' };
    expect(layOut(paragraph, { width: 40, colour: false })).toEqual([
      '  a long label',
      '    and what it says of it all',
    ]);
  });
});
