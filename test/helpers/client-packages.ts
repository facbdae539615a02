import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../model/index.ts';
import { compress } from './debian-archive.ts';
import { makeDeb, type TestDeb } from './debian-packages.ts';

const VERSION = '1.0-1';
/** A worker tells first after a minute that it still builds. */
const SLOW_SECONDS = 63;

/** What comes of each package when a worker builds it: `-missing` is not there to be downloaded. */
const OUTCOMES = ['agrees', 'differs', 'breaks', 'missing', 'slow'] as const;

export type ClientPackages = {
  /** What a server of files serves, by path: pool/, an archive below debian/, a flat one below flat/. */
  readonly served: Record<string, Uint8Array>;
  /** Published files by package name. */
  readonly debs: ReadonlyMap<string, TestDeb>;
  /** Names of the packages of a distribution, in the order of OUTCOMES. */
  readonly of: (distribution: string) => readonly string[];
};

/**
 * Small packages: those of OUTCOMES for the distributions `new` and `old`, `mixed`, which a worker rebuilds otherwise, and
 * ones that an archive lists. Into `shared` goes the backend of workers, which has a folder of rebuilt files by input.
 */
export async function makeClientPackages(folder: string, shared: string): Promise<ClientPackages> {
  const served: Record<string, Uint8Array> = {};
  const debs = new Map<string, TestDeb>();
  const of = (distribution: string) => OUTCOMES.map((outcome) => `${distribution}-${outcome}`);
  const deb = (name: string, text: string): Promise<TestDeb> =>
    makeDeb(
      folder,
      // repro-threshold reads packages that are packed as Debian packs its own.
      { packed: 'xz', Package: name, Version: VERSION, Architecture: 'amd64' },
      { 'usr/share/x': Buffer.from(text) },
    );
  for (const name of [...of('new'), ...of('old'), 'mixed']) {
    const published = await deb(name, 'published\n');
    debs.set(name, published);
    served[`/pool/${name}_${VERSION}_amd64.buildinfo`] = Buffer.from(`Source: ${name}\n`);
    if (!name.endsWith('-missing')) served[`/pool/${published.name}`] = published.bytes;
    await writeFile(join(shared, published.name), published.bytes);
    if (name.endsWith('-breaks') || name.endsWith('-missing')) continue;
    const isOther = name.endsWith('-differs') || name === 'mixed';
    const rebuilt = isOther ? (await deb(name, 'rebuilt\n')).bytes : published.bytes;
    const place = join(shared, 'rebuilt', name);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, published.name), rebuilt);
  }
  await writeFile(join(shared, 'backend.sh'), BACKEND);
  await chmod(join(shared, 'backend.sh'), 0o755);
  Object.assign(served, await archive(), flatArchive(debs));
  return { served, debs, of };
}

const BACKEND = `#!/bin/sh
name=$(basename "$1"); name=\${name%%_*}
echo "building $name"
printf 'a byte that is no text: \\377\\n'
case $name in
  *-breaks) exit 3 ;;
  *-slow) sleep ${SLOW_SECONDS} ;;
esac
cp "/lab/rebuilt/$name"/*.deb "$REBUILDERD_OUTDIR/"
`;

/** An archive as rebuildctl reads it: xz of Sources and Packages, without signatures. */
async function archive(): Promise<Record<string, Uint8Array>> {
  const sources: string[] = [];
  const packages: Record<string, string[]> = { amd64: [], all: [] };
  for (const [name, architecture] of Object.entries({
    'listed-new': 'amd64',
    'listed-old': 'amd64',
    'profiled-new': 'all',
    'profiled-old': 'amd64',
  })) {
    const maintainer = 'Maintainer: T <t@example.org>';
    const digest = sha256Of(name);
    sources.push(
      `Package: ${name}\nBinary: ${name}\nVersion: ${VERSION}\n${maintainer}\nArchitecture: any\nFormat: 3.0 (quilt)\nDirectory: pool/main/x/${name}\nChecksums-Sha256:\n ${digest} 1 ${name}.dsc\n`,
    );
    const file = `pool/${name}_${VERSION}_${architecture}.deb`;
    packages[architecture]?.push(
      `Package: ${name}\nVersion: ${VERSION}\nArchitecture: ${architecture}\n${maintainer}\nFilename: ${file}\nSize: 1\nSHA256: ${digest}\n`,
    );
  }
  const texts = {
    'source/Sources': sources,
    'binary-amd64/Packages': packages.amd64 ?? [],
    'binary-all/Packages': packages.all ?? [],
  };
  const entries = Object.entries(texts).map(async ([path, paragraphs]) => {
    const bytes = await compress('xz', Buffer.from(`${paragraphs.join('\n')}\n`));
    return [`/debian/dists/sid/main/${path}.xz`, bytes] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** A flat archive as apt reads it. */
function flatArchive(debs: ReadonlyMap<string, TestDeb>): Record<string, Uint8Array> {
  const paragraphs = [...debs.values()].map(({ name, bytes, control }) => {
    const fields = { ...control, Filename: `./${name}`, Size: bytes.length, SHA256: sha256Of(bytes) };
    return Object.entries(fields)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join('');
  });
  return {
    '/flat/Packages': Buffer.from(paragraphs.join('\n')),
    ...Object.fromEntries([...debs.values()].map(({ name, bytes }) => [`/flat/${name}`, bytes])),
  };
}
