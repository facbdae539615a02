import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { RebuildPlan, RebuildRecord, Sha256 } from '../../model/index.ts';
import { mirrorsFor } from '../../rebuilder/ecosystem/debian/mirrors.ts';
import { parseRelease, type ReleaseEntry } from '../../rebuilder/ecosystem/debian/release-file.ts';
import { STORE, storeIdentity } from '../../rebuilder/engine/ownership.ts';
import { engineAddress, LAB_FOLDER, labEngine } from './engine-lab.ts';
import { type FaultyServer, startServer } from './faulty-server.ts';
import { type CliResult, runCli } from './run-cli.ts';

/** A small package of Debian 13 that is reproducible today: one .dsc, one tarball, one arch:all binary. */
export const HONEST = { name: 'netbase', dsc: /\/netbase_[^/]*\.dsc$/, tarball: /\/netbase_[^/]*\.tar\.xz$/ } as const;

/** A folder of one run of the command line: its data, its cache and its settings. */
export type Home = { readonly folder: string; readonly data: string };

/** What a home starts with: all that an honest rebuild left but these files of the cache, or nothing the store remembers. */
export type HomeOptions = { readonly without?: readonly (Sha256 | undefined)[]; readonly forgetful?: boolean };

/** Debian's real archive behind a mirror that does what a test tells it to, and an honest rebuild that went before. */
export type FaultyArchive = {
  readonly mirror: FaultyServer;
  /** A service that has nothing. */
  readonly snapshot: FaultyServer;
  readonly honest: {
    readonly record: RebuildRecord;
    readonly plan: RebuildPlan;
    /** Its .dsc and its tarball: out of the cache, they are fetched from the mirror again. */
    readonly sources: readonly Sha256[];
  };
  readonly inRelease: Buffer;
  /** A file the suite's Release lists, by path under dists/trixie/. */
  entry(path: string): ReleaseEntry;
  home(options?: HomeOptions): Promise<Home>;
  /** `reproof rebuild` in that home, quiet and with JSON. */
  rebuild(home: Home, ...argv: readonly string[]): Promise<CliResult>;
  close(): Promise<void>;
};

const SETTINGS = 'fetch:\n  stall: STALL\n  tries: 2\n';
/** Long enough for any file of the real archive behind the faulty mirror; and for a server that says nothing. */
const PATIENT = '60s';
export const IMPATIENT = '2s';

/** Opens it, and rebuilds the honest package through it while it does nothing wrong. */
export async function openFaultyArchive(): Promise<FaultyArchive> {
  const { mirrors } = await mirrorsFor({ aptFolder: '/etc/apt', snapshotBase: 'http://127.0.0.1:9', now: new Date() });
  const mirror = await startServer({ upstream: mirrors.debian ?? '' });
  const snapshot = await startServer({ files: {} });
  const run = (home: Home, argv: readonly string[]): Promise<CliResult> =>
    runCli(home.folder, [
      'rebuild',
      ...argv,
      ...['--suite', 'trixie', '--quiet', '--json', '--config', 'config.yaml', '--engine', engineAddress()],
      ...['--data', home.data, '--cache', 'cache', '--mirror', mirror.url, '--snapshot', snapshot.url],
    ]);
  const lab = { folder: LAB_FOLDER, data: join(LAB_FOLDER, 'data') };
  await mkdir(LAB_FOLDER, { recursive: true });
  await settle(lab, PATIENT);
  const { status, stdout, stderr } = await run(lab, [`debian:${HONEST.name}`]);
  expect(stderr).toBe('');
  const record = JSON.parse(stdout) as RebuildRecord;
  expect([status, record.verdict.kind]).toEqual([0, 'reproducible']);
  const evidence = join(lab.data, 'rebuilds', record.id);
  const plan = JSON.parse(await readFile(join(evidence, 'plan.json'), 'utf8')) as RebuildPlan;
  const inRelease = Buffer.from(await (await fetch(`${mirror.url}/dists/trixie/InRelease`)).arrayBuffer());
  const release = parseRelease(Buffer.from(signedText(inRelease)), 'InRelease');
  return {
    mirror,
    snapshot,
    honest: { record, plan, sources: [plan.source.dsc.sha256, ...plan.source.files.map((file) => file.sha256)] },
    inRelease,
    entry(path) {
      const entry = release.files.get(path);
      if (entry === undefined) throw new Error(`the Release file lists no ${path}`);
      return entry;
    },
    home: (options) => makeHome(options ?? {}),
    rebuild: (home, ...argv) => run(home, argv.length > 0 ? argv : [`debian:${HONEST.name}`]),
    async close() {
      await Promise.all([mirror.close(), snapshot.close()]);
    },
  };
}

/** The text inside a clear-signed document of the real archive. */
export function signedText(document: Buffer): string {
  const [, text] = /\n\n([\s\S]*?)\n-----BEGIN PGP SIGNATURE-----/.exec(document.toString('utf8')) ?? [];
  if (text === undefined) throw new Error('it is not clear-signed');
  return `${text}\n`;
}

/** Says how long a silent server is waited for in this home. */
export async function settle(home: Home, stall: string): Promise<void> {
  await writeFile(join(home.folder, 'config.yaml'), SETTINGS.replace('STALL', stall));
}

async function makeHome({ without = [], forgetful = false }: HomeOptions): Promise<Home> {
  // Beside the lab: its cached files are linked, not copied, so they have to be on one file system.
  const folder = await mkdtemp(join(LAB_FOLDER, 'home-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  await mkdir(data);
  if (!forgetful) await copyFile(join(LAB_FOLDER, 'data', 'reproof.sqlite3'), join(data, 'reproof.sqlite3'));
  const files = join('cache', 'sha256');
  for (const shelf of await readdir(join(LAB_FOLDER, files))) {
    await mkdir(join(folder, files, shelf), { recursive: true });
    for (const name of await readdir(join(LAB_FOLDER, files, shelf)))
      if (!without.includes(name)) await link(join(LAB_FOLDER, files, shelf, name), join(folder, files, shelf, name));
  }
  const home = { folder, data };
  await settle(home, PATIENT);
  return home;
}

/** What a home's run left on the engine: names of containers and volumes. */
export async function leftOnEngine({ data }: Home): Promise<readonly string[]> {
  const { docker } = await labEngine();
  const filters = { label: [`${STORE}=${await storeIdentity(data)}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const volumes = await docker.listVolumes({ filters: JSON.stringify(filters) as never });
  return [
    ...containers.flatMap((container) => container.Names),
    ...(volumes.Volumes ?? []).map((volume) => volume.Name),
  ];
}

/** The newest rebuild of a home, as `reproof list` tells it. */
export async function newest(
  home: Home,
): Promise<{ readonly state: string; readonly verdict?: string; readonly lastStage?: string }> {
  const { stdout } = await runCli(home.folder, ['list', '--json', '--limit', '1', '--data', home.data]);
  return (JSON.parse(stdout) as { rebuilds: { state: string; verdict?: string; lastStage?: string }[] })
    .rebuilds[0] as never;
}

/** Changes one byte of a file of a home's cache, and of no other home's. */
export async function decay(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  await rm(path);
  await writeFile(path, bytes.fill(bytes.readUInt8(middle) ^ 1, middle, middle + 1), { mode: 0o444 });
}
