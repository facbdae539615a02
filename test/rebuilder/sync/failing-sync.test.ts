import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { STORE_FILE } from '../../../rebuilder/store/index.ts';
import { syncInChild } from '../../../rebuilder/sync/index.ts';
import { openData, packagesIndex } from './support.ts';
import {
  ALL,
  AMD64,
  FIRST,
  forever,
  lab,
  listed,
  NEWER,
  publish,
  queued,
  sid,
  sync,
  taskOf,
  useArchive,
} from './sync-lab.ts';

useArchive();

describe('a sync that fails changes nothing', () => {
  beforeEach(async () => {
    await publish('sid', sid());
    await sync();
  });
  const bad = sid('1:9-9');
  const spoil = (path: string, change: (bytes: Uint8Array) => Uint8Array): void => {
    for (const name of Object.keys(lab.files).filter((each) => each.includes(path)))
      lab.files[name] = change(lab.files[name]!);
  };

  it.each<[string, string, () => Promise<void>]>([
    ['a stranger signed', 'RELEASE_SIGNATURE_INVALID', () => publish('sid', bad, { user: 'stranger', date: NEWER })],
    [
      'an index has other bytes than the signed ones',
      'FETCH_DIGEST_MISMATCH',
      async () => {
        await publish('sid', bad, { date: NEWER });
        spoil('binary-amd64/', (bytes) => bytes.map((byte, at) => (at === 30 ? byte ^ 0xff : byte)));
      },
    ],
    [
      'an index is cut short',
      'FETCH_SIZE_MISMATCH',
      async () => {
        await publish('sid', bad, { date: NEWER });
        spoil('binary-amd64/', (bytes) => bytes.subarray(0, -1));
      },
    ],
    [
      'a stanza is malformed',
      'INDEX_MALFORMED',
      () => publish('sid', { ...bad, [AMD64]: `${bad[AMD64]}\nPackage: x\n` }, { date: NEWER }),
    ],
    [
      'two indices of the suite contradict each other',
      'INDEX_MALFORMED',
      () => publish('sid', { ...bad, [ALL]: bad[ALL]!.replace('Size: 7', 'Size: 8') }, { date: NEWER }),
    ],
    ['the mirror went back', 'RELEASE_EXPIRED', () => publish('sid', bad, { date: 'Fri, 11 Sep 2026 07:55:41 UTC' })],
    [
      'the Release is past its date',
      'RELEASE_EXPIRED',
      () => publish('sid', bad, { date: NEWER, fields: 'Valid-Until: Mon, 14 Sep 2026 07:55:41 UTC\n' }),
    ],
    [
      'the suite is gone',
      'TARGET_UNKNOWN',
      async () => {
        lab.files = {};
      },
    ],
  ])('when %s', async (_when, code, breakIt) => {
    await breakIt();
    await expect(sync()).rejects.toMatchObject({ code });
    expect(await listed()).toEqual(FIRST);
    expect(await queued()).toEqual(['hello 1:2-1', 'less 1']);
    const database = await openData(lab.data);
    const row = await database.read('a test', (db) => db.selectFrom('profile').selectAll().executeTakeFirstOrThrow());
    expect(row).toMatchObject({ name: 'sid', error: expect.stringMatching(/./), input_digest: expect.any(String) });
  });

  it('but for a mirror that went back on purpose', async () => {
    await publish('sid', bad, { date: 'Fri, 11 Sep 2026 07:55:41 UTC' });
    expect(await sync({ allowExpired: true })).toMatchObject({ kind: 'synced', added: 1, withdrawn: 1 });
  });
});

describe('a sync in a process of its own', () => {
  it('says what it did, and what it failed of', async () => {
    await publish('sid', sid());
    expect(await syncInChild(taskOf(), forever)).toMatchObject({ kind: 'synced', files: 3 });
    lab.files = {};
    await expect(syncInChild(taskOf(), forever)).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' });
  });

  it('is killed when it is to stop', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(syncInChild(taskOf(), stop.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it.each<[string, (walBytes: number) => boolean]>([
    ['asked for an index', () => lab.requests.some((path) => path.includes('binary-amd64'))],
    ['was inside its transaction', (walBytes) => walBytes > 300_000],
    ['was further inside it', (walBytes) => walBytes > 2_000_000],
  ])('leaves the whole list or the one before when it is killed once it %s', async (_when, isThen) => {
    await publish('sid', sid());
    await sync();
    const many = Array.from({ length: 8000 }, (_, number) => [`p${number}_1_amd64`] as const);
    await publish('sid', { [AMD64]: packagesIndex(many), [ALL]: '' }, { date: NEWER });
    lab.requests = [];
    const program = resolve(import.meta.dirname, '../../../rebuilder/sync/child.ts');
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'inherit'] });
    const closed = once(child, 'close');
    child.stdin.end(JSON.stringify(taskOf()));
    const walBytes = (): number => statSync(join(lab.data, `${STORE_FILE}-wal`), { throwIfNoEntry: false })?.size ?? 0;
    while (child.exitCode === null && !isThen(walBytes())) await sleep(1);
    child.kill('SIGKILL');
    await closed;
    const now = await listed();
    if (now.length === 8000) expect(await queued()).toHaveLength(8000);
    else {
      expect(now).toEqual(FIRST);
      expect(await queued()).toEqual(['hello 1:2-1', 'less 1']);
    }
    expect(await sync()).toMatchObject(now.length === 8000 ? { kind: 'unchanged' } : { kind: 'synced', withdrawn: 3 });
  });
});
