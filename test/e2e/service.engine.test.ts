import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { labOptions } from '../helpers/engine-lab.ts';
import { runCli, startCli, temporaryFolder } from '../helpers/run-cli.ts';

const TEN_MINUTES = 600_000;
/** Of the packages with known verdicts: one of each kind that is built in seconds. */
const WANTED = ['dns-root-data', 'hostname'];

type Rebuild = { readonly id: number; readonly verdict: string; readonly reason?: string; readonly status: string };

const known = readFileSync(join(import.meta.dirname, '../fixtures/known-verdicts.tsv'), 'utf8')
  .split('\n')
  .map((line) => line.split('\t'))
  .filter(([, source = '']) => WANTED.includes(source))
  .map(([, source = '', version = '', verdict = '', reason = '']) => ({ source, version, verdict, reason }));

it(
  'a suite is synced, its packages are rebuilt in the queue by two workers, and all of it is seen through the API',
  async () => {
    const home = await temporaryFolder();
    const { cacheFolder, engine, snapshot, keyring } = labOptions();
    const settings = { REPROOF_SERVE_GRACE: '1s' };
    const folders = ['--data', join(home, 'data'), '--cache', cacheFolder];
    const reproof = async (...argv: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await runCli(home, [...argv, ...folders]);
      expect([status, stderr]).toEqual([0, expect.any(String)]);
      return stdout;
    };

    await reproof('queue', 'pause');
    const synced = JSON.parse(
      await reproof('sync', 'debian', '--suite', 'trixie', '--arch', 'amd64,all', '--keyring', keyring, '--json'),
    );
    expect(synced).toMatchObject({ kind: 'synced', withdrawn: 0 });
    expect(synced.sources).toBeGreaterThan(30_000);
    expect(synced.queued).toBe(synced.sources);
    const { secret } = JSON.parse(await reproof('token', 'create', 'test', '--role', 'operator', '--json'));

    const from = ['--engine', engine, '--snapshot', snapshot, '--keyring', keyring, '--memory', '4G', '--disk', '8G'];
    const serve = ['serve', '--listen', '127.0.0.1:0', '--workers', '2', '--json', ...from, ...folders];
    const child = startCli(home, serve, settings);
    onTestFinished(() => void child.kill('SIGKILL'));
    const base = await addressOf(child.stdout);
    const call = async (method: string, path: string, body?: object): Promise<unknown> => {
      const answer = await fetch(base + path, {
        method,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect([path, answer.status]).toEqual([path, 200]);
      return answer.json();
    };

    for (const { source, version } of known)
      expect(await call('POST', '/api/queue', { release: 'trixie', name: source, version })).toEqual({ affected: 1 });
    await call('POST', '/api/queue/resume', {});
    for (const { source, version, verdict, reason } of known) {
      const rebuild = await resultOf(call, source, version);
      expect([source, rebuild.verdict, rebuild.reason ?? '']).toEqual([source, verdict, reason]);
      const log = await fetch(`${base}/api/rebuilds/${rebuild.id}/log`);
      expect(await log.text()).toContain('dpkg-buildpackage');
      const { records } = (await call('GET', `/api/targets?name=${source}&release=trixie`)) as {
        records: readonly object[];
      };
      expect(records).toMatchObject([{ source, status: rebuild.status }]);
    }
    await call('POST', '/api/queue/pause', {});
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  },
  TEN_MINUTES,
);

async function addressOf(stdout: AsyncIterable<Uint8Array> & NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const address = /"(http:\/\/127\.0\.0\.1:\d+)[^"]*"/.exec(line)?.[1];
    if (address !== undefined) {
      stdout.resume();
      return address;
    }
  }
  throw new Error('the service ended before it listened');
}

async function resultOf(
  call: (method: string, path: string) => Promise<unknown>,
  source: string,
  version: string,
): Promise<Rebuild> {
  const path = `/api/packages/debian/${source}/history?version=${encodeURIComponent(version)}&limit=1`;
  for (;;) {
    const { records } = (await call('GET', path)) as { records: readonly Rebuild[] };
    if (records[0] !== undefined) return records[0];
    await sleep(500);
  }
}
