import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LINK_KEY_FILE, openLinkKey, readLinkKey, writeLinkKey } from '../../attest/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
// RFC 8032, 7.1, test 1.
const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

describe('the key that links are signed with', () => {
  it('is made on first use, for its owner alone, and stays', async () => {
    const folder = path.join(await temporaryFolder(), 'data');
    const made = await openLinkKey(folder);
    expect((await openLinkKey(folder)).publicKey).toEqual(made.publicKey);
    expect((await stat(path.join(folder, LINK_KEY_FILE))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual([LINK_KEY_FILE]);
  });

  it('is one key when many make it at the same moment', async () => {
    const folder = await temporaryFolder();
    const keys = await Promise.all(Array.from({ length: 8 }, () => openLinkKey(folder)));
    expect(new Set(keys.map((key) => Buffer.from(key.publicKey).toString('hex'))).size).toBe(1);
    expect(await readdir(folder)).toEqual([LINK_KEY_FILE]);
  });

  it('is written as rebuilderd writes it', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, LINK_KEY_FILE), writeLinkKey(seed));
    const key = await openLinkKey(folder);
    expect(Buffer.from(key.publicKey).toString('hex')).toBe(publicKey);
    expect((await readFile(path.join(folder, LINK_KEY_FILE))).toString('hex')).toBe(
      `3051020101300506032b657004220420${seed.toString('hex')}812100${publicKey}`,
    );
  });

  it('is read in PEM, and without its public part', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(writeLinkKey(seed)).toString('base64')}\n-----END PRIVATE KEY-----\n`;
    const short = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    for (const text of [Buffer.from(pem), short])
      expect(Buffer.from(readLinkKey(text).publicKey).toString('hex')).toBe(publicKey);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['half a key', writeLinkKey(seed).subarray(0, 40)],
    ['a byte more', Buffer.concat([writeLinkKey(seed), Buffer.from([0])])],
    ['the public part of another key', Buffer.concat([writeLinkKey(seed).subarray(0, -32), Buffer.alloc(32)])],
    ['words', Buffer.from('-----BEGIN PRIVATE KEY-----\n!\n')],
  ])('is not read from %s', (_, bytes) => {
    expect(() => readLinkKey(bytes)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });

  it('is not made anew over a file that is damaged', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, LINK_KEY_FILE), 'damaged');
    await expect(openLinkKey(folder)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await readFile(path.join(folder, LINK_KEY_FILE), 'utf8')).toBe('damaged');
  });
});
