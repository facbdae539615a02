import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256Of } from '../../../../model/index.ts';
import { type IndexRequest, openIndex } from '../../../../rebuilder/ecosystem/debian/index-file.ts';
import { openSuite, type VerifiedSuite } from '../../../../rebuilder/ecosystem/debian/release.ts';
import type { Fetcher } from '../../../../rebuilder/fetch/index.ts';
import { compress, publishSuite, releaseEntries } from '../../../helpers/debian-archive.ts';
import { type FaultyServer, startServer } from '../../../helpers/faulty-server.ts';
import { SigningKeys } from '../../../helpers/signing-keys.ts';
import { forever, newFetcher } from '../../fetch/support.ts';

const PACKAGES = 'Package: less\nVersion: 668-1\n\nPackage: hello\nVersion: 2.10-5\n';
const SOURCES = 'Package: less\nVersion: 668-1\n';
const BINARY: IndexRequest = { component: 'main', kind: { packages: 'amd64' } };
const FOLDER = '/dists/trixie/main/binary-amd64';

let keys: SigningKeys;
let keyring: string;
let server: FaultyServer;
let files: Record<string, Uint8Array> = {};

beforeAll(async () => {
  keys = await SigningKeys.make('archive');
  keyring = await keys.keyring('archive.gpg', 'archive');
  server = await startServer((request, response) => {
    const bytes = files[request.url ?? ''];
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
});
afterAll(async () => {
  await server.close();
  await keys.remove();
});
beforeEach(async () => {
  files = await publishSuite(
    'trixie',
    {
      'main/binary-amd64/Packages': PACKAGES,
      'main/source/Sources': SOURCES,
      'main/debian-installer/binary-amd64/Packages': 'Package: less-udeb\n',
      'contrib/binary-amd64/Packages': '',
    },
    { keys, user: 'archive' },
  );
});

async function suiteOf(fetcher: Fetcher): Promise<VerifiedSuite> {
  const mirrors = { debian: server.url, 'debian-security': undefined, 'debian-debug': undefined };
  const now = new Date('2026-09-13T00:00:00Z');
  return openSuite({ fetcher, mirrors, suite: 'trixie', keyring, allowExpired: false, now, signal: forever });
}

/** Serves a Release file that lists these files, signed. */
async function list(listed: Record<string, Uint8Array>): Promise<void> {
  const head = 'Codename: trixie\nDate: Sat, 12 Sep 2026 07:55:41 UTC\nSHA256:\n';
  files['/dists/trixie/InRelease'] = await keys.clearSign(head + releaseEntries(listed), 'archive');
}

async function openBinary(): Promise<string> {
  const fetcher = await newFetcher({ tries: 1 });
  const index = await openIndex(await suiteOf(fetcher), BINARY, { fetcher, signal: forever });
  return index === undefined ? 'no such index' : readFile(index.file, 'utf8');
}

function pathsAsked(since = 0): readonly string[] {
  return server.requests.slice(since).map(({ path }) => path);
}

describe('opening an index', () => {
  it('gives the uncompressed file, by the digests of the Release file', async () => {
    const fetcher = await newFetcher();
    const index = await openIndex(await suiteOf(fetcher), BINARY, { fetcher, signal: forever });
    expect(index).toMatchObject({
      archive: 'debian',
      suite: 'trixie',
      component: 'main',
      path: 'main/binary-amd64/Packages',
      sha256: sha256Of(PACKAGES),
      size: PACKAGES.length,
      verification: { kind: 'index', path: 'main/binary-amd64/Packages', sha256: sha256Of(PACKAGES) },
    });
    expect(await readFile(index!.file, 'utf8')).toBe(PACKAGES);
  });

  it.each([
    ['sources', { component: 'main', kind: 'sources' }, SOURCES],
    ["the installer's", { ...BINARY, debianInstaller: true }, 'Package: less-udeb\n'],
    ['an empty one', { ...BINARY, component: 'contrib' }, ''],
  ] as const)('opens %s', async (_what, request, expected) => {
    const fetcher = await newFetcher();
    const index = await openIndex(await suiteOf(fetcher), request, { fetcher, signal: forever });
    expect(await readFile(index!.file, 'utf8')).toBe(expected);
  });

  it.each([
    { component: 'main', kind: { packages: 'vax' } },
    { component: 'universe', kind: 'sources' },
    { component: '../main', kind: 'sources' },
  ] as const)('knows that there is none of %j, without asking the server', async (request) => {
    const fetcher = await newFetcher();
    const suite = await suiteOf(fetcher);
    const before = server.requests.length;
    expect(await openIndex(suite, request, { fetcher, signal: forever })).toBeUndefined();
    expect(server.requests.length).toBe(before);
  });

  it('asks by hash first, once, and the second time not at all', async () => {
    const fetcher = await newFetcher();
    const suite = await suiteOf(fetcher);
    const before = server.requests.length;
    const first = await openIndex(suite, BINARY, { fetcher, signal: forever });
    const digest = suite.release.files.get('main/binary-amd64/Packages.xz')?.sha256;
    expect(pathsAsked(before)).toEqual([`${FOLDER}/by-hash/SHA256/${digest}`]);
    expect(await openIndex(suite, BINARY, { fetcher, signal: forever })).toEqual(first);
    expect(pathsAsked(before)).toHaveLength(1);
  });

  it('takes the plain address when the mirror has nothing by hash', async () => {
    for (const path of Object.keys(files)) if (path.includes('by-hash')) delete files[path];
    expect(await openBinary()).toBe(PACKAGES);
  });

  it('does not ask by hash where the Release file does not say so', async () => {
    await list({
      'main/binary-amd64/Packages': Buffer.from(PACKAGES),
      'main/binary-amd64/Packages.xz': files[`${FOLDER}/Packages.xz`]!,
    });
    const before = server.requests.length;
    expect(await openBinary()).toBe(PACKAGES);
    expect(pathsAsked(before).filter((path) => path.includes('by-hash'))).toEqual([]);
  });

  it('reads gzip where there is no xz', async () => {
    files[`${FOLDER}/Packages.gz`] = await compress('gzip', Buffer.from(PACKAGES));
    await list({
      'main/binary-amd64/Packages': Buffer.from(PACKAGES),
      'main/binary-amd64/Packages.gz': files[`${FOLDER}/Packages.gz`]!,
    });
    expect(await openBinary()).toBe(PACKAGES);
  });
});

describe('an index whose bytes are not those listed', () => {
  const flipped = (bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));

  it('is refused when a byte is flipped at both addresses', async () => {
    for (const [path, bytes] of Object.entries(files)) if (!path.endsWith('InRelease')) files[path] = flipped(bytes);
    await expect(openBinary()).rejects.toMatchObject({ code: 'FETCH_DIGEST_MISMATCH' });
  });

  it('is taken from the plain address when the one by hash is damaged', async () => {
    for (const [path, bytes] of Object.entries(files)) if (path.includes('by-hash')) files[path] = flipped(bytes);
    expect(await openBinary()).toBe(PACKAGES);
  });

  it('is refused when it is cut short', async () => {
    for (const [path, bytes] of Object.entries(files)) {
      if (!path.endsWith('InRelease')) files[path] = bytes.subarray(0, bytes.length - 1);
    }
    await expect(openBinary()).rejects.toMatchObject({ code: expect.stringMatching(/^FETCH_/) });
  });

  const cases: readonly [string, Buffer, () => Promise<Uint8Array>][] = [
    ['unpacks to more bytes than listed', Buffer.from(PACKAGES), () => compress('xz', Buffer.alloc(30_000_000))],
    ['unpacks to fewer bytes', Buffer.from(`${PACKAGES}\n`), () => compress('xz', Buffer.from(PACKAGES))],
    [
      'unpacks to other bytes',
      Buffer.from(PACKAGES.replace('668', '669')),
      () => compress('xz', Buffer.from(PACKAGES)),
    ],
    [
      'is cut short though listed so',
      Buffer.from(PACKAGES),
      async () => (await compress('xz', Buffer.from(PACKAGES))).subarray(0, -9),
    ],
    ['is no xz file at all', Buffer.from(PACKAGES), async () => Buffer.from('nonsense')],
  ];
  it.each(cases)('is refused when it %s', async (_what, plain, make) => {
    const compressed = await make();
    files[`${FOLDER}/Packages.xz`] = compressed;
    await list({ 'main/binary-amd64/Packages': plain, 'main/binary-amd64/Packages.xz': compressed });
    await expect(openBinary()).rejects.toMatchObject({ code: 'INDEX_MALFORMED' });
  });

  it('is refused when the Release file lists it in one form only', async () => {
    for (const name of ['Packages', 'Packages.xz']) {
      await list({ [`main/binary-amd64/${name}`]: Buffer.from(PACKAGES) });
      await expect(openBinary()).rejects.toMatchObject({ code: 'RELEASE_MALFORMED' });
    }
  });
});
