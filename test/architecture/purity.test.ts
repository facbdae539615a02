import { describe, expect, it } from 'vitest';
import { readSources } from './sources.ts';

/** Folders and files whose output hangs on nothing but their input. */
const PURE =
  /^(?:model|formats|compare|sbom|attest\/statement|dashboard(?!\/islands))\/.*\.ts$|^rebuilder\/ecosystem\/debian\/plan\.ts$/;

/** What would let a clock, chance, the environment or a locale in. `new Date(number)` is arithmetic. */
const IMPURE: Readonly<Record<string, RegExp>> = {
  'the time': /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b/,
  chance: /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/,
  'the environment': /\bprocess\.(?:env|cwd|platform|argv)\b/,
  'a locale': /\.toLocale[A-Z]\w*|\.localeCompare\b|\bIntl\./,
};

/** What `code` lets in, comments left out. */
function impurities(code: string): readonly string[] {
  const bare = code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?:^|\s)\/\/.*$/gm, '');
  return Object.entries(IMPURE)
    .filter(([, pattern]) => pattern.test(bare))
    .map(([name]) => name);
}

describe('the pure folders', () => {
  const pure = readSources().filter(({ path }) => PURE.test(path));

  it('are looked at', () => {
    expect(pure.length).toBeGreaterThan(12);
  });

  it('let in no clock, chance, environment or locale', () => {
    const caught = pure
      .map(({ path, text }) => ({ path, found: impurities(text) }))
      .filter(({ found }) => found.length > 0);
    expect(caught).toEqual([]);
  });

  it.each([
    ['the time', 'const a = Date.now();'],
    ['the time', 'const a = new Date();'],
    ['chance', 'return Math.random();'],
    ['the environment', "if (process.env.HOME === '/') return;"],
    ['a locale', 'names.sort((left, right) => left.localeCompare(right));'],
    ['a locale', 'text.toLocaleUpperCase();'],
  ])('would be caught letting in %s by %s', (name, code) => {
    expect(impurities(code)).toEqual([name]);
  });

  it.each(['const a = new Date(seconds * 1000);', '// Date.now() would differ each time', '/** Never process.env. */'])(
    'may hold %s',
    (code) => {
      expect(impurities(code)).toEqual([]);
    },
  );
});
