import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSignature, readClearsigned } from '../../../../rebuilder/ecosystem/debian/clearsigned.ts';
import { makeSigner, type TestSigner } from './helpers/sign.ts';

const text = 'Source: less\nDescription: one\n - a line that must be escaped\nTail: x\n';
let signer: TestSigner;
let stranger: TestSigner;
let signed: string;
beforeAll(async () => {
  [signer, stranger] = await Promise.all([makeSigner(), makeSigner()]);
  signed = await signer.clearsign(`-----a line of dashes\n${text}`);
}, 60_000);
afterAll(async () => {
  await Promise.all([signer.close(), stranger.close()]);
});

describe('reading a clearsigned document', () => {
  it('gives the text without armour and dash escapes', () => {
    expect(readClearsigned(signed)).toEqual({ payload: `-----a line of dashes\n${text}`, signed: true });
  });

  it('gives an unsigned document as it is', () => {
    expect(readClearsigned(text)).toEqual({ payload: text, signed: false });
  });

  it.each([
    ['text before the armour', (s: string) => `Source: evil\n${s}`],
    ['text after the armour', (s: string) => `${s}\nSource: evil\n`],
    ['a second armour', (s: string) => s + s],
    ['a forged header', (s: string) => s.replace('\n\n', '\nComment: Source: evil\n\n')],
    ['no end', (s: string) => s.slice(0, s.indexOf('-----END'))],
    ['no signature', (s: string) => s.slice(0, s.indexOf('-----BEGIN PGP SIGNATURE'))],
    ['a bare dash', (s: string) => s.replace('Tail', '-Tail')],
    ['an armour in the signature', (s: string) => s.replace('-----END', '-----BEGIN PGP MESSAGE-----\n-----END')],
  ])('refuses %s', (_what, change) => {
    expect(readClearsigned(change(signed))).toBeUndefined();
  });

  it('never throws and never reads on past a cut', () => {
    for (let cut = 0; cut < signed.trimEnd().length; cut += 1) {
      const document = readClearsigned(signed.slice(0, cut));
      expect(document === undefined || !document.signed).toBe(true);
    }
  });
});

describe('checking a document’s own signature', () => {
  const check = (name: string, keyrings: readonly string[]) => ({ name, keyrings });

  it('is good by a key of the keyring, and says which', async () => {
    const result = await checkSignature(signed, check('a.dsc', [signer.keyring, '/nonexistent/keyring.gpg']));
    expect(result).toMatchObject({ kind: 'signature', name: 'a.dsc', result: 'good', signedBy: [signer.fingerprint] });
  });

  it.each([
    ['a key nobody knows', () => signed, () => [stranger.keyring], /none of its signatures/],
    ['no keyring installed', () => signed, () => ['/nonexistent/keyring.gpg'], /no keyring/],
    ['no signature', () => text, () => [signer.keyring], /carries no signature/],
  ])('is unchecked with %s, and says why', async (_what, document, keyrings, why) => {
    const result = await checkSignature(document(), check('a.dsc', keyrings()));
    expect(result).toMatchObject({ result: 'unchecked', signedBy: [], why: expect.stringMatching(why) });
  });

  it('throws when the text was changed after signing', async () => {
    const changed = signed.replace('Tail: x', 'Tail: y');
    await expect(checkSignature(changed, check('a.dsc', [signer.keyring]))).rejects.toMatchObject({
      code: 'DSC_INVALID',
    });
    await expect(checkSignature(changed, check('a.buildinfo', [signer.keyring]))).rejects.toMatchObject({
      code: 'BUILDINFO_INVALID',
    });
  });
});
