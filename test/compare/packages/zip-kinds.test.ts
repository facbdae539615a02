import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';
import { type SmallZipMember, smallZip } from '../../helpers/small-zip.ts';

const compare = (left: Uint8Array, right: Uint8Array, name = 'file'): Promise<Difference> =>
  explain(bufferSource(name, left), bufferSource(name, right));

const manifest = (...lines: string[]): Buffer => Buffer.from(['Manifest-Version: 1.0', ...lines, '', ''].join('\r\n'));

describe('what is built on zip', () => {
  it.each<[string, string, SmallZipMember[]]>([
    ['jar', 'file', [{ name: 'META-INF/' }, { name: 'META-INF/MANIFEST.MF' }]],
    ['jar', 'x.jar', [{ name: 'A.class' }]],
    ['war', 'file', [{ name: 'META-INF/' }, { name: 'WEB-INF/web.xml' }]],
    ['wheel', 'file', [{ name: 'm.py' }, { name: 'm-1.dist-info/WHEEL' }]],
    ['apk', 'file', [{ name: 'AndroidManifest.xml' }]],
    ['epub', 'file', [{ name: 'mimetype', content: 'application/epub+zip' }]],
    ['opendocument', 'file', [{ name: 'mimetype', content: 'application/vnd.oasis.opendocument.text' }]],
    ['ooxml', 'file', [{ name: '[Content_Types].xml', deflate: 6, content: '<Types/>' }]],
    ['nupkg', 'file', [{ name: '_rels/.rels' }, { name: 'x.nuspec' }]],
    ['xpi', 'x.xpi', [{ name: 'manifest.json' }]],
    ['zip', 'x.zip', [{ name: 'anything' }]],
  ])('is told: %s in %s', async (kind, name, members) => {
    const found = await compare(smallZip(members), smallZip([...members, { name: 'more' }]), name);
    expect(found.kind).toBe(kind);
    expect(found.children.map((child) => child.path)).toEqual(['more']);
  });

  it('is told behind the bytes that a module of Java begins with', async () => {
    const module = (content: string): Buffer =>
      Buffer.concat([Buffer.from('JM\x01\0'), smallZip([{ name: 'classes/x', content, deflate: 6 }])]);
    const found = await compare(module('a\n'), module('b\n'), 'java.base.jmod');
    expect(found.kind).toBe('jmod');
    expect(found.children.map(({ path, kind }) => [path, kind])).toEqual([['classes/x', 'text']]);
  });

  it('is a plain zip where only one side shows it', async () => {
    const left = smallZip([{ name: 'META-INF/MANIFEST.MF' }, { name: 'b' }]);
    const right = smallZip([{ name: 'b' }, { name: 'META-INF/MANIFEST.MF' }]);
    expect((await compare(left, right)).kind).toBe('zip');
  });
});

