import { describe, expect, it } from 'vitest';
import { splitClearSigned } from '../../formats/index.ts';

const message =
  '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\none\n- -two\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n';

describe('taking a clear-signed text apart', () => {
  it('gives what is signed without its escaping, the header and the signature', () => {
    expect(splitClearSigned(message)).toEqual({
      hashes: 'Hash: SHA256\n',
      signed: 'one\n-two\n',
      signature: '-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n',
    });
  });

  it('loses no byte but the escaping', () => {
    const { hashes = '', signed = '', signature = '' } = splitClearSigned(message) ?? {};
    const again = `-----BEGIN PGP SIGNED MESSAGE-----\n${hashes}\n${signed.replace(/^-/gm, '- -')}${signature}`;
    expect(again).toBe(message);
  });

  it('leaves alone what is no such message, or is cut before its signature', () => {
    expect(splitClearSigned(`x${message}`)).toBeUndefined();
    for (let length = 0; length < message.indexOf('\n\nabc'); length++)
      expect(splitClearSigned(message.slice(0, length)), `cut at ${length}`).toBeUndefined();
  });
});
