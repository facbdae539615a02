import { afterAll, beforeAll, beforeEach } from 'vitest';
import { performSync, type SyncOutcome, type SyncProfile, type SyncTask } from '../../../rebuilder/sync/index.ts';
import { publishSuite } from '../../helpers/debian-archive.ts';
import { type FaultyServer, startServer } from '../../helpers/faulty-server.ts';
import { SigningKeys } from '../../helpers/signing-keys.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { listedNow, openData, packagesIndex, profileOf, queuedNow } from './support.ts';

export const AMD64 = 'main/binary-amd64/Packages';
export const ALL = 'main/binary-all/Packages';
export const NEWER = 'Sun, 13 Sep 2026 07:55:41 UTC';
export const forever = new AbortController().signal;

type Publishing = { readonly user?: string; readonly date?: string; readonly fields?: string };

let keys: SigningKeys;
let server: FaultyServer;
let cache: string;

/** What is served by path under the archive's root, what was asked for, and the data folder of a test. */
export const lab = {
  files: {} as Record<string, Uint8Array>,
  requests: [] as string[],
  data: '',
  keyring: '',
  mirror: '',
};

/** Serves an archive to a file's tests, with an empty data folder for each. */
export function useArchive(): void {
  beforeAll(async () => {
    keys = await SigningKeys.make('archive', 'stranger');
    lab.keyring = await keys.keyring('archive.gpg', 'archive');
    server = await startServer((request, response) => {
      lab.requests.push(request.url ?? '');
      const bytes = lab.files[(request.url ?? '').replace(/^\/debian/, '')];
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    lab.mirror = `${server.url}/debian`;
  });
  afterAll(async () => {
    await server.close();
    await keys.remove();
  });
  beforeEach(async () => {
    lab.data = await temporaryFolder();
    cache = await temporaryFolder();
    lab.files = {};
    lab.requests = [];
  });
}

/** Publishes a suite beside what is published; signed by the archive unless another is named. */
export async function publish(
  suite: string,
  indices: Record<string, string>,
  { user = 'archive', ...rest }: Publishing = {},
): Promise<void> {
  lab.files = { ...lab.files, ...(await publishSuite(suite, indices, { keys, user, ...rest })) };
}

/** less of 1 for amd64 and all, hello of the version given. */
export function sid(hello = '1:2-1'): Record<string, string> {
  const all = [['less-doc_1_all', 'less_1'] as const];
  return {
    [AMD64]: packagesIndex([['less_1+b1_amd64', 'less_1'], [`hello_${hello}_amd64`], ...all]),
    [ALL]: packagesIndex(all),
  };
}

/** What is listed after a sync of sid(). */
export const FIRST = [
  'sid hello 1:2-1 amd64: hello_2-1_amd64.deb',
  'sid less 1 amd64: less-doc_1_all.deb less_1+b1_amd64.deb',
];

export function taskOf(changes: Partial<SyncProfile> = {}): SyncTask {
  return {
    profile: profileOf(changes),
    data: lab.data,
    cache,
    keyring: lab.keyring,
    aptFolder: '/nonexistent',
    mirror: lab.mirror,
    securityMirror: undefined,
    snapshot: 'http://127.0.0.1:9',
    fetch: { concurrency: 2, stallSeconds: 5, tries: 1 },
  };
}

export async function sync(changes: Partial<SyncProfile> = {}): Promise<SyncOutcome> {
  return performSync(taskOf(changes), { signal: forever });
}

export async function listed(): Promise<readonly string[]> {
  return listedNow(await openData(lab.data));
}

export async function queued(): Promise<readonly string[]> {
  return queuedNow(await openData(lab.data));
}
