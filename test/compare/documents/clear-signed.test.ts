import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedLines, compareAllWays, nodesOf, reasonsOf, survivesDamage } from '../../helpers/compare-bytes.ts';
import { SigningKeys } from '../../helpers/signing-keys.ts';

let keys: SigningKeys;
beforeAll(async () => {
  keys = await SigningKeys.make('one');
});
afterAll(() => keys.remove());

const sign = (text: string, seconds: number): Promise<Buffer> =>
  keys.gpg(['--ignore-time-conflict', '--faked-system-time', `${seconds}!`, '--clear-sign'], Buffer.from(text));

describe('explaining how two texts signed in the clear differ', () => {
  it('says that the text is equal where only the signature is another', async () => {
    const found = await compareAllWays(await sign('a b\n', 2_000_000_000), await sign('a b\n', 2_000_000_001));
    expect(nodesOf(found)).toEqual([
      'file | clear-signed | the signed text is equal: only the signature around it differs',
      'signature.asc | open-pgp | ',
    ]);
    expect(found.reasons).toEqual([{ kind: 'signature', evidence: 'OpenPGP signatures around the text differ' }]);
    expect(reasonsOf(found).map(({ kind }) => kind)).toContain('timestamp');
  });

  it('tells a text that is another by its lines', async () => {
    const found = await compareAllWays(await sign('a\n- b\n', 2_000_000_000), await sign('a\n- c\n', 2_000_000_000));
    expect(changedLines(found)).toEqual(['-- b', '+- c']);
  });

  it('blames no signature of a text that was changed under the same one', async () => {
    const signed = await sign('abc\n', 2_000_000_000);
    const found = await compareAllWays(signed, Buffer.from(signed.toString().replace('abc', 'abd')));
    expect(reasonsOf(found)).toEqual([]);
    expect(changedLines(found)).toEqual(['-abc', '+abd']);
  });

  it('survives any damage', async () => {
    await survivesDamage(await sign('a\n', 2_000_000_000), 23);
  });
});
