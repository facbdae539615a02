import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countersign,
  hasProduct,
  isSignedBy,
  keyId,
  publicKeyPem,
  readLinkKey,
  readPublicKeyPem,
  readSignedLink,
  rebuildLink,
  type SignedLink,
  signedBytes,
  signLink,
  writeLinkKey,
} from '../../attest/index.ts';

const FIXTURES = new URL('../fixtures/rebuilderd/', import.meta.url);
const WORKER = Buffer.from('rBsXSl5RUi4U4k8/iC8FgjvXJbMt/lLszDADC+QO3EU=', 'base64');
const DIGEST = 'fcd5f5b2169b376ce84d2b541e1e1c2bf5b855eb5e322dd623a88395e2e7458e';

async function fixture(name: string): Promise<string> {
  return readFile(new URL(name, FIXTURES), 'utf8');
}

async function realLink(): Promise<SignedLink> {
  const link = readSignedLink(await fixture('real-attestation.json'));
  if (link === undefined) throw new Error('the fixture is no link');
  return link;
}

const key = readLinkKey(writeLinkKey(Buffer.alloc(32, 7)));

describe('a link that rebuilderd and its worker signed', () => {
  it('carries right signatures of both', async () => {
    const link = await realLink();
    const server = readPublicKeyPem(await fixture('real-server.pub'));
    expect(isSignedBy(link, WORKER)).toBe(true);
    expect(isSignedBy(link, server)).toBe(true);
    expect(link.signatures.map((signature) => signature.keyid)).toEqual([keyId(WORKER), keyId(server)]);
    expect(isSignedBy(link, key.publicKey)).toBe(false);
  });

  it('carries none once a byte of what was signed is another', async () => {
    const link = await realLink();
    const other = { ...link, signed: { ...link.signed, name: 'rebuild hello_2.12.3-2_amd64.deb' } };
    expect(isSignedBy(other, WORKER)).toBe(false);
  });

  it('names what came out by its digest', async () => {
    const link = await realLink();
    expect(hasProduct(link, DIGEST)).toBe(true);
    expect(hasProduct(link, DIGEST.replace('f', 'e'))).toBe(false);
  });

  it('takes our signature beside theirs, once', async () => {
    const link = countersign(await realLink(), key);
    expect(link.signatures).toHaveLength(3);
    expect(isSignedBy(link, key.publicKey)).toBe(true);
    expect(isSignedBy(link, WORKER)).toBe(true);
    expect(countersign(link, key)).toBe(link);
  });
});

describe('a link of ours', () => {
  it('says what rebuilderd says', async () => {
    const { signed } = await realLink();
    const [product] = Object.values(signed.products);
    if (product === undefined) throw new Error('the fixture has no product');
    expect(rebuildLink('hello_2.12.3-1_amd64.deb', product, signed.materials)).toEqual(signed);
  });

  it('is signed over sorted keys without blanks, with line feeds in place of their escapes', () => {
    const link = rebuildLink('line\nbreak "quoted"', { sha256: DIGEST });
    expect(Buffer.from(signedBytes(link)).toString()).toBe(
      `{"_type":"link","byproducts":{},"command":[],"environment":null,"materials":{},"name":"rebuild line
break \\"quoted\\"","products":{"line
break \\"quoted\\"":{"sha256":"${DIGEST}"}}}`,
    );
    expect(isSignedBy(signLink(link, key), key.publicKey)).toBe(true);
  });

  it('survives being written and read', () => {
    const link = signLink(rebuildLink('hello.deb', { sha256: DIGEST }), key);
    expect(readSignedLink(JSON.stringify(link))).toEqual(link);
  });
});

describe('what is no signed link', () => {
  const good = signLink(rebuildLink('hello.deb', { sha256: DIGEST }), key);
  it.each<[string, unknown]>([
    ['no object', 7],
    ['no signatures', { signed: good.signed }],
    ['a signature that is too short', { ...good, signatures: [{ keyid: 'a'.repeat(64), sig: 'ab' }] }],
    ['another type', { ...good, signed: { ...good.signed, _type: 'layout' } }],
    ['products without a digest', { ...good, signed: { ...good.signed, products: { x: { md5: 'a' } } } }],
    ['a digest that is none', { ...good, signed: { ...good.signed, products: { x: { sha256: 'A'.repeat(64) } } } }],
    ['a member more', { ...good, more: 1 }],
    ['too many signatures', { ...good, signatures: Array.from({ length: 101 }, () => good.signatures[0]) }],
  ])('is not read: %s', (_, value) => {
    expect(readSignedLink(JSON.stringify(value))).toBeUndefined();
  });

  it('is not read: what is no JSON, or says one thing twice', () => {
    expect(readSignedLink('{')).toBeUndefined();
    const twice = JSON.stringify(good).replace('"_type"', '"name":"another","_type"');
    expect(readSignedLink(twice)).toBeUndefined();
    expect(readSignedLink(' '.repeat(4 * 1024 * 1024) + JSON.stringify(good))).toBeUndefined();
  });

  it('has no right signature, whatever bytes of a right one are changed', () => {
    const text = JSON.stringify(good);
    const change = fc.record({ at: fc.nat(text.length - 1), character: fc.string({ minLength: 0, maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let changed = text;
        for (const { at, character } of changes) changed = changed.slice(0, at) + character + changed.slice(at + 1);
        const link = readSignedLink(changed);
        if (link !== undefined && isSignedBy(link, key.publicKey)) expect(link.signed).toEqual(good.signed);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('public keys', () => {
  it('are written as rebuilderd serves them and read back', async () => {
    const pem = await fixture('real-server.pub');
    expect(publicKeyPem(readPublicKeyPem(pem)).replaceAll('\r', '')).toBe(pem.replaceAll('\r', ''));
    expect(publicKeyPem(key.publicKey)).toMatch(/^-----BEGIN PUBLIC KEY-----\r\nMCwwBwYDK2VwBQADIQ/);
  });

  it('are read as RFC 8410 writes them too', () => {
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.publicKey]);
    const pem = `-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----\n`;
    expect(readPublicKeyPem(pem)).toEqual(key.publicKey);
  });

  it.each(['', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'x'.repeat(10_000)])(
    'are not read from what is none',
    (pem) => {
      expect(() => readPublicKeyPem(pem)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
    },
  );
});
