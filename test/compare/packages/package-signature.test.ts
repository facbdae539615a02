import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../model/index.ts';
import { compareBytes, reasonsOf } from '../../helpers/compare-bytes.ts';
import { smallZip } from '../../helpers/small-zip.ts';

/** As evenly spread as a signature is. */
const numbers = (seed: string): Buffer =>
  Buffer.concat(Array.from({ length: 32 }, (_, index) => createHash('sha256').update(`${seed} ${index}`).digest()));
const message = (seed: string): Buffer =>
  Buffer.concat([Buffer.from('3082040b06092a864886f70d010702a08203fc', 'hex'), numbers(seed)]);
const inJar = (name: string, content: Buffer): Buffer =>
  smallZip([
    { name: 'META-INF/MANIFEST.MF', content: 'Manifest-Version: 1.0\r\n\r\n' },
    { name, content },
  ]);
const kinds = (found: Difference): string[] => reasonsOf(found).map(({ kind }) => kind);

describe('the signature of a package', () => {
  it.each(['META-INF/CERT.RSA', 'META-INF/KEY.EC', '.signature.p7s'])(
    'is told as one, not as random: %s',
    async (name) => {
      const found = await compareBytes(inJar(name, message('one')), inJar(name, message('two')));
      expect(kinds(found)).toEqual(['signature']);
      expect(found.children[0]?.kind).toBe('package-signature');
    },
  );

  it('is told by its name in a package of Alpine', async () => {
    const found = await compareBytes(numbers('one'), numbers('two'), { name: '.SIGN.RSA.a@b.c-1.rsa.pub' });
    expect(kinds(found)).toEqual(['signature']);
    expect(found.detail).toContain('first difference at byte 0');
  });

  it('is not seen in what only has the name of one', async () => {
    const found = await compareBytes(inJar('META-INF/X.RSA', numbers('one')), inJar('META-INF/X.RSA', numbers('two')));
    expect(kinds(found)).toEqual(['random']);
  });
});
