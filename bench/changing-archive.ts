/** A real suite in two states, signed by a key of its own and served from loopback: what syncs of an archive that moves on read. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Of } from '../model/index.ts';
import { type IndexRequest, indexPath, openIndex } from '../rebuilder/ecosystem/debian/index-file.ts';
import { mirrorsFor } from '../rebuilder/ecosystem/debian/mirrors.ts';
import { openSuite } from '../rebuilder/ecosystem/debian/release.ts';
import { openFetcher } from '../rebuilder/fetch/index.ts';
import { publishSuite } from '../test/helpers/debian-archive.ts';
import { SigningKeys } from '../test/helpers/signing-keys.ts';

export type ChangingArchive = {
  /** The archive's root. */
  readonly url: string;
  readonly keyring: string;
  readonly show: (state: 'first' | 'changed') => void;
  readonly close: () => Promise<void>;
};

type Asked = { readonly mirror: string | undefined; readonly suite: string; readonly cacheFolder: string };

/** One package in so many is gone in the second state, one has another version, and one has a new one beside it. */
const ONE_IN = 300;

/** Serves main of a suite, for amd64 and all, as `mirror` has it and as it is some hundred changes later. */
export async function serveChangingArchive(asked: Asked): Promise<ChangingArchive> {
  const keys = await SigningKeys.make('archive');
  const texts = await readIndices(asked);
  const changed = Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, movedOn(text)]));
  const by = { keys, user: 'archive' };
  const states = {
    first: await publishSuite(asked.suite, texts, { ...by, date: 'Sat, 12 Sep 2026 07:55:41 UTC' }),
    changed: await publishSuite(asked.suite, changed, { ...by, date: 'Sun, 13 Sep 2026 07:55:41 UTC' }),
  };
  let served: Record<string, Uint8Array> = states.first;
  const server = createServer((request, response) => {
    const bytes = served[(request.url ?? '').replace(/^\/debian/, '')];
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`,
    keyring: await keys.keyring('archive.gpg', 'archive'),
    show: (state) => {
      served = states[state];
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await keys.remove();
    },
  };
}

async function readIndices({ mirror, suite, cacheFolder }: Asked): Promise<Record<string, string>> {
  const now = new Date();
  const { signal } = new AbortController();
  const { mirrors } = await mirrorsFor({ mirror, aptFolder: '/etc/apt', snapshotBase: 'http://127.0.0.1:9', now });
  const fetcher = openFetcher({ cacheFolder });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const opened = await openSuite({ fetcher, mirrors, suite, keyring, allowExpired: true, now, signal });
  const texts: Record<string, string> = {};
  for (const packages of ['amd64', 'all']) {
    const request: IndexRequest = { component: 'main', kind: { packages } };
    const index = await openIndex(opened, request, { fetcher, signal });
    if (index !== undefined) texts[indexPath(request)] = readFileSync(index.file, 'utf8');
  }
  await fetcher.close();
  return texts;
}

/** Changes are chosen by names: two indices that repeat a file have it changed in both. */
function movedOn(text: string): string {
  return text
    .split('\n\n')
    .flatMap((paragraph) => {
      const name = /^Package: (.*)$/m.exec(paragraph)?.[1] ?? '';
      const chance = Number.parseInt(sha256Of(name).slice(0, 8), 16) % ONE_IN;
      if (chance === 0) return [];
      if (chance === 1) return [renewed(paragraph, name)];
      if (chance === 2) return [paragraph, renewed(paragraph.replace(/^Package: .*$/m, `Package: ${name}-new`), name)];
      return [paragraph];
    })
    .join('\n\n');
}

function renewed(paragraph: string, name: string): string {
  return paragraph
    .replace(/^(Version: .*)$/m, '$1+new1')
    .replace(/^(Filename: .*\/)([^/]*)$/m, '$1new1-$2')
    .replace(/^SHA256: .*$/m, `SHA256: ${sha256Of(`${name} renewed`)}`);
}
