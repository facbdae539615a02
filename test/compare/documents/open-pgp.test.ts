import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPgpArmor, readPgpPackets, readPgpSignature } from '../../../formats/index.ts';
import { changedLines, compareAllWays, survivesDamage } from '../../helpers/compare-bytes.ts';
import { SigningKeys } from '../../helpers/signing-keys.ts';

let keys: SigningKeys;
beforeAll(async () => {
  keys = await SigningKeys.make('one', 'other');
});
afterAll(() => keys.remove());

const at = (seconds: number): string => `${seconds}!`;
const sign = (user: string, seconds: number, ...more: string[]): Promise<Buffer> =>
  keys.gpg(
    [
      '--ignore-time-conflict',
      '--faked-system-time',
      at(seconds),
      '--local-user',
      `=${user}`,
      ...more,
      '--detach-sign',
    ],
    Buffer.from('signed'),
  );
const malformed = expect.objectContaining({ code: 'FORMAT_MALFORMED' });

describe('reading OpenPGP packets', () => {
  it('reads of a signature what gpg reads', async () => {
    const bytes = await sign('one', 2_000_000_000);
    const listed = (await keys.gpg(['--list-packets'], bytes)).toString();
    const [packet] = readPgpPackets(bytes, 10);
    const found = readPgpSignature(packet?.body ?? Buffer.alloc(0));
    const [, publicKey, keyId] = /algo (\d+), keyid (\w+)/.exec(listed) ?? [];
    const [, version, created, type] = /version (\d+), created (\d+), .*sigclass 0x(\w+)/.exec(listed) ?? [];
    expect(found).toMatchObject({
      version: Number(version),
      created: Number(created),
      type: Number.parseInt(type ?? '', 16),
      publicKey: Number(publicKey),
      hash: Number(/digest algo (\d+)/.exec(listed)?.[1]),
    });
    expect(found.created).toBe(2_000_000_000);
    expect(found.issuer?.toUpperCase()).toBe(await keys.fingerprint('one'));
    expect(found.issuer?.toUpperCase().endsWith(keyId ?? '?')).toBe(true);
  });

  it('reads lengths of every form, a body in pieces among them', () => {
    const long = Buffer.alloc(200, 1);
    const packets = Buffer.concat([
      Buffer.from([0xb4, 1, 7]), // old, one byte
      Buffer.from([0xb5, 0, 1, 7]), // old, two
      Buffer.from([0xb6, 0, 0, 0, 1, 7]), // old, four
      Buffer.concat([Buffer.from([0xcd, 192, 8]), long]), // new, two
      Buffer.from([0xcd, 255, 0, 0, 0, 1, 7]), // new, five
      Buffer.from([0xcd, 225, 1, 2, 1, 3]), // new, two pieces
      Buffer.from([0xb7, 9, 9]), // old, up to the end
    ]);
    const found = readPgpPackets(packets, 7);
    expect(found.map(({ tag }) => tag)).toEqual(Array(7).fill(13));
    expect(found.map(({ body }) => body.length)).toEqual([1, 1, 1, 200, 1, 3, 2]);
    expect(() => readPgpPackets(packets, 6)).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
    expect(() => readPgpPackets(packets.subarray(0, 30), 7)).toThrow(malformed);
    expect(() => readPgpPackets(Buffer.from([0x34, 1, 7]), 7)).toThrow(malformed);
  });

  it('reads an old signature, and refuses one cut anywhere in what it reads', async () => {
    const old = Buffer.from('0305006553f1000102030405060708010a0000', 'hex');
    expect(readPgpSignature(old)).toEqual({
      ...{ version: 3, type: 0, created: 0x6553f100, issuer: '0102030405060708', publicKey: 1, hash: 10 },
      more: [],
    });
    const [packet] = readPgpPackets(await sign('one', 2_000_000_000), 10);
    const body = packet?.body ?? Buffer.alloc(0);
    const size = 6 + body.readUInt16BE(4);
    for (let end = 0; end < size + 2 + body.readUInt16BE(size); end++)
      expect(() => readPgpSignature(body.subarray(0, end)), `cut at ${end}`).toThrow(malformed);
  });

  it('takes armor for what it is', () => {
    const armor =
      '-----BEGIN PGP SIGNATURE-----\nVersion: GnuPG v2\nComment: x\n\nAQID\nBA==\n=abcd\n-----END PGP SIGNATURE-----\n';
    expect(readPgpArmor(armor)).toEqual({
      kind: 'SIGNATURE',
      headers: [
        { name: 'Version', value: 'GnuPG v2' },
        { name: 'Comment', value: 'x' },
      ],
      content: Buffer.from([1, 2, 3, 4]),
      after: '\n',
    });
    expect(readPgpArmor(`${armor}more`)?.after).toBe('\nmore');
    expect(readPgpArmor(armor.replaceAll('\n', '\r\n'))?.content).toEqual(Buffer.from([1, 2, 3, 4]));
    expect(readPgpArmor(armor.replace('END PGP', 'END'))).toBeUndefined();
    expect(readPgpArmor(armor.replace('AQID', 'A(ID'))).toBeUndefined();
  });
});

