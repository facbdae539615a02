import { describe, expect, it } from 'vitest';
import { readDebSymbols } from '../../formats/index.ts';

const FILE = `# made by hand
libz.so.1 zlib1g #MINVER#
| libz1 #MINVER#, zlib1g (>= 1)
* Build-Depends-Package: zlib1g-dev
 ZLIB_1.2@ZLIB_1.2 1:1.2
 adler32@Base 1:1.1.4 1
libother.so.2 other
 f@Base 1
`;

describe('reading a symbols file', () => {
  it('reads libraries with dependencies, fields and symbols, as deb-symbols(5) has them', () => {
    expect(readDebSymbols(FILE, 10)).toEqual([
      {
        soname: 'libz.so.1',
        dependencies: ['zlib1g #MINVER#', 'libz1 #MINVER#, zlib1g (>= 1)'],
        fields: ['Build-Depends-Package: zlib1g-dev'],
        symbols: [
          { name: 'ZLIB_1.2@ZLIB_1.2', version: '1:1.2' },
          { name: 'adler32@Base', version: '1:1.1.4 1' },
        ],
      },
      { soname: 'libother.so.2', dependencies: ['other'], fields: [], symbols: [{ name: 'f@Base', version: '1' }] },
    ]);
  });

  it.each([
    ['a symbol without a library', ' f@Base 1\n'],
    ['a symbol without a version', 'libz.so.1 z\n f@Base\n'],
    ['a line that is none of these', 'libz.so.1 z\n f g h i\n'],
  ])('refuses %s', (_what, text) => {
    expect(() => readDebSymbols(text, 10)).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
  });

  it('stops at its limit', () => {
    expect(readDebSymbols(FILE, 3)).toHaveLength(2);
    expect(() => readDebSymbols(FILE, 2)).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
  });

  it('reads any beginning of it or says where it ends', () => {
    for (let end = 0; end < FILE.length; end++) {
      let code = 'none';
      try {
        readDebSymbols(FILE.slice(0, end), 10);
      } catch (error) {
        code = (error as { code: string }).code;
      }
      expect(['none', 'FORMAT_MALFORMED'], `cut at ${end}`).toContain(code);
    }
  });
});
