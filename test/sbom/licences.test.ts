import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { licenceExpression } from '../../sbom/index.ts';

const library = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json');
const listed: ReadonlySet<string> = new Set(
  JSON.parse(readFileSync(join(library, '../res/schema/spdx.SNAPSHOT.schema.json'), 'utf8')).enum,
);
const expression = (...licences: string[]) => licenceExpression(licences)?.expression;

describe('licences of DEP-5 as an SPDX expression', () => {
  it.each([
    ['GPL-2', 'GPL-2.0-only'],
    ['GPL-2+', 'GPL-2.0-or-later'],
    ['GPL-3.0+', 'GPL-3.0-or-later'],
    ['LGPL-2.1+', 'LGPL-2.1-or-later'],
    ['LGPL-2', 'LGPL-2.0-only'],
    ['AGPL-3', 'AGPL-3.0-only'],
    ['GFDL-1.3+', 'GFDL-1.3-or-later'],
    ['GFDL-NIV-1.3', 'GFDL-1.3-no-invariants-only'],
    ['Expat', 'MIT'],
    ['BSD-3-clause', 'BSD-3-Clause'],
    ['Apache-2.0', 'Apache-2.0'],
    ['CC0-1.0', 'CC0-1.0'],
    ['CC-BY-SA-4.0', 'CC-BY-SA-4.0'],
    ['Zlib', 'Zlib'],
    ['WTFPL-2', 'WTFPL'],
    ['GPL-2.0-or-later', 'GPL-2.0-or-later'],
  ])('write %s as %s, which is on its list', (licence, id) => {
    expect(licenceExpression([licence])).toEqual({ expression: id, references: [] });
    expect(listed).toContain(id);
  });

  it('name only what is on the list, or begins with LicenseRef-', () => {
    const families = ['gpl', 'lgpl', 'agpl', 'gfdl', 'gfdl-niv'];
    const versions = ['1', '1.1', '1.2', '1.3', '2', '2.1', '3'];
    const made = families.flatMap((family) =>
      versions.flatMap((version) => ['', '+'].map((plus) => expression(`${family}-${version}${plus}`) ?? '')),
    );
    const others = [
      'artistic',
      'psf-2',
      'zpl-2.1',
      'efl-2',
      'lppl-1.3c',
      'qpl-1.0',
      'ftl',
      'x11',
      'w3c',
      'openssl',
      'curl',
    ];
    const all = [...made, ...others.map((name) => expression(name) ?? '')];
    expect(all.filter((id) => !listed.has(id) && !id.startsWith('LicenseRef-Debian-'))).toEqual([]);
    expect(made.filter((id) => listed.has(id)).length).toBeGreaterThan(25);
  });

  it.each([
    ['GPL-1+ or Artistic-2.0', 'GPL-1.0-or-later OR Artistic-2.0'],
    ['GPL-2+ and Expat', 'GPL-2.0-or-later AND MIT'],
    ['GPL-2 or Expat and ISC', 'GPL-2.0-only OR MIT AND ISC'],
    ['GPL-2 or Expat, and ISC', '(GPL-2.0-only OR MIT) AND ISC'],
    ['  GPL-2   or\tExpat ', 'GPL-2.0-only OR MIT'],
    ['GPL-2+ with OpenSSL exception', 'LicenseRef-Debian-GPL-2-with-OpenSSL-exception-3fd80b44'],
  ])('read %s by the grammar of DEP-5', (licence, wanted) => {
    expect(expression(licence)?.replace(/-[0-9a-f]{8}$/, '')).toBe(wanted.replace(/-[0-9a-f]{8}$/, ''));
  });

  it('hold for all sets of files together, in one order', () => {
    expect(expression('ISC', 'GPL-1+ or Expat', 'ISC')).toBe('(GPL-1.0-or-later OR MIT) AND ISC');
    expect(expression('GPL-1+ or Expat', 'ISC')).toBe(expression('ISC', 'GPL-1+ or Expat'));
  });

  it('are none where none is named', () => {
    expect(licenceExpression([])).toBeUndefined();
    expect(licenceExpression([' ', ''])).toBeUndefined();
  });

  it('never give two unknown names one reference, whatever is in them', () => {
    const names = [
      'a b',
      'a-b',
      'a/b',
      'a\x1bb',
      'a\u202eb',
      '__proto__',
      'constructor',
      'toString',
      'x'.repeat(5000),
      '☃',
    ];
    const made = licenceExpression(names);
    expect(made?.references.map(({ name }) => name).length).toBe(names.length);
    expect(new Set(made?.references.map(({ id }) => id)).size).toBe(names.length);
    for (const { id } of made?.references ?? []) expect(id).toMatch(/^LicenseRef-Debian-[A-Za-z0-9.-]*$/);
  });

  it('are bounded in number and length', () => {
    const made = licenceExpression(Array.from({ length: 5000 }, (_, index) => `${'a or '.repeat(150)}${index}`));
    expect(made?.references).toHaveLength(1001);
    expect(made?.expression.length).toBeLessThan(10_000_000);
  });
});
