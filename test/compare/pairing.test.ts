import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Listing } from '../../compare/members.ts';
import type { Pairing } from '../../compare/pairing.ts';
import type { Difference } from '../../model/index.ts';
import { mirror } from '../helpers/mirror.ts';
import { type File, listing, named, names, only, pairing } from '../helpers/paired-listings.ts';

const asNode = ({ differing: _, ...found }: Pairing): Difference => ({ path: 'x', kind: 'x', ...found });

describe('the order of members of which only some were listed', () => {
  it('is told without counts, which would be those of the listed ones', () => {
    const [left, right] = [named(['a', 'b']), named(['b', 'a'])];
    const found = pairing({ ...left, partial: true }, { ...right, partial: true });
    expect(found.fields).toEqual([{ name: 'first member that stands elsewhere', left: 'a', right: 'b' }]);
    expect(found.reasons).toEqual([{ kind: 'order', evidence: 'members in another order' }]);
  });
});

describe('the order of members of which some have other names', () => {
  it('is that of the names where nothing else moved', () => {
    const found = pairing(
      listing([['a', { content: 'x' }], ['m'], ['n']]),
      listing([['m'], ['n'], ['z', { content: 'x' }]]),
    );
    expect(names(found)).toEqual(['a -> z']);
    expect(found.reasons).toEqual([]);
    expect(found.fields).toEqual([]);
  });

  it('is told of the others', () => {
    const found = pairing(
      listing([['a', { content: 'x' }], ['m'], ['n']]),
      listing([['n'], ['m'], ['z', { content: 'x' }]]),
    );
    expect(found.reasons).toEqual([{ kind: 'order', evidence: 'members in another order: 1 of 2 moved' }]);
  });
});

describe('members of equal content whose headers differ', () => {
  const all = (header: (index: number) => Readonly<Record<string, string>>): Listing =>
    listing(Array.from({ length: 6 }, (_, index) => [`${index}`, { header: header(index) }] as const));

  it('are told together where no value of theirs says more than that of another', () => {
    const found = pairing(
      all((index) => ({ mtime: `${index}` })),
      all((index) => ({ mtime: `${2 * index + 1}` })),
    );
    expect(found.children).toEqual([]);
    expect(found.notes).toEqual(['6 members of equal content differ in mtime, such as 0']);
  });

  it('are told one by one where a link leads elsewhere', () => {
    const found = pairing(
      all((index) => ({ linkname: `lib.so.${index}.1`, mtime: '1' })),
      all((index) => ({ linkname: `lib.so.${index}.2`, mtime: '2' })),
    );
    expect(found.notes).toEqual([]);
    expect(found.children.map(({ fields }) => fields?.[0]?.right)).toEqual(
      Array.from({ length: 6 }, (_, index) => `lib.so.${index}.2`),
    );
  });

  it('are told apart by the modes and owners they change from and to', () => {
    const found = pairing(
      all(() => ({ mode: '0644' })),
      all((index) => ({ mode: index === 5 ? '04755' : '0664' })),
    );
    expect(found.notes).toEqual(['5 members of equal content differ in mode, such as 0']);
    expect(found.children).toMatchObject([{ path: '5', fields: [{ name: 'mode', left: '0644', right: '04755' }] }]);
    expect(found.reasons).toEqual([
      { kind: 'mode', evidence: 'mode of 5 of 6 members differs, such as 0', left: '0644', right: '0664' },
    ]);
  });

  it('are told together where each has values of its own', () => {
    const many = (shift: number): Listing =>
      listing(Array.from({ length: 30 }, (_, index) => [`${index}`, { header: { uid: `${index + shift}` } }] as const));
    const found = pairing(many(0), many(1_000));
    expect(found.notes).toEqual(['30 members of equal content differ in uid, such as 0']);
    expect(found.reasons.map(({ kind }) => kind)).toEqual(['owner']);
  });
});

