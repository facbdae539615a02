import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { publicKeyPem } from '../../attest/index.ts';
import type { ClientSuite } from './client-images.ts';
import { clientImage, docker } from './client-images.ts';
import { type ClientPackages, makeClientPackages } from './client-packages.ts';
import { workerSettings } from './client-settings.ts';
import { type FaultyServer, startServer } from './faulty-server.ts';
import type { LabJson } from './rebuilderd-lab.ts';
import { startService } from './service-process.ts';

const SECRET = 'SIGNUPSECRET-OF-THE-LAB';
const LABEL = `org.reproof.test=clients-${process.pid}`;

/** What a client's program ended in: all it printed, and its standard output alone. */
export type ClientResult = { readonly status: number; readonly said: string; readonly stdout: string };

export type ClientLab = {
  /** Of `reproof serve`, without a slash at the end. */
  readonly url: string;
  readonly data: string;
  /** Of the published files. */
  readonly files: FaultyServer;
  readonly packages: ClientPackages;
  /** Runs a program of a suite's image on this machine's loopback; the lab's folder is /lab there. */
  readonly run: (suite: ClientSuite, argv: readonly string[], given?: ClientInput) => Promise<ClientResult>;
  /** Writes a file that clients find in /lab. */
  readonly write: (name: string, text: string) => Promise<void>;
  /** Starts rebuilderd-worker, whose backend builds for `distribution`. */
  readonly startWorker: (suite: ClientSuite, distribution: string) => Promise<LabWorker>;
  readonly get: (path: string) => Promise<LabJson>;
  /** The record of version 1 of a binary package, once it was built. */
  readonly built: (name: string, filter?: string) => Promise<LabJson>;
  /** By the name of a source, how many seconds after its begin its worker told last that it goes on. */
  readonly pings: ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
};

export type ClientInput = { readonly stdin?: string; readonly cookie?: string; readonly options?: readonly string[] };
export type LabWorker = {
  readonly name: string;
  /** All it wrote so far. */
  readonly log: () => Promise<string>;
};

/** Images, published files, and a service in a process of its own, as its operators start it. `folder` is the lab's. */
export async function openClientLab(folder: string): Promise<ClientLab> {
  const shared = join(folder, 'lab');
  await mkdir(shared);
  const [sid, trixie, packages] = await Promise.all([
    clientImage('sid'),
    clientImage('trixie'),
    makeClientPackages(folder, shared),
  ]);
  const files = await startServer({ files: packages.served });
  const write = (name: string, text: string): Promise<void> => writeFile(join(shared, name), text);
  const service = await startService(folder, { signupSecret: SECRET });
  const { url, data, token } = service;
  await write('cookie', `${token}\n`);
  await write('wrong', 'wrong\n');
  const pings = new Map<string, number>();
  const closing = new AbortController();
  const watching = watchPings(url, pings, closing.signal).catch((error: unknown) => {
    if (!closing.signal.aborted) throw error;
  });

  const run = async (suite: ClientSuite, argv: readonly string[], given: ClientInput = {}): Promise<ClientResult> => {
    const { stdin, cookie = 'cookie', options = [] } = given;
    const image = suite === 'sid' ? sid : trixie;
    const where = ['--rm', '--interactive', '--network', 'host', '--label', LABEL, '--volume', `${shared}:/lab:ro`];
    const result = await docker(
      ['run', ...where, '--env', `REBUILDERD_COOKIE_PATH=/lab/${cookie}`, ...options, image, ...argv],
      stdin === undefined ? {} : { input: Buffer.from(stdin) },
    );
    const text = result.stdout.toString();
    return { status: result.status, said: text + result.stderr, stdout: text };
  };
  const startWorker = async (suite: ClientSuite, distribution: string): Promise<LabWorker> => {
    const name = `worker-of-${suite}`;
    await write(`${name}.conf`, workerSettings(distribution, SECRET));
    const {
      status: began,
      stdout: id,
      stderr: why,
    } = await docker([
      ...['run', '--detach', '--network', 'host', '--label', LABEL, '--volume', `${shared}:/lab:ro`],
      ...[suite === 'sid' ? sid : trixie, 'sh', '-c', 'mkdir -p /var/lib/rebuilderd-worker && exec "$@"', 'worker'],
      ...['rebuilderd-worker', '-v', '--name', name, '--config', `/lab/${name}.conf`, 'connect', url],
    ]);
    if (began !== 0) throw new Error(why);
    const log = async (): Promise<string> => {
      const { stdout: out, stderr: err } = await docker(['logs', id.toString().trim()]);
      return out.toString() + err;
    };
    return { name, log };
  };
  const get = async (path: string): Promise<LabJson> => {
    const answer = await fetch(`${url}${path}`, { headers: { 'x-auth-cookie': token } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };
  const built = (name: string, filter = ''): Promise<LabJson> =>
    vi.waitFor(
      async () => {
        const { records } = await get(`/api/v1/packages/binary?name=${name}${filter}`);
        expect(records).toMatchObject([{ build_id: expect.any(Number) }]);
        return records[0];
      },
      { timeout: 180_000, interval: 250 },
    );
  const close = async (): Promise<void> => {
    closing.abort();
    await watching;
    const { stdout: ids } = await docker(['ps', '--all', '--quiet', '--filter', `label=${LABEL}`]);
    const left = ids
      .toString()
      .split('\n')
      .filter((id) => id !== '');
    if (left.length > 0) await docker(['rm', '--force', ...left]);
    await service.stop();
    await files.close();
  };
  return { url, data, files, packages, run, write, startWorker, get, built, pings, close };
}

/** The public key of a worker, as it shows it and as PEM. One of version 0 sends no name: it is called by its key. */
export async function workerKey(
  lab: ClientLab,
  { name }: LabWorker,
): Promise<{ readonly text: string; readonly pem: string }> {
  const workers = (await lab.get('/api/v0/workers')) as readonly { readonly name: string; readonly key: string }[];
  const found = workers.find((one) => one.name === name) ?? workers.find((one) => one.key.startsWith(one.name));
  if (found === undefined) throw new Error(`${name} did not register`);
  return { text: found.key, pem: publicKeyPem(Buffer.from(found.key, 'base64')) };
}

/** Looks at the queue again and again, and notes how many seconds after its begin each job was kept last. */
async function watchPings(url: string, seconds: Map<string, number>, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  for await (const _ of setInterval(500, undefined, { signal })) {
    const answer = await fetch(`${url}/api/v0/queue/list`, { method: 'POST', headers, body: '{}', signal });
    for (const { pkgbase, started_at: from, last_ping: at } of ((await answer.json()) as LabJson).queue)
      if (from !== null && at !== null)
        seconds.set(pkgbase.name, (Date.parse(`${at}Z`) - Date.parse(`${from}Z`)) / 1000);
  }
}
