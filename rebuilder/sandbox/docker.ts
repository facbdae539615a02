import { randomBytes } from 'node:crypto';
import type { Container, ContainerInspectInfo, MountSettings } from 'dockerode';
import { type BuildOutcome, isReproofError, type RebuildPlan, ReproofError } from '../../model/index.ts';
import type { Engine } from '../engine/client.ts';
import { attachOutput, createContainer, engineError, putFiles, removeContainer } from '../engine/container.ts';
import { labelsOf, type Ownership } from '../engine/ownership.ts';
import { collectArtifacts, readStatus } from './artifacts.ts';

import { checkBuildFolder, MEMORY_FOLDERS, ownVolume } from './build-folder.ts';
import { buildScript, buildVariables, UNPACK_FAILED, VOLUME_FOLDER } from './build-script.ts';
import { volumeInput } from './input-files.ts';
import { type Exceeded, measureDisk, watchLimits, withinFreeDisk } from './limits.ts';
import { networkNotes } from './log-notes.ts';
import type { Sandbox, SandboxIo, SandboxResult } from './types.ts';

/** Limits of single resources inside the container that follow from the plan's. */
const SHARED_MEMORY_BYTES = 1_073_741_824;
const LOG_TAIL = 64 * 1024;
/** An existing folder's owner in the image would become the volume's own, at each mount while it is empty. */
const NOT_COPIED = { NoCopy: true } as NonNullable<MountSettings['VolumeOptions']>;

/** One place to build in: the volumes and the container, removed whatever happens. */
type Place = { readonly container: Container; readonly volumes: readonly string[] };

/**
 * Runs builds in containers of any engine with Docker's API (20.10 and later): no network, every capability dropped,
 * no-new-privileges, the engine's default seccomp profile, an ordinary user, a read-only root, one writable volume.
 */
export function dockerSandbox(engine: Engine, store: string): Sandbox {
  return {
    id: `${engine.name} ${engine.version}`,
    run: async (plan, io, signal) => {
      try {
        return await runIn(engine, { plan, io, signal, store });
      } catch (error) {
        if (!isReproofError(error, 'ENGINE_FAILED')) throw error;
        return {
          outcome: { kind: 'infrastructure', code: error.code, message: error.message },
          artifacts: [],
          logTruncated: false,
        };
      }
    },
  };
}

type Run = { readonly plan: RebuildPlan; readonly io: SandboxIo; readonly signal: AbortSignal; readonly store: string };

async function runIn(engine: Engine, given: Run): Promise<SandboxResult> {
  const run = { ...given, plan: await withinFreeDisk(engine, given.plan) };
  if (run.signal.aborted) throw interrupted();
  checkBuildFolder(run.plan.settings);
  const input = await volumeInput(run.plan, run.io);
  const place = await makePlace(engine, run);
  try {
    await putFiles(place.container, input.files, input.root);
    const ended = await watch(engine, place, run);
    const { outcome } = ended;
    if (outcome.kind !== 'built') return { outcome, artifacts: [], logTruncated: ended.truncated };
    return {
      outcome,
      artifacts: await collectArtifacts(place.container, run.plan.limits.diskBytes, run.io.storeArtifact),
      logTruncated: ended.truncated,
    };
  } finally {
    await removePlace(engine, place);
  }
}

async function makePlace(engine: Engine, { plan, io, store }: Run): Promise<Place> {
  const owner: Ownership = { store, role: 'build', rebuild: io.rebuild };
  const { settings, limits } = plan;
  const { buildRoot } = settings;
  const targets = ownVolume(buildRoot) ? [VOLUME_FOLDER] : [VOLUME_FOLDER, buildRoot];
  const inMemory = MEMORY_FOLDERS.filter((folder) => !targets.includes(folder));
  const volumes: string[] = [];
  try {
    for (const _target of targets) {
      const name = `reproof-${randomBytes(8).toString('hex')}`;
      await engine.docker.createVolume({ Name: name, Labels: labelsOf(owner) });
      volumes.push(name);
    }
    const mounts = volumes.map((name, index) => ({
      Type: 'volume' as const,
      Source: name,
      Target: targets[index] as string,
      ...(index === 0 ? {} : { VolumeOptions: NOT_COPIED }),
    }));
    for (const mount of mounts.slice(1))
      await giveToUser(engine, mount, { imageId: io.imageId, owner, uid: settings.uid });
    const tmpfs = `rw,exec,nosuid,nodev,mode=1777,size=${limits.memoryBytes}`;
    const container = await createContainer(engine, {
      image: io.imageId,
      argv: ['/usr/bin/env', '-i', ...buildVariables(plan), '/bin/sh', '-c', buildScript(plan)],
      owner,
      user: `${settings.uid}:${settings.uid}`,
      hostname: settings.hostname,
      host: {
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        Memory: limits.memoryBytes,
        MemorySwap: limits.memoryBytes,
        PidsLimit: limits.processes,
        CpusetCpus: settings.cpus < engine.cpus ? (settings.cpus === 1 ? '0' : `0-${settings.cpus - 1}`) : '',
        ShmSize: Math.min(SHARED_MEMORY_BYTES, limits.memoryBytes),
        Tmpfs: Object.fromEntries(inMemory.map((folder) => [folder, tmpfs])),
        Mounts: mounts,
        Ulimits: [
          { Name: 'core', Soft: 0, Hard: 0 },
          { Name: 'fsize', Soft: limits.diskBytes, Hard: limits.diskBytes },
        ],
      },
    });
    return { container, volumes };
  } catch (error) {
    await removeVolumes(engine, volumes);
    throw engineError('making a place to build in', error);
  }
}

