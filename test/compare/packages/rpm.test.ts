import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';
import { rpmPackage, strippedRpm } from '../../helpers/rpm-package.ts';

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await explain(bufferSource('x.rpm', left), bufferSource('x.rpm', right));
  expect(await explain(bufferSource('x.rpm', right), bufferSource('x.rpm', left))).toEqual(mirror(found));
  return found;
}

const kinds = (found: Difference): string[] => [...new Set(found.reasons?.map(({ kind }) => kind))];

describe('explaining how two RPM packages differ', () => {
  it('names the time and the host of the build, and what follows from them', async () => {
    const found = await compare(rpmPackage({ text: 'x' }), rpmPackage({ text: 'x', time: 1_700_000_001, host: 'two' }));
    expect(found.kind).toBe('rpm');
    expect(found.fields).toEqual(
      expect.arrayContaining([
        { name: 'BUILDTIME', left: '1700000000', right: '1700000001' },
        { name: 'BUILDHOST', left: 'one', right: 'two' },
      ]),
    );
    expect(kinds(found)).toEqual(expect.arrayContaining(['checksum', 'timestamp', 'metadata']));
  });

  it('goes through the payload to the file', async () => {
    const found = await compare(rpmPackage({ text: 'one' }), rpmPackage({ text: 'two' }));
    const path: string[] = [];
    for (let node: Difference | undefined = found; node !== undefined; node = node.children.at(-1))
      path.push(`${node.path} ${node.kind}`);
    expect(path.slice(0, 2)).toEqual(['x.rpm rpm', expect.stringMatching(/^payload (?:gzip|xz|zstd)$/)]);
    expect(path.slice(2)).toEqual(['payload (unpacked) cpio', './usr/share/x/file text']);
    expect(found.fields?.map(({ name }) => name)).toContain('FILEDIGESTS');
  });

  it('compares what is required item by item', async () => {
    const found = await compare(rpmPackage({ text: 'x' }), rpmPackage({ text: 'x', requires: 'b' }));
    const requires = found.children.find(({ path }) => path === 'REQUIRENAME');
    expect(requires?.diff?.split('\n').filter((line) => /^[-+]/.test(line))).toEqual(['-a', '+b']);
  });

  it('tells every byte of the lead', async () => {
    const left = rpmPackage({ text: 'x' });
    for (let at = 6; at < 96; at++) {
      const right = Buffer.from(left);
      right[at] = (right[at] as number) ^ 1;
      expect((await compare(left, right)).fields, `byte ${at}`).toEqual([
        expect.objectContaining({ name: expect.stringMatching(/^lead /) }),
      ]);
    }
  });

  it('says what it could not read of a broken header, and compares its bytes', async () => {
    const [left, right] = [rpmPackage({ text: 'x' }), rpmPackage({ text: 'x' })];
    right.writeUInt32BE(0xffff_ffff, 96 + 12);
    const found = await compare(left, right);
    expect(found).toMatchObject({ kind: 'bytes', notes: [expect.stringContaining('FORMAT_LIMIT')], truncated: true });
  });

  it('keeps what signs a package apart from the rest', async () => {
    const [left, right] = [rpmPackage({ text: 'x' }), rpmPackage({ text: 'x' })];
    // The first digest of 64 digits behind the lead is that of the header.
    const digest = 96 + right.toString('latin1', 96, 2000).search(/[0-9a-f]{64}\0/);
    right[digest] = right[digest] === 0x61 ? 0x62 : 0x61;
    const found = await compare(left, right);
    expect(found.fields?.map(({ name }) => name)).toEqual(['signature SHA256HEADER']);
    expect(kinds(found)).toEqual(['checksum']);
  });
});

describe('explaining how two RPM packages differ whose payloads name files by number', () => {
  it('goes into the files, by the names that the headers give them', async () => {
    const found = await compare(
      await strippedRpm(rpmPackage({ text: 'one', more: true })),
      await strippedRpm(rpmPackage({ text: 'two', more: true })),
    );
    const payload = found.children.find(({ path }) => path === 'payload')?.children[0];
    expect(payload?.kind).toBe('cpio');
    expect(payload?.children.map(({ path, kind }) => `${path} ${kind}`)).toEqual(['./usr/share/x/file text']);
    expect(payload?.children[0]?.diff).toContain('-one\n+two\n');
  });

  it('pairs them with files by name, and says what their headers do not tell', async () => {
    const named = rpmPackage({ text: 'one' });
    const found = await compare(named, await strippedRpm(named));
    const payload = found.children.find(({ path }) => path === 'payload')?.children[0];
    expect(payload?.fields).toContainEqual({ name: 'variant', left: 'newc', right: 'files by number' });
    expect(payload?.children.map(({ detail }) => detail)).toEqual(['equal content, other header']);
  });

  it('says what it could not read of a payload, and of one without a header', async () => {
    const broken = await strippedRpm(rpmPackage({ text: 'one' }), (payload) => {
      payload.write('ffffffff', 6);
      return payload;
    });
    const found = await compare(await strippedRpm(rpmPackage({ text: 'one' })), broken);
    expect(JSON.stringify(found)).toContain('ARCHIVE_MALFORMED: reading file number of RPM payload');
    const alone = (text: string): Buffer => Buffer.from(`07070X00000000\0\0${text}`);
    expect(await compare(alone('one'), alone('two'))).toMatchObject({
      kind: 'bytes',
      notes: [expect.stringContaining('ARCHIVE_MALFORMED')],
    });
  });
});
