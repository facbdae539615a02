import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './cruise.ts';

type Claim = { readonly claim: string; readonly shownBy: readonly { readonly file: string; readonly title: string }[] };

/** The claims of docs/trust.md: points of a list, each with the tests named in its last line. */
function readClaims(page: string): readonly Claim[] {
  return page
    .split(/^## What is not verified$/m)[0]
    ?.split(/^- /m)
    .slice(1)
    .map((point) => {
      const [text = '', tests = ''] = point.split('Shown by: ');
      let file = '';
      const shownBy: { file: string; title: string }[] = [];
      for (const [, path, title] of tests.matchAll(/`(test\/[^`]+)`|"([^"]+)"/g)) {
        if (path !== undefined) file = path;
        if (title !== undefined) shownBy.push({ file, title });
      }
      return { claim: /\*\*(.*?)\*\*/s.exec(text)?.[1] ?? text, shownBy };
    }) as readonly Claim[];
}

/** True when the file has a test or a group of tests of that title. */
function hasTest({ file, title }: { readonly file: string; readonly title: string }): boolean {
  if (!existsSync(join(root, file))) return false;
  const text = readFileSync(join(root, file), 'utf8');
  return [`'${title.replaceAll("'", "\\'")}',`, `"${title}",`].some((quoted) => text.includes(quoted));
}

describe('docs/trust.md', () => {
  const claims = readClaims(readFileSync(join(root, 'docs', 'trust.md'), 'utf8'));

  it('is read in full', () => {
    expect(claims.length).toBeGreaterThan(12);
    expect(claims.map(({ claim }) => claim)).toContain('The Release file');
  });

  it.each(claims)('names tests that there are, for: $claim', ({ shownBy }) => {
    expect(shownBy.length).toBeGreaterThan(0);
    expect(shownBy.filter((test) => !hasTest(test))).toEqual([]);
  });

  it('would not be believed about a test that there is not', () => {
    expect(hasTest({ file: 'test/architecture/trust.test.ts', title: 'is read in full' })).toBe(true);
    expect(hasTest({ file: 'test/architecture/trust.test.ts', title: ['no', 'such', 'test'].join(' ') })).toBe(false);
    expect(hasTest({ file: 'test/architecture/none.test.ts', title: 'is read in full' })).toBe(false);
  });
});
