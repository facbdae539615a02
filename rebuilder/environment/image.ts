import { createReadStream } from 'node:fs';
import type { Container } from 'dockerode';
import {
  type EnvironmentLayer,
  type EnvironmentLock,
  isSha256,
  lockDigest,
  type PreparedEnvironment,
  ReproofError,
  type Sha256,
} from '../../model/index.ts';
import {
  type ContainerFile,
  createContainer,
  engineError,
  execIn,
  putFiles,
  removeContainer,
} from '../engine/container.ts';
import type { CachedFile } from '../fetch/types.ts';
import { essentialClosure, installBatches } from './closure.ts';
import { DIGEST_SCRIPT, INSTALL_SCRIPT, NORMALISE_SCRIPT, RECIPE, WORK_FOLDER } from './scripts.ts';
import { type DebControl, readDebControl, seedTar } from './seed.ts';
import type { EnvironmentContext, KnownEnvironment } from './types.ts';

const IMAGE_NAME = 'reproof-environment';
const OUTPUT_KEPT = 8_000_000;
/** What installation scripts need: owners, modes, users. No network, mount, trace or module capability. */
const INSTALL_CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'SETFCAP',
  'SETGID',
  'SETUID',
  'SYS_CHROOT',
];

/** `notes` name the files in which this root file system differs from another one made of the same lock. */
export type MadeEnvironment = PreparedEnvironment & { readonly notes: readonly string[] };

/**
 * The environment of a lock, as an image on the engine: the one made before when the engine still has it, else made
 * layer by layer, offline, from packages brought by digest. `fresh` makes the last layer anew in any case.
 * Throws ENVIRONMENT_FAILED when the packages do not install, ENGINE_*, FETCH_*, PLAN_INVALID for another recipe's lock.
 */
export async function makeEnvironment(
  lock: EnvironmentLock,
  context: EnvironmentContext,
  fresh = false,
): Promise<MadeEnvironment> {
  if (lock.recipe !== RECIPE) {
    throw new ReproofError(
      'PLAN_INVALID',
      `making the environment of a lock: it is of recipe ${lock.recipe}, this version makes recipe ${RECIPE}`,
    );
  }
  let below: KnownEnvironment | undefined;
  let result: MadeEnvironment | undefined;
  for (let depth = 1; depth <= lock.layers.length; depth += 1) {
    const part = { ...lock, layers: lock.layers.slice(0, depth) };
    const name = lockDigest(part);
    const last = depth === lock.layers.length;
    const known = last && fresh ? undefined : await knownImage(name, context);
    const made: KnownEnvironment & { notes: readonly string[] } = known
      ? { ...known, notes: [] }
      : await makeLayer(part, below, context);
    below = made;
    result = {
      lockDigest: name,
      imageId: made.imageId,
      rootfsDigest: made.rootfsDigest,
      reused: known !== undefined,
      notes: made.notes,
    };
  }
  if (result === undefined)
    throw new ReproofError('PLAN_INVALID', 'making the environment of a lock: it has no layers');
  return result;
}

async function knownImage(name: Sha256, context: EnvironmentContext): Promise<KnownEnvironment | undefined> {
  const known = await context.memory.environment(name, context.engine.id);
  if (known === undefined) return undefined;
  try {
    await context.engine.docker.getImage(known.imageId).inspect();
    return known;
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 404) return undefined;
    throw engineError('looking for an environment made before', cause);
  }
}

