import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MarkupOptions, type MarkupToken, readMarkup } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';

const limits = { tokens: 1000, depth: 10 };
const xml = (text: string): readonly MarkupToken[] => readMarkup(text, { syntax: 'xml', limits });
const html = (text: string): readonly MarkupToken[] => readMarkup(text, { syntax: 'html', limits });

describe('reading XML', () => {
  it('gives every piece as it is written', () => {
    expect(
      xml(
        '\ufeff<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a b = \'1>\' c="&x;"><!-- - --><![CDATA[<]]>t&amp;<d/></a >',
      ),
    ).toEqual([
      { kind: 'instruction', text: 'xml version="1.0"' },
      { kind: 'declaration', text: 'DOCTYPE a [<!ENTITY x "y">]' },
      {
        kind: 'open',
        name: 'a',
        attributes: [
          { name: 'b', value: '1>' },
          { name: 'c', value: '&x;' },
        ],
        empty: false,
      },
      { kind: 'comment', text: ' - ' },
      { kind: 'cdata', text: '<' },
      { kind: 'text', text: 't&amp;' },
      { kind: 'open', name: 'd', attributes: [], empty: true },
      { kind: 'close', name: 'a' },
    ]);
  });

  it.each([
    '<a>',
    '<a></b>',
    '<a b></a>',
    '<a b=1></a>',
    '<a',
    '<a>< </a>',
    '<!-- ',
    '<!DOCTYPE a [',
    '<a></a b>',
    '<VirtualHost *:80></VirtualHost>',
  ])('refuses %j', (text) => {
    expect(() => xml(text)).toThrow(/reading XML at character \d+/);
  });

  it('stops at its limits', () => {
    const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(xml(nested(limits.depth))).toHaveLength(20);
    expect(() => xml(nested(limits.depth + 1))).toThrow(/too deep/);
    expect(xml('<a/>'.repeat(limits.tokens))).toHaveLength(limits.tokens);
    expect(() => xml('<a/>'.repeat(limits.tokens + 1))).toThrow(/too many/);
    expect(() => xml(`<a ${'b="" '.repeat(limits.tokens)}/>`)).toThrow(/too many/);
  });
});

describe('reading HTML', () => {
  it('takes it as it comes', () => {
    expect(html('<P CLASS=a>1 < 2<br><script>if (a</b/) "<p>"</SCRIPT></b>&<!-- ')).toEqual([
      { kind: 'open', name: 'p', attributes: [{ name: 'class', value: 'a' }], empty: false },
      { kind: 'text', text: '1 ' },
      { kind: 'text', text: '< 2' },
      { kind: 'open', name: 'br', attributes: [], empty: false },
      { kind: 'open', name: 'script', attributes: [], empty: false },
      { kind: 'text', text: 'if (a</b/) "<p>"' },
      { kind: 'close', name: 'script' },
      { kind: 'close', name: 'b' },
      { kind: 'text', text: '&' },
      { kind: 'comment', text: ' ' },
    ]);
  });

  it('reads on whatever the text is', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '</',
      '<a',
      '<script>',
      '</script',
      '=',
      '"',
      "'",
      ' ',
      'x',
      '/',
      '<!',
      '<!--',
      '-->',
      '<?',
      '[',
      ']',
      '\n',
    );
    for (const syntax of ['html', 'xml'] satisfies MarkupOptions['syntax'][])
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
          try {
            expect(readMarkup(pieces.join(''), { syntax, limits }).length).toBeLessThanOrEqual(20 * 2);
          } catch (error) {
            if (!isReproofError(error, 'FORMAT_MALFORMED', 'FORMAT_LIMIT')) throw error;
          }
        }),
        { numRuns: 1000 },
      );
  });
});
