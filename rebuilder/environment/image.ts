import {
  type EnvironmentLayer,
  type EnvironmentLock,
  isSha256,
  lockDigest,
  type PreparedEnvironment,
  ReproofError,
  type Sha256,
} from '../../model/index.ts';
import { createContainer, engineError, putFiles, removeContainer, startContainer } from '../engine/container.ts';
import { importSeed } from './import-root.ts';
import { commit, compareWithHistory, generatedFiles, runStep } from './install-steps.ts';
import { layerFiles, readControls } from './layer-files.ts';
import { DIGEST_SCRIPT, INSTALL_SCRIPT, NORMALISE_SCRIPT, RECIPE } from './scripts.ts';
import type { EnvironmentContext, KnownEnvironment } from './types.ts';

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

type Made = KnownEnvironment & { readonly notes: readonly string[] };

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
  const partOf = (depth: number): EnvironmentLock => ({ ...lock, layers: lock.layers.slice(0, depth) });
  let depth = fresh ? lock.layers.length - 1 : lock.layers.length;
  let made: Made | undefined;
  for (; depth > 0 && made === undefined; depth -= made === undefined ? 1 : 0) {
    const known = await knownImage(lockDigest(partOf(depth)), context);
    made = known && { ...known, notes: [] };
  }
  const reused = depth === lock.layers.length;
  for (depth += 1; depth <= lock.layers.length; depth += 1) made = await makeLayer(partOf(depth), made, context);
  if (made === undefined) throw new ReproofError('PLAN_INVALID', 'making the environment of a lock: it has no layers');
  return {
    lockDigest: lockDigest(lock),
    imageId: made.imageId,
    rootfsDigest: made.rootfsDigest,
    reused,
    notes: made.notes,
  };
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
): Promise<Made> {
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
    await startContainer(container);
    await runStep(container, INSTALL_SCRIPT, below === undefined ? 'base' : 'layer', context);
    const generated = generatedFiles(await runStep(container, NORMALISE_SCRIPT, 'normalise', context));
    const name = lockDigest(lock);
    const [digestLine, committed] = await Promise.all([
      runStep(container, DIGEST_SCRIPT, 'digest', context),
      commit(container, name, context),
    ]);
    const rootfsDigest = digestLine.split(/\s/, 1)[0] ?? '';
    if (!isSha256(rootfsDigest))
      throw new ReproofError('ENVIRONMENT_FAILED', 'reading the root file system digest: sha256sum gave none');
    const notes = await compareWithHistory(name, rootfsDigest, generated, context);
    const made = { ...committed, rootfsDigest };
    await context.memory.saveEnvironment({ ...made, lockDigest: name, engineId: context.engine.id, generated });
    return { imageId: made.imageId, rootfsDigest, notes };
  } finally {
    await removeContainer(container);
    if (below === undefined)
      await context.engine.docker
        .getImage(image)
        .remove({ force: false })
        .catch(() => {});
  }
}
