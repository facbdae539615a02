import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { monitorLog, openCheckpoint, openTree, readVerifierKey } from '../../../attest/index.ts';
import { openLogFiles } from '../../../rebuilder/fetch/index.ts';
import { logFileRoutes } from '../../../rebuilder/server/index.ts';
import { filledLog, fillLog } from '../../helpers/sample-log.ts';
import { openServiceLab } from '../../helpers/service-lab.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('the log of a service', () => {
  it('is served as files: the newest for seconds, what is published for ever', async () => {
    const folder = await filledLog(300);
    const { server } = await openServiceLab({ groups: [logFileRoutes(folder)] });
    const newest = await server.app.inject('/log/checkpoint');
    expect(newest.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(newest.headers['cache-control']).toBe('public, max-age=2');
    expect(newest.body).toBe(await readFile(join(folder, 'checkpoint'), 'utf8'));
    expect((await server.app.inject('/log/log.vkey')).body).toBe(await readFile(join(folder, 'log.vkey'), 'utf8'));
    for (const path of [
      'tile/0/000',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/001.p/44',
    ]) {
      const tile = await server.app.inject(`/log/${path}`);
      expect(tile.headers['content-type'], path).toBe('application/octet-stream');
      expect(tile.headers['cache-control'], path).toBe('public, max-age=31536000, immutable');
      expect(tile.rawPayload.equals(await readFile(join(folder, path))), path).toBe(true);
    }
  });

  it('has nothing that is not published, and no other file', async () => {
    const folder = await filledLog(3);
    const { server } = await openServiceLab({ groups: [logFileRoutes(folder)] });
    const published = await readFile(join(folder, 'checkpoint'));
    await fillLog(folder, { first: 3, last: 300 });
    await writeFile(join(folder, 'checkpoint'), published);
    for (const path of [
      'tile/0/000',
      'tile/entries/000',
      'tile/0/001.p/44',
      'tile/0/000.p/256',
      'tile/0/..%2f..%2fcheckpoint',
      '.writer/entries',
      'tile/',
      'tile/0/000.p/',
    ])
      expect((await server.app.inject(`/log/${path}`)).statusCode, path).toBe(404);
  });

  it('is not there before anything was logged', async () => {
    const { server } = await openServiceLab({ groups: [logFileRoutes(await temporaryFolder())] });
    for (const path of ['checkpoint', 'log.vkey', 'tile/0/000'])
      expect((await server.app.inject(`/log/${path}`)).statusCode).toBe(404);
  });

  it('is read and watched over HTTP, with partial tiles that are gone taken from full ones', async () => {
    const folder = await filledLog(200);
    const { listen } = await openServiceLab({ server: { basePath: '/amd64' }, groups: [logFileRoutes(folder)] });
    const address = `${await listen()}/log`;
    const source = openLogFiles(address, { signal: new AbortController().signal });
    try {
      const memory = await temporaryFolder();
      expect(await monitorLog(source, { memory, address })).toMatchObject({ kind: 'first', size: 200 });
      const key = readVerifierKey(
        Buffer.from((await source.read('log.vkey', 1000))!)
          .toString()
          .trim(),
      );
      const old = openCheckpoint((await source.read('checkpoint', 10_000))!, key).checkpoint;
      await fillLog(folder, { first: 200, last: 600 });
      expect(await monitorLog(source, { memory, address })).toMatchObject({ kind: 'consistent', from: 200, size: 600 });
      expect((await (await openTree(source, old)).entries(0)).length).toBe(200);
      expect(await source.read('tile/0/009', 9000)).toBeUndefined();
      await expect(source.read('tile/0/000', 100)).rejects.toMatchObject({ code: 'FETCH_TOO_LARGE' });
    } finally {
      await source.close();
    }
  });
});
