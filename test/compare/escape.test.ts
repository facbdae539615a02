import { describe, expect, it } from 'vitest';
import { bufferSource, escapeName, escapeText, explain, renderText } from '../../compare/index.ts';

describe('escaping text from outside', () => {
  it.each([
    ['a terminal sequence', '\x1b[2J', '\\x1b[2J'],
    ['line ends', 'a\r\nb', 'a\\r\\nb'],
    ['a C1 control', '\x9b31m', '\\x9b31m'],
    ['a bidirectional override', 'a\u202eb', 'a\\u{202e}b'],
    ['a zero-width space', 'a\u200bb', 'a\\u{200b}b'],
    ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
    ['nothing in plain words, tabs and backslashes', 'grün\t\\ 日本 😀', 'grün\t\\ 日本 😀'],
  ])('makes %s visible, once', (_what, text, shown) => {
    expect(escapeText(text)).toBe(shown);
    expect(escapeText(escapeText(text))).toBe(shown);
  });

  it('shows bytes of a name that are no UTF-8, and keeps every two names apart', () => {
    const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
    expect(escapeName(latin1('grün 😀 \ufffd'))).toBe('grün 😀 \ufffd');
    expect(escapeName('gr\xfcn')).toBe('gr\\xfcn');
    expect(escapeName('gr\\xfcn')).toBe('gr\\\\xfcn');
    expect(escapeName('\xc0\x80 \xed\xa0\x80 \xe2\x82')).toBe('\\xc0\\x80 \\xed\\xa0\\x80 \\xe2\\x82');
  });
});

describe('a difference as text', () => {
  const lines = (word: string): Buffer =>
    Buffer.from(Array.from({ length: 6 }, (_, index) => `${word} ${index}\n`).join(''));

  it('shows both sides below the node', async () => {
    const left = bufferSource('a.txt', Buffer.from('one\ntwo\n'));
    const right = bufferSource('a.txt', Buffer.from('one\n\x1b[0m2\n'));
    expect(renderText(await explain(left, right))).toBe(
      'a.txt (text): 8 against 10 bytes\n  @@ -1,2 +1,2 @@\n   one\n  -two\n  +\\x1b[0m2\n',
    );
  });

  it('is bounded in lines and characters, and says what it left out', async () => {
    const found = await explain(bufferSource('a', lines('x'.repeat(300))), bufferSource('a', lines('y')));
    const report = renderText(found, { maxLines: 4, maxCharacters: 50 }).trimEnd().split('\n');
    expect(report.length).toBe(5);
    expect(report.at(-1)).toBe('… 10 more lines');
    expect(Math.max(...report.map((line) => line.length))).toBeLessThan(50 + 25);
  });
});