/**
 * Makes the top folder of a volume the build user's, by sending that folder into a container which is never started:
 * nobody in the build's own container could change its owner.
 */
async function giveToUser(
  engine: Engine,
  mount: MountSettings,
  { imageId, owner, uid }: { readonly imageId: string; readonly owner: Ownership; readonly uid: number },
): Promise<void> {
  const container = await createContainer(engine, {
    image: imageId,
    argv: ['/bin/true'],
    owner,
    host: { CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Mounts: [mount] },
  });
  try {
    const mode = (MEMORY_FOLDERS as readonly string[]).includes(mount.Target) ? 0o1777 : 0o755;
    await putFiles(container, [{ kind: 'folder', path: mount.Target, mode, uid }]);
  } finally {
    await removeContainer(container);
  }
}

async function removePlace(engine: Engine, place: Place): Promise<void> {
  await removeContainer(place.container);
  await removeVolumes(engine, place.volumes);
}

async function removeVolumes(engine: Engine, volumes: readonly string[]): Promise<void> {
  for (const name of volumes) {
    try {
      await engine.docker.getVolume(name).remove({ force: true });
    } catch (cause) {
      if ((cause as { statusCode?: number }).statusCode !== 404) throw engineError('removing a volume', cause);
    }
  }
}

async function watch(
  engine: Engine,
  place: Place,
  run: Run,
): Promise<{ readonly outcome: BuildOutcome; readonly truncated: boolean }> {
  const { container } = place;
  const { limits } = run.plan;
  const output = await attachOutput(container);
  const ended = container.wait({ condition: 'next-exit' }) as Promise<{ StatusCode: number }>;
  ended.catch(() => {});
  let stopped: Exceeded | undefined;
  const stop = (reason: Exceeded | undefined): void => {
    stopped ??= reason;
    container.kill({ signal: 'SIGKILL' }).catch(() => {});
  };
  const abort = (): void => stop(undefined);
  try {
    await container.start();
  } catch (cause) {
    throw engineError('starting the build', cause);
  }
  const watching = watchLimits(engine, {
    container,
    plan: run.plan,
    imageId: run.io.imageId,
    volumes: place.volumes,
    store: run.store,
    onExceeded: stop,
  });
  run.signal.addEventListener('abort', abort, { once: true });
  if (run.signal.aborted) abort();
  try {
    let bytes = 0;
    let tail = Buffer.alloc(0);
    for await (const chunk of output) {
      const room = limits.logBytes - bytes;
      bytes += chunk.length;
      if (room <= 0) continue;
      await run.io.onLog(chunk.subarray(0, room));
      tail = Buffer.concat([tail, chunk]).subarray(-LOG_TAIL);
      if (bytes > limits.logBytes) stop({ limit: 'log', value: limits.logBytes });
    }
    const { StatusCode } = await ended;
    if (run.signal.aborted) throw interrupted();
    const state = (await container.inspect()).State;
    const outcome = await outcomeOf({
      engine,
      place,
      run,
      status: StatusCode,
      state,
      stopped,
      tail: tail.toString('utf8'),
    });
    return { outcome, truncated: bytes > limits.logBytes };
  } catch (cause) {
    throw engineError('running the build', cause);
  } finally {
    run.signal.removeEventListener('abort', abort);
    await watching.stop();
  }
}

type Ending = {
  readonly engine: Engine;
  readonly place: Place;
  readonly run: Run;
  readonly status: number;
  readonly state: ContainerInspectInfo['State'];
  readonly stopped: Exceeded | undefined;
  readonly tail: string;
};

async function outcomeOf(ending: Ending): Promise<BuildOutcome> {
  const { limits } = ending.run.plan;
  if (ending.stopped !== undefined) return { kind: 'exceeded', ...ending.stopped };
  // The kernel may end one process of many and the build go on and end with 0: the status alone says nothing.
  if (ending.state.OOMKilled) return { kind: 'exceeded', limit: 'memory', value: limits.memoryBytes };
  if (ending.status === 0) return { kind: 'built' };
  const status = await readStatus(ending.place.container);
  if (status.refusedForks > 0) return { kind: 'exceeded', limit: 'processes', value: limits.processes };
  const used = await measureDisk(ending.engine, {
    imageId: ending.run.io.imageId,
    volumes: ending.place.volumes,
    store: ending.run.store,
  });
  if (used >= limits.diskBytes * 0.98) return { kind: 'exceeded', limit: 'disk', value: limits.diskBytes };
  return {
    kind: 'failed',
    phase: ending.status === UNPACK_FAILED ? 'unpack' : 'build',
    exitStatus: ending.status,
    notes: networkNotes(ending.tail),
  };
}

function interrupted(): ReproofError {
  return new ReproofError('INTERRUPTED', 'running the build: interrupted');
}