describe("explaining how two jars' manifests differ", () => {
  it('compares attributes with their continuations joined, and says what they are about', async () => {
    const left = manifest(
      'Created-By: 17 (Debian)',
      'Built-By: alice',
      'Bnd-LastModified: 1700000000',
      'Same: long',
      ' er',
    );
    const right = manifest('Created-By: 21 (Debian)', 'Built-By: bob', 'Bnd-LastModified: 1700000009', 'Same: longer');
    const found = await compare(left, right);
    expect(found.kind).toBe('jar-manifest');
    expect(found.fields).toEqual([
      { name: 'Bnd-LastModified', left: '1700000000', right: '1700000009' },
      { name: 'Built-By', left: 'alice', right: 'bob' },
      { name: 'Created-By', left: '17 (Debian)', right: '21 (Debian)' },
    ]);
    expect(found.reasons?.map(({ kind, evidence }) => `${kind} ${evidence}`)).toEqual([
      'timestamp Bnd-LastModified',
      'owner Built-By',
      'version-text Created-By',
    ]);
    expect(await compare(right, left)).toEqual(mirror(found));
  });

  it('names the items of a list that is too long for a field', async () => {
    const packages = Array.from({ length: 60 }, (_, index) => `org.example.p${index};version="1.0"`);
    const imports = (last: string): Buffer => manifest(`Import-Package: ${[...packages, last].join(',')}`);
    const found = await compare(imports('org.example.last;version="1.1"'), imports('org.example.last;version="1.2"'));
    expect(found.fields).toBeUndefined();
    expect(found.children.map(({ path }) => path)).toEqual(['Import-Package']);
    expect(found.children[0]?.diff?.split('\n').filter((line) => /^[-+]/.test(line))).toEqual([
      '-org.example.last;version="1.1"',
      '+org.example.last;version="1.2"',
    ]);
  });

  it('tells order, of attributes and of items', async () => {
    const left = manifest('A: 1', 'B: 2', 'Export-Package: x,y');
    const right = manifest('B: 2', 'A: 1', 'Export-Package: y,x');
    const found = await compare(left, right);
    expect(found.reasons).toEqual([
      { kind: 'order', evidence: 'the items of Export-Package are the same' },
      { kind: 'order', evidence: 'attributes in another order' },
    ]);
    expect(await compare(right, left)).toEqual(mirror(found));
  });

  it('tells line endings and folding', async () => {
    const text = manifest('A: longer').toString();
    const endings = await compare(Buffer.from(text), Buffer.from(text.replaceAll('\r\n', '\n')));
    expect(endings.reasons).toEqual([{ kind: 'line-endings', evidence: 'lines end otherwise' }]);
    const folded = await compare(Buffer.from(text), Buffer.from(text.replace('longer', 'long\r\n er')));
    expect(folded.detail).toBe('the same attributes: lines are folded at other places');
  });

  it('shows sections as lines, and what a signature file is', async () => {
    const signed = (digest: string): Buffer =>
      Buffer.from(`Signature-Version: 1.0\n\nName: a\nSHA-256-Digest: ${digest}\n\n`);
    const found = await compare(signed('AAAA'), signed('BBBB'));
    expect(found.reasons).toEqual([{ kind: 'signature', evidence: 'a signature file of a signed jar' }]);
    expect(found.children[0]).toMatchObject({
      path: 'sections',
      diff: expect.stringContaining('-SHA-256-Digest: AAAA'),
    });
  });

  it('of any bytes throws nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), async (one, other) => {
        const [left, right] = [one, other].map((rest) => Buffer.concat([Buffer.from('Manifest-Version: '), rest])) as [
          Buffer,
          Buffer,
        ];
        const found = await compare(left, right);
        expect(found.kind === 'identical').toBe(left.equals(right));
        expect(await compare(right, left)).toEqual(mirror(found));
      }),
    );
  });
});

describe('explaining how two apk signing blocks differ', () => {
  const block = (...pairs: [id: number, value: string][]): Buffer => {
    const body = Buffer.concat(
      pairs.map(([id, value]) => {
        const pair = Buffer.alloc(12 + value.length);
        pair.writeBigUInt64LE(BigInt(4 + value.length));
        pair.writeUInt32LE(id, 8);
        pair.write(value, 12);
        return pair;
      }),
    );
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(body.length + 24));
    return Buffer.concat([size, body, size, Buffer.from('APK Sig Block 42')]);
  };
  const apk = (beforeDirectory: Buffer): Buffer =>
    smallZip([{ name: 'AndroidManifest.xml', content: 'x' }], { beforeDirectory });

  it('names the schemes, and gives the signature as the reason', async () => {
    const left = apk(block([0x7109871a, 'one'], [0x42726577, '\0\0']));
    const right = apk(block([0x7109871a, 'two'], [0x42726577, '\0\0']));
    const found = await compare(left, right);
    expect(found.children[0]).toMatchObject({
      path: '(APK Signing Block)',
      kind: 'apk-signing-block',
      fields: [{ name: 'v2 signature', left: expect.stringMatching(/^3 bytes, sha256 /) }],
      reasons: [{ kind: 'signature' }],
    });
    expect(await compare(right, left)).toEqual(mirror(found));
  });

  it('leaves a block that is broken to its bytes', async () => {
    const broken = block([0x7109871a, 'one']);
    broken.writeBigUInt64LE(99n, 8);
    const found = await compare(apk(block([0x7109871a, 'one'])), apk(broken));
    expect(found.children[0]?.kind).toBe('bytes');
  });
});
