import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ContainerInfo } from 'dockerode';
import { onTestFinished, vi } from 'vitest';
import { type ProgramResult, runProgram } from '../../programs/index.ts';
import { storeIdentity } from '../../rebuilder/engine/ownership.ts';
import { openStore, type RebuildSummary } from '../../rebuilder/store/index.ts';
import { LAB_FOLDER, labEngine, labOptions, rebuildDsc } from './engine-lab.ts';
import { type CliResult, runCli, startCli, textOf } from './run-cli.ts';
import { makeSourcePackage } from './source-package.ts';

/**
 * Folders of a test's own on the engine all share: data that knows the lab's bases (and has a label of its own for
 * containers), and a cache that begins as the lab's.
 */
export type OwnLab = {
  readonly folder: string;
  readonly data: string;
  readonly cache: string;
  /** Runs the command line to its end. */
  readonly run: (...argv: readonly string[]) => Promise<CliResult>;
  /** Starts a command line, and sends it `signal` when `until` has come: a line of standard error, or any other event. */
  readonly stopAt: (stop: Stop, ...argv: readonly string[]) => Promise<Stopped>;
  /** The containers and volumes of this data folder that the engine has, by id, and the images its store does not know. */
  readonly left: () => Promise<readonly string[]>;
  /** Waits until a container of this role runs a process whose command line holds `text`. */
  readonly running: (role: string, text: string) => Promise<void>;
  readonly list: () => Promise<readonly RebuildSummary[]>;
  /** Unfinished files and marks of processes in data and cache. */
  readonly temporaryFiles: () => Promise<readonly string[]>;
  /** `sha256sum -c` in the evidence of a rebuild. */
  readonly checkEvidence: (id: string) => Promise<ProgramResult>;
};

export type Stop = { readonly signal: NodeJS.Signals; readonly until: string | (() => Promise<void>) };
export type Stopped = CliResult & { readonly signal: NodeJS.Signals | null };

const PREPARING = 'prepares-the-lab';

/** Makes the lab's base, unless it is there, so that tests' own folders can begin with it. */
export async function prepareLab(folder: string): Promise<void> {
  const source = await makeSourcePackage({ name: PREPARING, folder, binary: 'true' });
  await rebuildDsc(source.dscPath, labOptions(), { control: false });
}

/** Forgets every environment but the lab's base, whatever other tests have made: one with build dependencies is to be made anew. */
async function keepOnlyBase(data: string): Promise<void> {
  const store = await openStore(data);
  const [prepared] = await store.rebuilds({ source: PREPARING, limit: 1 });
  const base = prepared && (await store.record(prepared.id))?.environment?.lockDigest;
  if (base === undefined) throw new Error('the lab is not prepared: call prepareLab first');
  for (const { lockDigest, engineId } of await store.environments.environments())
    if (lockDigest !== base) await store.environments.forgetEnvironment(lockDigest, engineId);
  await store.close();
}

/** Makes folders that go away with the test, as do its containers and images. */
export async function openOwnLab(): Promise<OwnLab> {
  const folder = await mkdtemp(join(LAB_FOLDER, 'own-'));
  const data = join(folder, 'data');
  const cache = join(folder, 'cache');
  await mkdir(data, { mode: 0o700 });
  await copyFile(join(LAB_FOLDER, 'data', 'reproof.sqlite3'), join(data, 'reproof.sqlite3'));
  await keepOnlyBase(data);
  // Hard links: files of a cache are never written again.
  await program('cp', '-al', join(LAB_FOLDER, 'cache'), cache);
  const { docker } = await labEngine();
  const store = await storeIdentity(data);
  const filters = { label: [`org.reproof.store=${store}`] };
  const containers = (): Promise<readonly ContainerInfo[]> => docker.listContainers({ all: true, filters });
  const volumes = async (): Promise<readonly string[]> => {
    const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) as never });
    return (Volumes ?? []).map(({ Name }) => Name);
  };
  onTestFinished(async () => {
    for (const { Id } of await containers()) await docker.getContainer(Id).remove({ force: true, v: true });
    for (const name of await volumes()) await docker.getVolume(name).remove();
    for (const { Id } of await docker.listImages({ filters })) await docker.getImage(Id).remove();
    await rm(folder, { recursive: true, force: true });
  });
  const environment = process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST };
  const withFolders = (argv: readonly string[]): readonly string[] => [...argv, '--data', data, '--cache', cache];
  const run = (...argv: readonly string[]): Promise<CliResult> => runCli(folder, withFolders(argv), environment);
  return {
    folder,
    data,
    cache,
    run,
    stopAt: (stop, ...argv) => stopAt(startCli(folder, withFolders(argv), environment), stop),
    left: async () => {
      const opened = await openStore(data);
      const known = (await opened.environments.environments()).map(({ imageId }) => imageId);
      await opened.close();
      const images = (await docker.listImages({ filters })).map(({ Id }) => Id).filter((id) => !known.includes(id));
      return [...(await containers()).map(({ Id }) => Id), ...(await volumes()), ...images];
    },
    running: (role, text) =>
      vi.waitFor(
        async () => {
          for (const info of await containers()) {
            if (info.Labels['org.reproof.role'] !== role || info.State !== 'running') continue;
            const { Processes } = (await docker.getContainer(info.Id).top()) as { Processes: string[][] };
            if (Processes.flat().some((word) => word.includes(text))) return;
          }
          throw new Error(`no container for ${role} runs ${text}`);
        },
        { timeout: 120_000, interval: 20 },
      ),
    list: async () => {
      const { stdout } = await run('list', '--json');
      return (JSON.parse(stdout) as { rebuilds: readonly RebuildSummary[] }).rebuilds;
    },
    temporaryFiles: async () => {
      const folders = [
        join(data, 'blobs', 'tmp'),
        join(data, 'rebuilds', '.tmp'),
        join(data, 'statements', '.tmp'),
        join(cache, 'partial'),
        join(cache, 'leases'),
      ];
      const names = await Promise.all(folders.map(async (place) => readdir(place).catch(() => [])));
      return names.flat();
    },
    checkEvidence: (id) =>
      runProgram(['sha256sum', '--check', '--strict', 'SHA256SUMS'], {
        limits: { wallSeconds: 60, outputBytes: 1_000_000 },
        cwd: join(data, 'rebuilds', id),
      }),
  };
}

async function stopAt(child: ReturnType<typeof startCli>, { signal, until }: Stop): Promise<Stopped> {
  const lines: string[] = [];
  const closed = once(child, 'close');
  const reading = createInterface({ input: child.stderr });
  const stdout = textOf(child.stdout);
  const came = new Promise<void>((resolve) => {
    reading.on('line', (line) => {
      lines.push(line);
      if (line === until) resolve();
    });
  });
  const ended = closed.then(() => {
    throw new Error(`it ended by itself:\n${lines.join('\n')}`);
  });
  ended.catch(() => {});
  try {
    await Promise.race([typeof until === 'string' ? came : until(), ended]);
    child.kill(signal);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    await closed;
  }
  return {
    status: child.exitCode,
    signal: child.signalCode,
    stdout: await stdout,
    stderr: lines.map((line) => `${line}\n`).join(''),
  };
}

async function program(...argv: readonly [string, ...string[]]): Promise<void> {
  const { status, stderr } = await runProgram(argv, { limits: { wallSeconds: 60, outputBytes: 1_000_000 } });
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
}