async function makeLayer(
  lock: EnvironmentLock,
  below: KnownEnvironment | undefined,
  context: EnvironmentContext,
): Promise<KnownEnvironment & { notes: readonly string[] }> {
  const layer = lock.layers.at(-1) as EnvironmentLayer;
  const files = await context.fetcher.fetchFiles(
    layer.packages.map((item) => ({
      name: `${item.name}_${item.version}_${item.architecture}.deb`,
      size: item.size,
      sha256: item.sha256,
      urls: context.addresses(item.origin),
    })),
    { signal: context.signal, onProgress: (state) => context.report({ kind: 'fetch', ...state }) },
  );
  const controls = await readControls(layer, files, context.signal);
  const image = below?.imageId ?? (await importSeed(controls, files, context));
  const owner = { store: context.store, role: 'install' as const };
  const container = await createContainer(context.engine, {
    image,
    argv: ['/bin/sh', '-c', 'exec sleep 86400'],
    owner,
    host: { CapDrop: ['ALL'], CapAdd: INSTALL_CAPABILITIES, SecurityOpt: ['no-new-privileges'] },
  });
  try {
    await putFiles(container, layerFiles(layer, controls, files));
    await start(container);
    await runStep(container, INSTALL_SCRIPT, below === undefined ? 'base' : 'layer', context);
    const generated = generatedFiles(await runStep(container, NORMALISE_SCRIPT, 'normalise', context));
    const name = lockDigest(lock);
    const [digestLine, committed] = await Promise.all([
      runStep(container, DIGEST_SCRIPT, 'digest', context),
      commit(container, name),
    ]);
    const rootfsDigest = digestLine.split(/\s/, 1)[0] ?? '';
    if (!isSha256(rootfsDigest))
      throw new ReproofError('ENVIRONMENT_FAILED', 'reading the root file system digest: sha256sum gave none');
    const notes = await compareWithHistory(name, rootfsDigest, generated, context);
    const made = { imageId: committed, rootfsDigest };
    await context.memory.saveEnvironment({ ...made, lockDigest: name, engineId: context.engine.id, generated });
    return { ...made, notes };
  } finally {
    await removeContainer(container);
    if (below === undefined)
      await context.engine.docker
        .getImage(image)
        .remove({ force: false })
        .catch(() => {});
  }
}

async function readControls(
  layer: EnvironmentLayer,
  files: readonly CachedFile[],
  signal: AbortSignal,
): Promise<readonly DebControl[]> {
  const controls: DebControl[] = [];
  for (let index = 0; index < files.length; index += 8) {
    controls.push(
      ...(await Promise.all(files.slice(index, index + 8).map((file) => readDebControl(file.path, signal)))),
    );
  }
  layer.packages.forEach((item, index) => {
    const control = controls[index];
    if (control?.name !== item.name || control.version !== item.version || control.architecture !== item.architecture) {
      throw new ReproofError(
        'PLAN_INVALID',
        `checking the lock: the file of ${item.name} ${item.version} ${item.architecture} is ${control?.name} ${control?.version} ${control?.architecture}`,
      );
    }
  });
  return controls;
}

async function importSeed(
  controls: readonly DebControl[],
  files: readonly CachedFile[],
  context: EnvironmentContext,
): Promise<string> {
  const essential = essentialClosure(controls);
  if (essential.size === 0)
    throw new ReproofError('ENVIRONMENT_FAILED', 'making a base: none of its packages is marked Essential');
  return importRoot(
    files.filter((_file, index) => essential.has(controls[index]?.name ?? '')).map((file) => file.path),
    context,
  );
}