describe('pairing members by more than their names', () => {
  it('lists each of many that are renamed alike, and gives the reason once', () => {
    const files = (version: string): Listing =>
      listing(Array.from({ length: 5 }, (_, index) => [`x-${version}/${index}`, { content: `${index}` }] as const));
    const found = pairing(files('2.3.3'), files('2.3.4'));
    expect(names(found)).toEqual([0, 1, 2, 3, 4].map((index) => `x-2.3.3/${index} -> x-2.3.4/${index}`));
    expect(found.children.map((child) => child.reasons)).toEqual(found.children.map(() => undefined));
    expect(found.reasons.map((reason) => reason.kind)).toEqual(['renamed']);
  });

  it('finds a renamed one by its content, and says so', () => {
    const found = pairing(listing([['old/a', { content: 'x' }], ['b']]), listing([['b'], ['new/c', { content: 'x' }]]));
    expect(found.children).toMatchObject([
      {
        path: 'old/a',
        left: { name: 'old/a' },
        right: { name: 'new/c' },
        reasons: [{ kind: 'renamed', evidence: 'equal content under different names' }],
      },
    ]);
  });

  it('takes of several of one content that which has more of the name', () => {
    const same = (...paths: string[]): Listing => listing(paths.map((path) => [path, { content: 'x' }] as const));
    const found = pairing(
      same('lib/a/__init__.py', 'lib/b/__init__.py', 'lib/one', 'lib/two'),
      same('share/b/__init__.py', 'share/c/__init__.py', 'share/two', 'share/x/three'),
    );
    expect(names(found)).toEqual([
      'lib/a/__init__.py -> share/c/__init__.py',
      'lib/b/__init__.py -> share/b/__init__.py',
      'lib/one -> share/x/three',
      'lib/two -> share/two',
    ]);
  });

  it('does not take empty members for each other', () => {
    expect(names(pairing(listing([['a', { content: '' }], ['x']]), listing([['x'], ['b', { content: '' }]])))).toEqual([
      `a -> ${only}`,
      `${only} -> b`,
    ]);
  });

  it('pairs a kernel package with that of the next ABI, and says once how the names differ', () => {
    const files = (abi: string): string[] => [
      `./boot/config-${abi}`,
      `./boot/vmlinuz-${abi}`,
      ...Array.from({ length: 2_000 }, (_, index) => `./lib/modules/${abi}/kernel/net/foo-${index}.ko`),
    ];
    const [left, right] = [files('6.1.0-55-amd64'), files('6.1.0-56-amd64')];
    const gone = './lib/modules/6.1.0-55-amd64/kernel/net/foo-1.ko';
    const found = pairing(named(left), named(right.filter((name) => name !== gone.replace('55', '56'))));
    expect(found.fields).toEqual([{ name: 'in 2001 names', left: '6.1.0-55', right: '6.1.0-56' }]);
    expect(found.reasons).toEqual([
      { kind: 'renamed', evidence: '2001 names differ only by this', left: '6.1.0-55', right: '6.1.0-56' },
    ]);
    expect(found.differing.length).toBe(2_001);
    expect(names(found).filter((name) => name.includes(only))).toEqual([`${gone} -> ${only}`]);
    for (const { left: one, right: other } of found.differing) expect(one.name.replace('55', '56')).toBe(other.name);
  });

  it.each([
    ['a version in a name', 'usr/lib/libssl.so.3.0.20', 'usr/lib/libssl.so.3.0.22'],
    ['a hash in a name', 'static/main.0a1b2c3d.js', 'static/main.ffee0011.js'],
    ['another folder', 'usr/share/doc/one/NEWS.gz', 'usr/share/doc/two/NEWS.gz'],
    ['another stem beside it', 'usr/share/x/data.bin', 'usr/share/x/other.bin'],
  ])('pairs by %s', (_, old, now) => {
    const found = pairing(named(['same', old], 'one'), named(['same', now], 'two'));
    expect(names(found)).toEqual([`${old} -> ${now}`, 'same -> same'].sort());
    expect(found.children.find((child) => child.path === old)?.reasons).toEqual([
      { kind: 'renamed', evidence: 'paired under different names' },
    ]);
  });

  it('pairs the only members of two containers whatever they are called', () => {
    expect(names(pairing(named(['one']), named(['two'])))).toEqual(['one -> two']);
  });

  it('does not look into a file where the other side has a link of its name', () => {
    const file = { content: 'x'.repeat(99), header: { type: 'file', linkname: '' } };
    const link = { content: '', header: { type: 'link', linkname: 'b' } };
    const found = pairing(
      listing([
        ['a', file],
        ['b', link],
      ]),
      listing([
        ['a', link],
        ['b', file],
      ]),
    );
    expect(found.differing).toEqual([]);
    expect(found.children).toMatchObject([
      { path: 'a', detail: 'of another type', fields: [{ name: 'linkname', right: 'b' }, { name: 'type' }] },
      { path: 'b', detail: 'of another type', left: { size: 0 }, right: { size: 99 } },
    ]);
  });

  it('does not guess between rivals, nor pair a folder with a file', () => {
    const rivals = pairing(named(['x/README', 'y/README', 's'], '1'), named(['z/README', 's'], '2'));
    expect(names(rivals).filter((name) => name.includes(only)).length).toBe(3);
    const types = pairing(
      listing([['s'], ['lib1', { content: '', header: { type: 'directory' } }]]),
      listing([['s'], ['lib2', { header: { type: 'file' } }]]),
    );
    expect(names(types)).toEqual([`lib1 -> ${only}`, `${only} -> lib2`]);
  });

  it('gives the mirrored result with the sides swapped, each member once', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '1',
      '2',
      '55',
      '56',
      '1.2-3',
      'README',
      'x.js',
      'deadbeef1',
      '.build-id/3a/7af115',
    );
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const content = fc.constantFrom('', 'one', 'two', 'three');
    const mtime = fc.constantFrom('1', '2', '3602');
    const file = fc
      .tuple(name, content, mtime)
      .map(([path, text, time]): [string, File] => [path, { content: text, header: { mtime: time } }]);
    const files = fc.array(file, { maxLength: 14 });
    fc.assert(
      fc.property(files, files, (old, now) => {
        const [left, right] = [listing(old), listing(now)];
        const found = pairing(left, right);
        expect(mirror(asNode(pairing(right, left)))).toEqual(asNode(found));
        const sides = (side: 'left' | 'right'): number => new Set(found.differing.map((pair) => pair[side].key)).size;
        expect([sides('left'), sides('right')]).toEqual([found.differing.length, found.differing.length]);
      }),
      { numRuns: 500 },
    );
  });

  it('takes many members with nothing in common', () => {
    const files = (word: string): Listing => {
      const members = Array.from({ length: 30_000 }, (_, index) => `${word}/${index}/${word}${index}.txt`);
      return named(members, word);
    };
    expect(pairing(files('one'), files('two')).differing.length).toBe(0);
    const same = Array.from({ length: 30_000 }, (_, index) => `d${index % 7}/f${index}`);
    expect(pairing(named(same), named(same.toReversed())).reasons).toEqual([
      { kind: 'order', evidence: 'members in another order: 29999 of 30000 moved' },
    ]);
  });
});

