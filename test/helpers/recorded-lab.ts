import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { EnvironmentLock, RebuildRecord } from '../../model/index.ts';
import { attachOutput, createContainer, removeContainer } from '../../rebuilder/engine/container.ts';
import type { RebuilderOptions, RebuildOrder } from '../../rebuilder/rebuilder-options.ts';
import { openBlobs } from '../../rebuilder/store/index.ts';
import { labEngine, labOptions, orderFor, quiet, rebuildDsc, withRebuilder } from './engine-lab.ts';
import { makeSourcePackage, type SourceOptions } from './source-package.ts';

/** What a builder left: the folder of a source, what it built, and its .buildinfo. */
export type Publication = { readonly folder: string; readonly name: string; readonly buildInfo: string };

/** The files a rebuild made, into `folder`; gives the name of the .buildinfo and its text. */
export async function layArtifacts(
  record: RebuildRecord,
  folder: string,
): Promise<{ name: string; buildInfo: string }> {
  const blobs = await openBlobs(join(labOptions().dataFolder, 'blobs'));
  const { outcome, artifacts } = record.attempts[0] ?? {};
  if (outcome?.kind !== 'built') throw new Error(`nothing was built: ${JSON.stringify(outcome ?? record.verdict)}`);
  const files = new Map<string, Buffer>();
  for (const file of artifacts ?? [])
    files.set(file.name, Buffer.concat(await Array.fromAsync(blobs.read(file.sha256))));
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
  const [name, text] = [...files].find(([file]) => file.endsWith('.buildinfo')) ?? [];
  if (name === undefined || text === undefined) throw new Error('the build left no .buildinfo');
  return { name, buildInfo: text.toString('utf8') };
}

/** Plays the publisher: makes a source package, builds it once in trixie, and lays all there is of it in a folder. */
export async function publish(options: SourceOptions): Promise<Publication> {
  const folder = await mkdtemp(join(options.folder, 'published-'));
  const source = await makeSourcePackage({ ...options, folder });
  const record = await rebuildDsc(source.dscPath, labOptions(), { control: false });
  return { folder, ...(await layArtifacts(record, folder)) };
}

/** Writes another .buildinfo beside the source of a publication, and gives its path. */
export async function writeBuildInfo(publication: Publication, text: string): Promise<string> {
  if (text === publication.buildInfo) throw new Error('the .buildinfo is the one there was');
  const name = `changed-${writeBuildInfo.count++}.buildinfo`;
  await writeFile(join(publication.folder, name), text);
  return join(publication.folder, name);
}
writeBuildInfo.count = 0;

/** Rebuilds what a .buildinfo, by path or address, says. */
export function rebuildRecorded(
  location: string,
  changes: { readonly order?: Partial<RebuildOrder>; readonly options?: Partial<RebuilderOptions> } = {},
): Promise<RebuildRecord> {
  const target = { kind: 'buildinfo', ecosystem: 'debian', location } as const;
  return withRebuilder(labOptions(changes.options), (rebuilder) =>
    rebuilder.rebuild(orderFor(target, changes.order), quiet),
  );
}

/** The log of a rebuild's first build. */
export async function logOf(record: RebuildRecord): Promise<string> {
  const path = join(labOptions().dataFolder, 'rebuilds', record.id, 'build.log.gz');
  return gunzipSync(await readFile(path)).toString('utf8');
}

/** Installed-Build-Depends as "name=version", sorted; a qualifying architecture is left out. */
export function recordedPackages(buildInfo: string): readonly string[] {
  const [, field = ''] = /^Installed-Build-Depends:\n((?: .*\n)+)/m.exec(buildInfo) ?? [];
  return [...field.matchAll(/^ ([^\s:]+)(?::\S+)? \(= (\S+)\),?$/gm)]
    .map(([, name, version]) => `${name}=${version}`)
    .sort();
}

/** What dpkg says is installed in the environment of a rebuild, as "name=version", sorted. */
export async function installedPackages(record: RebuildRecord): Promise<readonly string[]> {
  const engine = await labEngine();
  const container = await createContainer(engine, {
    image: `reproof-environment:${record.environment?.lockDigest.slice(0, 32)}`,
    // The status is there so that a package that is only half there shows.
    argv: [
      'dpkg-query',
      '--show',
      '--showformat',
      ['Package', 'Version', 'db:Status-Abbrev']
        .map((name) => `\${${name}}`)
        .join('=')
        .concat('\\n'),
    ],
    owner: { store: 'test', role: 'measure' },
  });
  try {
    const output = await attachOutput(container);
    await container.start();
    const lines = Buffer.concat(await Array.fromAsync(output))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    return lines.map((line) => line.replace(/=ii *$/, '')).sort();
  } finally {
    await removeContainer(container);
  }
}

/** What a rebuild's lock says of a package. */
export async function lockedPackage(record: RebuildRecord, name: string): Promise<unknown> {
  const text = await readFile(join(labOptions().dataFolder, 'rebuilds', record.id, 'lock.json'), 'utf8');
  const lock = JSON.parse(text) as EnvironmentLock;
  return lock.layers.flatMap((layer) => layer.packages).find((item) => item.name === name);
}

/** The .buildinfo with this package in this version, added when it was not there. */
export function pin(buildInfo: string, name: string, version: string): string {
  const line = new RegExp(`^ ${name.replace(/[+.]/g, '\\$&')} \\(= \\S+\\)(,?)$`, 'm');
  if (line.test(buildInfo)) return buildInfo.replace(line, ` ${name} (= ${version})$1`);
  return buildInfo.replace(/^Installed-Build-Depends:$/m, `Installed-Build-Depends:\n ${name} (= ${version}),`);
}
