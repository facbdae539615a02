import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readClearsigned } from '../../../../../rebuilder/ecosystem/debian/clearsigned.ts';
import type { LocateContext } from '../../../../../rebuilder/ecosystem/index.ts';
import type { Fetcher } from '../../../../../rebuilder/fetch/index.ts';
import { publishSuite } from '../../../../helpers/debian-archive.ts';
import {
  entry,
  makeDeb,
  makeSource,
  packagesParagraph,
  poolPath,
  sourcesParagraph,
  type TestDeb,
  type TestSource,
} from '../../../../helpers/debian-packages.ts';
import { type FaultyServer, startServer } from '../../../../helpers/faulty-server.ts';
import { SigningKeys } from '../../../../helpers/signing-keys.ts';

/** The entry of the binNMU of "rebuilt" 1:2-1: five days after its source's. */
export const NMU_ENTRY = `${entry('rebuilt', '1:2-1+b2', { days: 5, keys: ', binary-only=yes' })}\n`;

/** An archive of this machine with a suite trixie (also called stable), trixie-security and sid; and a snapshot service. */
export type SmallArchive = {
  readonly server: FaultyServer;
  readonly keys: SigningKeys;
  readonly folder: string;
  /** What is served, by path; tests may change it. `reset` undoes that. */
  readonly files: Map<string, Uint8Array>;
  readonly sources: Readonly<Record<string, TestSource>>;
  readonly debs: Readonly<Record<string, TestDeb>>;
  /** Beginnings of paths that are answered with status 500. */
  readonly broken: Set<string>;
  reset(): void;
  /** Makes a file known to the snapshot service as one of a binary's. */
  keepBinary(deb: TestDeb, more?: { archive?: string }): void;
  keepSource(source: TestSource): void;
  context(fetcher: Fetcher, more?: Partial<LocateContext>): Promise<LocateContext>;
  close(): Promise<void>;
};

