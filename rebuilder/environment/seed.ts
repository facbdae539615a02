import type { Readable } from 'node:stream';
import tarStream, { type Header } from 'tar-stream';
import { isReproofError, ReproofError } from '../../model/index.ts';
import { runProgram, streamProgram } from '../../programs/index.ts';
import type { PackageRelations } from './closure.ts';

/** Folders that are symbolic links into /usr since Debian 12 (UsrMerge). Older packages still ship files under the old names. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64'] as const;

const CONTROL_FIELDS = [
  'Package',
  'Version',
  'Architecture',
  'Essential',
  'Pre-Depends',
  'Depends',
  'Provides',
] as const;
const CONTROL_LIMITS = { wallSeconds: 60, outputBytes: 1_000_000 };
/** The largest single .deb of Debian unpacks to a few GB; a seed holds only essential packages. */
const SEED_LIMITS = { wallSeconds: 300, outputBytes: 2_000_000_000 };

/** What a .deb says of itself that matters for installing it. */
export type DebControl = PackageRelations & { readonly version: string; readonly architecture: string };

/** Reads the control fields of a .deb on disk. Throws ARCHIVE_MALFORMED when dpkg-deb cannot, PROGRAM_MISSING without it. */
export async function readDebControl(path: string, signal: AbortSignal): Promise<DebControl> {
  const result = await runProgram(
    ['dpkg-deb', '--show', `--showformat=${CONTROL_FIELDS.map((field) => `\${${field}}\\n`).join('')}`, path],
    {
      limits: CONTROL_LIMITS,
      signal,
    },
  );
  const [name, version, architecture, essential, preDepends, depends, provides] = result.stdout
    .toString('utf8')
    .split('\n');
  if (result.status !== 0 || !name || !version || !architecture) {
    throw new ReproofError(
      'ARCHIVE_MALFORMED',
      `reading the control file of ${path}: ${result.stderr.trim() || 'fields are missing'}`,
    );
  }
  return {
    name,
    version,
    architecture,
    essential: essential === 'yes',
    preDepends: preDepends ?? '',
    depends: depends ?? '',
    provides: provides ?? '',
  };
}

/**
 * The files of packages merged into one tar, nothing installed: enough for dpkg or apt to run in. Packages are taken in
 * the order given; where two ship a path (folders, mostly) the first one counts, since an engine refuses to import a
 * tar with a name in it twice; dpkg unpacks them all again later. Names stay inside the tar, which only a
 * container engine unpacks.
 */
export function seedTar(debPaths: readonly string[], signal: AbortSignal): Readable {
  const pack = tarStream.pack();
  writeSeed(pack, debPaths, signal).then(
    () => pack.finalize(),
    (error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return pack as unknown as Readable;
}

async function writeSeed(pack: tarStream.Pack, debPaths: readonly string[], signal: AbortSignal): Promise<void> {
  for (const name of ['./', './usr', ...MERGED.map((folder) => `./usr/${folder}`)])
    pack.entry({ name, type: 'directory', mode: 0o755, mtime: new Date(0) });
  for (const folder of MERGED)
    pack.entry({ name: `./${folder}`, type: 'symlink', linkname: `usr/${folder}`, mtime: new Date(0) });
  const seen = new Set<string>(['./usr', ...MERGED.map((folder) => `./usr/${folder}`)]);
  for (const path of debPaths) await appendPackage({ pack, seen }, path, signal);
}

type Seed = { readonly pack: tarStream.Pack; readonly seen: Set<string> };

async function appendPackage({ pack, seen }: Seed, path: string, signal: AbortSignal): Promise<void> {
  const extract = tarStream.extract();
  const reading = (async () => {
    for await (const chunk of streamProgram(['dpkg-deb', '--fsys-tarfile', path], { limits: SEED_LIMITS, signal })) {
      if (!extract.write(chunk)) await new Promise<void>((resolve) => extract.once('drain', resolve));
    }
    extract.end(undefined);
  })();
  reading.catch((error: unknown) => extract.destroy(error as Error));
  try {
    for await (const entry of extract) {
      const header = mergedHeader(entry.header);
      if (header === undefined || seen.has(header.name)) {
        entry.resume();
        continue;
      }
      seen.add(header.name);
      if (header.type !== 'file') {
        entry.resume();
        pack.entry(header);
        continue;
      }
      const sink = pack.entry(header);
      for await (const chunk of entry)
        if (!sink.write(chunk)) await new Promise<void>((resolve) => sink.once('drain', resolve));
      sink.end(undefined);
    }
    await reading;
  } catch (error) {
    if (isReproofError(error)) throw error;
    throw new ReproofError(
      'ARCHIVE_MALFORMED',
      `unpacking ${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** The header under its merged-/usr name, or undefined for the folders that are links now. */
function mergedHeader(header: Header): Header | undefined {
  const name = header.name.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (name === '' || (MERGED as readonly string[]).includes(name)) return undefined;
  const linkname =
    header.type === 'link' && header.linkname
      ? `./${mergedName(header.linkname.replace(/^(\.\/)+/, ''))}`
      : header.linkname;
  return {
    ...header,
    name: `./${mergedName(name)}`,
    ...(linkname === undefined || linkname === null ? {} : { linkname }),
  };
}

function mergedName(name: string): string {
  const top = name.split('/', 1)[0] ?? '';
  return (MERGED as readonly string[]).includes(top) && name.includes('/') ? `usr/${name}` : name;
}