describe('telling headers that many members share', () => {
  const dated = (count: number, header: (index: number) => Readonly<Record<string, string>>): Listing =>
    listing(Array.from({ length: count }, (_, index) => [`f${index}`, { header: header(index) }]));
  const time = (index: number, shift = 0): string => new Date((index + shift) * 1_000).toISOString();

  it('says by how much all dates differ', () => {
    const found = pairing(
      dated(50, (index) => ({ mtime: time(index) })),
      dated(50, (index) => ({ mtime: time(index, 3_600) })),
    );
    expect(found.children).toEqual([]);
    expect(found.reasons).toEqual([
      {
        kind: 'timestamp',
        evidence: 'mtime of 50 of 50 members differs, always by 3600 s, such as f0',
        left: time(0),
        right: time(0, 3_600),
      },
    ]);
  });

  it('says it to the nanosecond, and takes no two distances for the same', () => {
    const at = (nanoseconds: number): string => `2023-11-14T22:13:20.${String(nanoseconds).padStart(9, '0')}Z`;
    const evidenceOf = (shift: (index: number) => number): string | undefined =>
      pairing(
        dated(9, (index) => ({ mtime: at(index) })),
        dated(9, (index) => ({ mtime: at(index + shift(index)) })),
      ).reasons[0]?.evidence;
    expect(evidenceOf(() => 120)).toBe('mtime of 9 of 9 members differs, always by 0.00000012 s, such as f0');
    expect(evidenceOf((index) => index + 1)).toBe('mtime of 9 of 9 members differs, such as f0');
  });

  it('tells mode, owner and date apart, and gives no common distance where there is none', () => {
    const found = pairing(
      dated(9, (index) => ({ mode: '0644', uname: 'one', mtime: time(index) })),
      dated(9, (index) => ({ mode: '0664', uname: 'two', mtime: time(index, index + 1) })),
    );
    expect(found.reasons.map(({ kind, evidence }) => `${kind}: ${evidence}`)).toEqual([
      'mode: mode of 9 of 9 members differs, such as f0',
      'timestamp: mtime of 9 of 9 members differs, such as f0',
      'owner: uname of 9 of 9 members differs, such as f0',
    ]);
  });

  it('gives a member of its own its reason', () => {
    const found = pairing(
      dated(2, () => ({ mode: '0644' })),
      dated(2, (index) => ({ mode: index === 0 ? '0664' : '0644' })),
    );
    expect(found.children).toMatchObject([
      { path: 'f0', reasons: [{ kind: 'mode', evidence: 'mode differs', left: '0644', right: '0664' }] },
    ]);
  });
});
