import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { aptMirror } from './apt-mirror.ts';
import { labOptions } from './engine-lab.ts';
import { runCli } from './run-cli.ts';

const LAUNCHER = resolve(import.meta.dirname, '../../reproof');
/** Of the packages with known verdicts: one of each kind that is built in seconds. */
const WANTED = ['dns-root-data', 'hostname'];

/** A published package and what it is known to come to. */
export type KnownPackage = {
  readonly source: string;
  readonly version: string;
  readonly verdict: string;
  readonly reason: string;
};

/** One that reproduces, then one that does not. */
export const KNOWN: readonly KnownPackage[] = (
  await readFile(join(import.meta.dirname, '../fixtures/known-verdicts.tsv'), 'utf8')
)
  .split('\n')
  .map((line) => line.split('\t'))
  .filter(([, source = '']) => WANTED.includes(source))
  .map(([, source = '', version = '', verdict = '', reason = '']) => ({ source, version, verdict, reason }))
  .sort((left, right) => WANTED.indexOf(left.source) - WANTED.indexOf(right.source));

export type ComparedFile = {
  readonly fileName: string;
  readonly published: { readonly sha256: string };
  readonly rebuilt: { readonly sha256: string };
};

/** A rebuild as the API tells it: in lists without its files. */
export type EndedRebuild = {
  readonly id: number;
  readonly verdict: string;
  readonly reason?: string;
  readonly status: string;
  readonly artifacts: readonly ComparedFile[];
};

/** `reproof serve` with two workers, over a real sync of trixie's main; its queue is paused. */
export type RealService = {
  readonly home: string;
  readonly data: string;
  /** Without a slash at its end. */
  readonly address: string;
  /** A token of an operator. */
  readonly secret: string;
  /** What the sync told. */
  readonly synced: {
    readonly kind: string;
    readonly withdrawn: number;
    readonly sources: number;
    readonly queued: number;
  };
  /** Asks the API as the operator; anything but 200 fails the test. */
  readonly call: (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;
  /** The first result of a version, once there is one. */
  readonly resultOf: (known: KnownPackage) => Promise<EndedRebuild>;
  /** The one file that the archive has of a source package, fetched from this machine's mirror. */
  readonly published: (known: KnownPackage) => Promise<Buffer>;
  /** Runs the command line on the service's data to its end, which has to be 0. */
  readonly reproof: (...argv: readonly string[]) => Promise<string>;
  /** Ends it as operators do: its status, and all it said on standard error. */
  readonly stop: () => Promise<{ readonly status: number | null; readonly stderr: string }>;
};

/** One for all tests of a file: call it at the top of the file, and what it gives in tests. */
export function useRealService(): () => RealService {
  let service: RealService | undefined;
  let home = '';
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'reproof-real-'));
    service = await startRealService(home);
  });
  afterAll(async () => {
    await service?.stop();
    await rm(home, { recursive: true, force: true });
  });
  return () => {
    if (service === undefined) throw new Error('the service has not started');
    return service;
  };
}

async function startRealService(home: string): Promise<RealService> {
  const { cacheFolder, engine, snapshot, keyring } = labOptions();
  const data = join(home, 'data');
  const folders = ['--data', data, '--cache', cacheFolder];
  const reproof = async (...argv: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await runCli(home, [...argv, ...folders]);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    return stdout;
  };
  await reproof('queue', 'pause');
  const sync = ['sync', 'debian', '--suite', 'trixie', '--arch', 'amd64,all', '--keyring', keyring, '--json'];
  const synced = JSON.parse(await reproof(...sync));
  const { secret } = JSON.parse(await reproof('token', 'create', 'release team', '--role', 'operator', '--json'));

  const from = ['--engine', engine, '--snapshot', snapshot, '--keyring', keyring, '--memory', '4G', '--disk', '8G'];
  // By the launcher, as a checkout is started.
  const child = spawn(LAUNCHER, ['serve', '--listen', '127.0.0.1:0', '--workers', '2', '--json', ...from, ...folders], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, REPROOF_SERVE_GRACE: '1s' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const address = await addressOf(child.stdout, () => stderr);

  const call: RealService['call'] = async (method, path, body) => {
    const answer = await fetch(address + path, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.json();
  };
  return {
    home,
    data,
    address,
    secret,
    synced,
    call,
    reproof,
    resultOf: async ({ source, version }) => {
      const path = `/api/packages/debian/${source}/history?version=${encodeURIComponent(version)}&limit=1`;
      for (;;) {
        const { records } = (await call('GET', path)) as { readonly records: readonly EndedRebuild[] };
        if (records[0] !== undefined) return records[0];
        await sleep(500);
      }
    },
    published: async ({ source }) => {
      const { records } = (await call('GET', `/api/targets?name=${source}&release=trixie`)) as {
        readonly records: readonly { readonly url: string }[];
      };
      const path = records[0]?.url.split('/pool/')[1];
      const answer = await fetch(`${(await aptMirror()).replace(/\/$/, '')}/pool/${path}`);
      expect([path, answer.status]).toEqual([path, 200]);
      return Buffer.from(await answer.arrayBuffer());
    },
    stop: async () => {
      child.kill('SIGTERM');
      const [status] = (await exited) as [number | null];
      return { status, stderr };
    },
  };
}

async function addressOf(stdout: NodeJS.ReadableStream, said: () => string): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const address = /"(http:\/\/127\.0\.0\.1:\d+)[^"]*"/.exec(line)?.[1];
    if (address !== undefined) {
      stdout.resume();
      return address;
    }
  }
  throw new Error(`the service ended before it listened: ${said()}`);
}
