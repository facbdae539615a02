import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../model/index.ts';
import { changedLines } from '../../helpers/compare-bytes.ts';
import { mirroredTree } from '../../helpers/leaf-tree.ts';

const compare = (name: string, left: string, right: string): Promise<Difference> => mirroredTree(left, right, { name });
const kinds = (node: Difference): readonly string[] => (node.reasons ?? []).map(({ kind }) => kind);

describe('explaining how two lists of a control archive differ', () => {
  it.each([
    ['deb-triggers', './triggers', 'activate ldconfig\ninterest-noawait /usr/share/x\n'],
    ['deb-conffiles', './conffiles', '/etc/a\nremove-on-upgrade /etc/b\n'],
    ['deb-shlibs', './shlibs', 'libz 1 zlib1g (>= 1:1.2)\nudeb: libz 1 zlib1g-udeb\n'],
  ])('takes no order for a difference that means something: %s', async (kind, name, text) => {
    const found = await compare(name, text, `${text.trim().split('\n').toReversed().join('\n')}\n`);
    expect(found).toMatchObject({ kind, reasons: [{ kind: 'order' }] });
    expect(changedLines(found)).toEqual([]);
  });

  it('names triggers of one side, and those that are awaited on one side alone', async () => {
    const one = 'activate ldconfig\ninterest b\n';
    const found = await compare('./triggers', one, 'interest b\nactivate ldconfig\ninterest c\n');
    expect(changedLines(found)).toEqual(['+interest c']);
    const awaited = await compare('./triggers', one, one.replace('activate', 'activate-noawait'));
    expect(awaited.reasons).toEqual([{ kind: 'metadata', evidence: 'the same triggers, awaited or not' }]);
  });

  it('tells another version of debhelper from other triggers', async () => {
    const text = (version: string): string =>
      `# Triggers added by dh_makeshlibs/${version}\nactivate-noawait ldconfig\n`;
    const found = await compare('./triggers', text('13.11.4'), text('13.20'));
    expect(found.fields).toEqual([{ name: 'added by dh_makeshlibs', left: '13.11.4', right: '13.20' }]);
    expect(kinds(found)).toEqual(['version-text']);
  });

  it('says of a library that its dependency differs', async () => {
    const found = await compare('./shlibs', 'libz 1 zlib1g (>= 1)\n', 'libz 1 zlib1g (>= 2)\n');
    expect(changedLines(found)).toEqual(['-libz 1 zlib1g (>= 1)', '+libz 1 zlib1g (>= 2)']);
    expect(found.reasons).toContainEqual({
      kind: 'version-text',
      evidence: 'the same libraries, depended on otherwise',
    });
  });

  it('leaves what is no such list to the comparison of text', async () => {
    expect((await compare('./triggers', 'interest a\n', 'interest a\nwatch b\n')).kind).toBe('text');
    expect((await compare('./conffiles', 'etc/a\n', '/etc/a\n')).kind).toBe('text');
    expect((await compare('x/notes', '/etc/a\n', '/etc/b\n')).kind).toBe('text');
    const blank = await compare('./conffiles', '/etc/a\n', '/etc/a\n\n');
    expect(blank).toMatchObject({ kind: 'deb-conffiles', reasons: [{ kind: 'whitespace' }] });
  });
});

describe('explaining how two symbols files differ', () => {
  const symbols = (...lines: readonly string[]): string =>
    `libz.so.1 zlib1g #MINVER#\n${lines.map((line) => ` ${line}\n`).join('')}`;

  it('names symbols of one side, and those said to be of another version', async () => {
    const found = await compare('./symbols', symbols('a@Base 1', 'b@Base 1'), symbols('a@Base 2', 'c@Base 1'));
    expect(found.kind).toBe('deb-symbols');
    expect(changedLines(found)).toEqual(['-a@Base 1', '-b@Base 1', '+a@Base 2', '+c@Base 1']);
    expect(found.reasons).toContainEqual({ kind: 'missing-or-extra', evidence: 'symbols that only one side has: 2' });
    expect(found.reasons).toContainEqual({
      kind: 'version-text',
      evidence: 'symbols said to be of another version: 1',
    });
  });

  it('takes no order for a difference, and names what depends on it', async () => {
    const order = await compare('./symbols', symbols('a@Base 1', 'b@Base 1'), symbols('b@Base 1', 'a@Base 1'));
    expect(order).toMatchObject({ kind: 'deb-symbols', reasons: [{ kind: 'order' }] });
    const [one, other] = [symbols('a@Base 1'), symbols('a@Base 1').replace('#MINVER#', '(>= 2)')];
    expect((await compare('./symbols', one, other)).fields).toEqual([
      { name: 'dependency 0 of libz.so.1', left: 'zlib1g #MINVER#', right: 'zlib1g (>= 2)' },
    ]);
    expect((await compare('./symbols', one, `${one}\n`)).kind).toBe('text');
  });

  it('says of several libraries which has the symbol', async () => {
    const two = (name: string): string => `${symbols('a@Base 1')}liby.so.2 y\n ${name}@Base 1\n`;
    expect(changedLines(await compare('libz.symbols.amd64', two('f'), two('g')))).toEqual([
      '-liby.so.2: f@Base 1',
      '+liby.so.2: g@Base 1',
    ]);
  });
});

describe('explaining how two maintainer scripts differ', () => {
  const script = (version: string, more = ''): string =>
    `#!/bin/sh\nset -e\n# Automatically added by dh_installsystemd/${version}\ntrue\n# End automatically added section\n${more}`;

  it('names the program of debhelper that added to it', async () => {
    const found = await compare('./postinst', script('13.11.4'), script('13.20', 'false\n'));
    expect(found.kind).toBe('maintainer-script');
    expect(found.fields).toEqual([{ name: 'added by dh_installsystemd', left: '13.11.4', right: '13.20' }]);
    expect(changedLines(found)).toContain('+false');
    expect(kinds(found)).toContain('version-text');
  });
});

describe("explaining how two packages' templates differ", () => {
  it('compares them by question and field', async () => {
    const templates = (type: string): string =>
      `\nTemplate: x/one\nType: ${type}\nDescription: One?\n\nTemplate: x/two\nType: note\nDescription: Two\n`;
    expect((await compare('./templates', templates('boolean'), templates('string'))).children).toMatchObject([
      { path: 'Template: x/one', fields: [{ name: 'Type', left: 'boolean', right: 'string' }] },
    ]);
  });
});
