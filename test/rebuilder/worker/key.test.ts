import { generateKeyPairSync } from 'node:crypto';
import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { keyIdOf } from '../../../rebuilder/signed-request/index.ts';
import { workerKey } from '../../../rebuilder/worker/key.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe("a worker's key", () => {
  it('is made once, for its owner alone, also by many at once', async () => {
    const folder = join(await temporaryFolder(), 'worker');
    const file = join(folder, 'key.pem');
    const keys = await Promise.all(Array.from({ length: 8 }, () => workerKey(file)));
    expect(new Set([...keys, await workerKey(file)].map(keyIdOf)).size).toBe(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['key.pem']);
  });

  it('is refused when everybody may read it', async () => {
    const file = join(await temporaryFolder(), 'key.pem');
    await workerKey(file);
    await chmod(file, 0o644);
    await expect(workerKey(file)).rejects.toMatchObject({ code: 'SETTINGS_INVALID', message: /chmod/ });
  });

  it.each([
    ['nothing', ''],
    ['another text', 'secret words'],
    ['a public key', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' })],
    ['another kind of key', generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' })],
  ])('is refused when the file holds %s, and nothing of it is told', async (_, text) => {
    const file = join(await temporaryFolder(), 'key.pem');
    await writeFile(file, text, { mode: 0o600 });
    const refused = workerKey(file);
    await expect(refused).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
    expect(inspect(await refused.catch((error: unknown) => error))).not.toContain('secret words');
  });

  it('that cannot be made is told with its place', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(workerKey(join(file, 'key.pem'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});
