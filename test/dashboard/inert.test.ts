import { describe, expect, it } from 'vitest';
import { inertParts, inertText, isActive } from '../../dashboard/inert.ts';

describe('text from outside', () => {
  it.each([
    ['\u001b', '\\x1b'],
    ['\u202e', '\\u202e'],
    ['\0', '\\x00'],
    ['\u200b', '\\u200b'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
  ])('shows every active character, the first and an only one among them: %j', (character, shown) => {
    for (const text of [character, `a${character}b`, `${character}${character}`]) {
      expect(isActive(text)).toBe(true);
      const written = text.replaceAll(character, shown);
      expect(inertText(text)).toBe(written);
      expect(
        inertParts(text)
          .map((part) => part.text)
          .join(''),
      ).toBe(written);
    }
  });

  it('leaves the rest as it is', () => {
    expect(isActive('Grüße 😀\tא\n')).toBe(false);
    expect(inertParts('Grüße')).toEqual([{ text: 'Grüße', active: false }]);
  });
});