describe('explaining how two OpenPGP signatures differ', () => {
  it('names who signed, and when, armored or not', async () => {
    for (const [name, armor] of [
      ['x.sig', []],
      ['x.asc', ['--armor']],
    ] as const) {
      const [left, right] = [await sign('one', 2_000_000_000, ...armor), await sign('other', 2_000_000_060, ...armor)];
      const found = await compareAllWays(left, right, { name });
      expect(found.kind).toBe('open-pgp');
      expect(found.fields).toEqual([
        { name: 'signature made', left: '2033-05-18T03:33:20.000Z', right: '2033-05-18T03:34:20.000Z' },
        {
          name: 'signed by',
          left: (await keys.fingerprint('one')).toLowerCase(),
          right: (await keys.fingerprint('other')).toLowerCase(),
        },
      ]);
      expect(found.reasons?.map(({ kind }) => kind)).toEqual(['timestamp', 'signature']);
    }
  });

  it('says that nothing but numbers differs, and names keys by fingerprint and user', async () => {
    const left = await sign('one', 2_000_000_000);
    const right = Buffer.from(left);
    right.writeUInt8((right.at(-1) as number) ^ 1, right.length - 1);
    expect((await compareAllWays(left, right, { name: 'x.sig' })).detail).toMatch(/^all that is said is the same/);
    const key = (user: string): Promise<Buffer> => keys.gpg(['--armor', '--export', `=${user}`]);
    const found = await compareAllWays(await key('one'), await key('other'), { name: 'key.asc' });
    expect(found.fields).toContainEqual({ name: 'user ID', left: 'one', right: 'other' });
    expect(found.fields).toContainEqual({
      name: 'key',
      left: (await keys.fingerprint('one')).toLowerCase(),
      right: (await keys.fingerprint('other')).toLowerCase(),
    });
  });

  it('names the key that only one ring of keys holds', async () => {
    const [both, other] = [await keys.gpg(['--export']), await keys.gpg(['--export', '=other'])];
    const fingerprint = (await keys.fingerprint('one')).toLowerCase();
    const lines = changedLines(await compareAllWays(both, other, { name: 'ring.gpg' }));
    expect(lines).toContain(`-key: ${fingerprint}`);
    expect(lines).toContain('-user ID: one');
    expect(lines.filter((line) => line.startsWith('+'))).toEqual([]);
  });

  it('tells what else a signature states, and that a message is another', async () => {
    const url = (text: string): Promise<Buffer> => sign('one', 2_000_000_000, '--sig-policy-url', text);
    const found = await compareAllWays(await url('https://one.test'), await url('https://two.test'), { name: 'x.sig' });
    expect(found.fields).toEqual([
      { name: 'signature subpacket 26', left: 'https://one.test', right: 'https://two.test' },
    ]);
    expect(found.detail).toBeUndefined();
    // A literal data packet: format, no name, no time, and the text.
    const message = (text: string): Buffer =>
      Buffer.concat([Buffer.from([0xcb, 6 + text.length, 0x62, 0, 0, 0, 0, 0]), Buffer.from(text)]);
    const armored = (text: string): Buffer =>
      Buffer.from(`-----BEGIN PGP MESSAGE-----\n\n${message(text).toString('base64')}\n-----END PGP MESSAGE-----\n`);
    const other = await compareAllWays(armored('one'), armored('two'), { name: 'x.asc' });
    expect(other.fields).toMatchObject([{ name: 'packet', left: expect.stringContaining('of kind 11, 9 bytes') }]);
    expect([other.detail, other.reasons]).toEqual([undefined, undefined]);
  });

  it('compares what stands behind an armor by lines, and names no signature where both are equal', async () => {
    const armor = await sign('one', 2_000_000_000, '--armor');
    const followed = (text: string): Buffer => Buffer.concat([armor, Buffer.from(text)]);
    const found = await compareAllWays(followed('good\n'), followed('evil\n'), { name: 'x.asc' });
    expect([found.kind, changedLines(found)]).toEqual(['text', ['-good', '+evil']]);
    const crlf = Buffer.from(armor.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    expect((await compareAllWays(armor, crlf, { name: 'x.asc' })).reasons).toBeUndefined();
  });

  it('leaves what is no such thing to text and bytes', async () => {
    const text = '-----BEGIN PGP SIGNATURE-----\n\nnot base64!\n-----END PGP SIGNATURE-----\n';
    expect((await compareAllWays(Buffer.from(text), Buffer.from(`${text}\n`), { name: 'x.asc' })).kind).toBe('text');
  });

  it('never throws and never says equal, wherever one is cut or broken', async () =>
    survivesDamage(await sign('one', 2_000_000_000, '--armor'), 3));
});