export async function makeSmallArchive(): Promise<SmallArchive> {
  const folder = await mkdtemp(join(tmpdir(), 'reproof-archive-'));
  const keys = await SigningKeys.make('archive', 'developer');
  const source = (name: string, version: string, architectures: readonly string[]) =>
    makeSource(folder, { name, version, architectures });
  const sources = {
    tiny: await source('tiny', '1.2-1', ['any', 'all']),
    rebuilt: await source('rebuilt', '1:2-1', ['any', 'all']),
    docs: await source('docs', '1', ['all']),
    older: await source('older', '1-1', ['any']),
    newer: await source('older', '2-1', ['any']),
    secure: await source('secure', '1-1+deb13u1', ['any']),
    rolling: await source('rolling', '9-1', ['any']),
    lost: await source('lost', '3-1', ['any']),
  };
  const deb = (
    Package: string,
    Version: string,
    Architecture: string,
    Source?: string,
    files?: Record<string, Uint8Array>,
  ) => makeDeb(folder, { Package, Version, Architecture, ...(Source && { Source }) }, files);
  const changelog = { 'usr/share/doc/rebuilt-any/changelog.Debian.amd64.gz': gzipSync(NMU_ENTRY) };
  const debs = {
    tiny: await deb('tiny-any', '1.2-1', 'amd64', 'tiny'),
    tinyDoc: await deb('tiny-all', '1.2-1', 'all', 'tiny'),
    rebuilt: await deb('rebuilt-any', '1:2-1+b2', 'amd64', 'rebuilt (1:2-1)', changelog),
    rebuiltDoc: await deb('rebuilt-all', '1:2-1', 'all', 'rebuilt'),
    docs: await deb('docs', '1', 'all'),
    older: await deb('older-any', '1-1', 'amd64', 'older'),
    newer: await deb('older-new', '2-1', 'amd64', 'older'),
    secure: await deb('secure-any', '1-1+deb13u1', 'amd64', 'secure'),
    rolling: await deb('rolling-any', '9-1', 'amd64', 'rolling'),
    removed: await deb('removed', '1-1', 'amd64'),
    compiler: await deb('compiler', '1:5-1', 'amd64'),
    library: await deb('library', '2-1', 'all'),
    kept: await deb('kept', '1-7', 'amd64'),
    lost: await deb('lost-any', '3-1', 'amd64', 'lost'),
  };
  const by = { keys, user: 'archive' };
  const suites = {
    trixie: {
      sources: [
        sourcesParagraph(sources.tiny),
        sourcesParagraph(sources.rebuilt),
        sourcesParagraph(sources.docs),
        sourcesParagraph(sources.newer),
        sourcesParagraph(sources.older, 'Extra-Source-Only: yes\n'),
        // Two that no honest archive has: one names another source's .dsc, one lies outside the archive.
        sourcesParagraph(sources.tiny).replace('Package: tiny', 'Package: evil'),
        sourcesParagraph(sources.tiny)
          .replace('Package: tiny', 'Package: climber')
          .replace(/^Directory:.*$/m, 'Directory: ../../etc'),
      ],
      debs: [
        debs.tiny,
        debs.tinyDoc,
        debs.rebuilt,
        debs.rebuiltDoc,
        debs.docs,
        debs.older,
        debs.newer,
        debs.removed,
        debs.compiler,
      ],
    },
    'trixie-security': { sources: [sourcesParagraph(sources.secure)], debs: [debs.secure, debs.library] },
    sid: { sources: [sourcesParagraph(sources.rolling)], debs: [debs.rolling] },
  };
  const original = new Map<string, Uint8Array>();
  for (const [suite, { sources: paragraphs, debs: packages }] of Object.entries(suites)) {
    const indices = {
      'main/source/Sources': paragraphs.join(''),
      'main/binary-amd64/Packages': packages.map(packagesParagraph).join(''),
    };
    const root = suite.endsWith('-security') ? '/debian-security' : '/debian';
    const served = await publishSuite(suite, indices, by);
    const alias = suite === 'sid' ? 'unstable' : suite.replace('trixie', 'stable');
    const release = readClearsigned(Buffer.from(served[`/dists/${suite}/InRelease`] ?? '').toString())?.payload ?? '';
    const signed = await keys.clearSign(`Suite: ${alias}\n${release}`, 'archive');
    for (const [path, bytes] of Object.entries(served)) {
      const content = path.endsWith('/InRelease') ? signed : bytes;
      for (const name of [suite, alias])
        original.set(`${root}${path.replace(`/dists/${suite}/`, `/dists/${name}/`)}`, content);
    }
    for (const item of packages) {
      const from = (item.control.Source ?? item.control.Package ?? '').split(' ')[0] ?? '';
      original.set(`${root}/${poolPath(from, item.name)}`, item.bytes);
    }
  }
  for (const item of Object.values(sources)) {
    const root = item.name === 'secure' ? '/debian-security' : '/debian';
    if (item.name === 'lost') continue;
    for (const [name, bytes] of Object.entries(item.files)) original.set(`${root}/${poolPath(item.name, name)}`, bytes);
  }
  const files = new Map(original);
  const broken = new Set<string>();
  const server = await startServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    if ([...broken].some((beginning) => path.startsWith(beginning))) {
      response.writeHead(500).end();
      return;
    }
    const bytes = files.get(path);
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  const keyring = await keys.keyring('archive.gpg', 'archive');
  const developers = await keys.keyring('developers.gpg', 'developer');
  const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
  const info = (name: string, bytes: Uint8Array, archive = 'debian') => [
    { name, size: bytes.length, archive_name: archive, path: '/pool', first_seen: '20240101T000000Z' },
  ];
  return {
    server,
    keys,
    folder,
    files,
    broken,
    sources,
    debs,
    reset: () => {
      broken.clear();
      files.clear();
      for (const [path, bytes] of original) files.set(path, bytes);
    },
    keepBinary: ({ name, bytes, control }, more = {}) => {
      const hash = sha1(bytes);
      const answer = {
        _comment: 'x',
        binary: control.Package,
        binary_version: control.Version,
        result: [{ architecture: control.Architecture, hash }],
        fileinfo: { [hash]: info(name, bytes, more.archive) },
      };
      files.set(
        `/snapshot/mr/binary/${control.Package}/${control.Version}/binfiles`,
        Buffer.from(JSON.stringify(answer)),
      );
      files.set(`/snapshot/file/${hash}`, bytes);
    },
    keepSource: (item) => {
      const all = Object.entries(item.files);
      const answer = {
        package: item.name,
        version: item.version,
        result: all.map(([, bytes]) => ({ hash: sha1(bytes) })),
        fileinfo: Object.fromEntries(all.map(([name, bytes]) => [sha1(bytes), info(name, bytes)])),
      };
      files.set(`/snapshot/mr/package/${item.name}/${item.version}/srcfiles`, Buffer.from(JSON.stringify(answer)));
      for (const [, bytes] of all) files.set(`/snapshot/file/${sha1(bytes)}`, bytes);
    },
    context: async (fetcher, more = {}) => ({
      fetcher,
      mirrors: { debian: `${server.url}/debian`, 'debian-security': `${server.url}/debian-security` },
      snapshotBase: `${server.url}/snapshot`,
      keyring,
      developerKeyrings: [developers],
      allowExpired: false,
      components: ['main'],
      only: [],
      now: new Date('2026-09-13T00:00:00Z'),
      hostArchitecture: 'amd64',
      signal: new AbortController().signal,
      ...more,
    }),
    close: async () => {
      await server.close();
      await keys.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