/** Makes an image of the unpacked, not installed files of packages, and gives its id. */
export async function importRoot(debPaths: readonly string[], context: EnvironmentContext): Promise<string> {
  try {
    const tar = seedTar(debPaths, context.signal);
    const failed = new Promise<never>((_resolve, reject) => tar.once('error', reject));
    failed.catch(() => {});
    const answer = await Promise.race([
      context.engine.docker.importImage(tar as unknown as NodeJS.ReadableStream, {}),
      failed,
    ]);
    const lines = await Promise.race([readAll(answer), failed]);
    const id = /sha256:[0-9a-f]{64}/.exec(lines)?.[0];
    if (id === undefined)
      throw new ReproofError('ENGINE_FAILED', `importing a root file system: ${lines.slice(0, 500)}`);
    return id;
  } catch (cause) {
    throw engineError('importing a root file system', cause);
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function layerFiles(
  layer: EnvironmentLayer,
  controls: readonly DebControl[],
  files: readonly CachedFile[],
): ContainerFile[] {
  // Names in the container are ours: a package's own name never becomes a path.
  const pathOf = new Map(
    controls.map((control, index) => [control.name, `${WORK_FOLDER}/debs/${String(index).padStart(5, '0')}.deb`]),
  );
  const base = layer.name === 'base';
  const essential = base ? essentialClosure(controls) : new Set<string>();
  const first = controls.filter((control) => essential.has(control.name)).map((control) => control.name);
  const rest = installBatches(controls.filter((control) => !essential.has(control.name)));
  const batches = [first, ...rest].filter((batch) => batch.length > 0);
  return [
    { kind: 'folder', path: WORK_FOLDER, mode: 0o755 },
    { kind: 'folder', path: `${WORK_FOLDER}/debs`, mode: 0o755 },
    {
      kind: 'text',
      path: `${WORK_FOLDER}/remove`,
      mode: 0o644,
      text: layer.remove.map((name) => `${name}\n`).join(''),
    },
    {
      kind: 'text',
      path: `${WORK_FOLDER}/batches`,
      mode: 0o644,
      text: batches.map((batch) => `${batch.map((name) => pathOf.get(name)).join(' ')}\n`).join(''),
    },
    ...files.map((file, index) => ({
      kind: 'stream' as const,
      path: `${WORK_FOLDER}/debs/${String(index).padStart(5, '0')}.deb`,
      mode: 0o644,
      size: file.size,
      open: () => createReadStream(file.path),
    })),
  ];
}

async function start(container: Container): Promise<void> {
  try {
    await container.start();
  } catch (cause) {
    throw engineError('starting a container', cause);
  }
}

async function runStep(
  container: Container,
  script: string,
  argument: string,
  context: EnvironmentContext,
): Promise<string> {
  const result = await execIn(context.engine, container, {
    argv: ['/bin/sh', '-c', script, 'sh', argument],
    maxBytes: OUTPUT_KEPT,
    signal: context.signal,
  });
  if (result.status !== 0) {
    const why = `${result.output}\n${result.errors}`
      .split('\n')
      .filter((line) => /error|cannot|fail|depends/i.test(line))
      .slice(-3)
      .join('; ');
    throw new ReproofError(
      'ENVIRONMENT_FAILED',
      `making the build environment (${argument}): status ${result.status}: ${why.slice(0, 1000)}`,
    );
  }
  return result.output;
}

function generatedFiles(output: string): string {
  return output
    .split('\n')
    .filter((line) => line.startsWith('generated '))
    .map((line) => `${line.slice('generated '.length)}\n`)
    .join('');
}

async function commit(container: Container, name: Sha256): Promise<string> {
  try {
    // The container does nothing but be read meanwhile; pausing it would stop the reading.
    const answer = (await container.commit({ repo: IMAGE_NAME, tag: name.slice(0, 32), pause: false })) as {
      Id: string;
    };
    return answer.Id;
  } catch (cause) {
    throw engineError('keeping an environment', cause);
  }
}

async function compareWithHistory(
  name: Sha256,
  rootfsDigest: Sha256,
  generated: string,
  context: EnvironmentContext,
): Promise<readonly string[]> {
  const earlier = (await context.memory.rootfsHistory(name)).find((item) => item.rootfsDigest !== rootfsDigest);
  if (earlier === undefined) return [];
  const before = new Set(earlier.generated.split('\n'));
  const now = new Set(generated.split('\n'));
  const paths = [
    ...new Set(
      [...[...now].filter((line) => !before.has(line)), ...[...before].filter((line) => !now.has(line))].map((line) =>
        line.slice(66),
      ),
    ),
  ].sort();
  const named =
    paths.length === 0 ? 'no generated file differs: names, owners or modes do' : paths.slice(0, 20).join(', ');
  return [
    `the root file system of this lock has another digest than one made before (${earlier.rootfsDigest.slice(0, 16)}…): ${named}`,
  ];
}
