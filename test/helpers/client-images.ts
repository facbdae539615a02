import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, sha256Of } from '../../model/index.ts';
import { type ProgramResult, runProgram } from '../../programs/index.ts';
import { aptMirror } from './apt-mirror.ts';

/** Where Debian has clients of rebuilderd: the stable release those of version 0, unstable those of version 1. */
export type ClientSuite = 'trixie' | 'sid';

const CLIENTS = ['rebuildctl', 'rebuilderd-worker', 'debian-repro-status', 'diffoscope-minimal'];
const PACKAGES: Readonly<Record<ClientSuite, readonly string[]>> = {
  trixie: CLIENTS,
  sid: [...CLIENTS, 'repro-threshold'],
};
const REPOSITORY = 'reproof-test-clients';
const engine = process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST };

/** Runs the engine's own command line to its end. */
export function docker(
  argv: readonly string[],
  { input, wallSeconds = 120 }: { readonly input?: Uint8Array; readonly wallSeconds?: number } = {},
): Promise<ProgramResult> {
  return runProgram(['docker', ...argv], {
    limits: { wallSeconds, outputBytes: 50_000_000 },
    env: { ...engine, HOME: process.env.HOME ?? '/' },
    ...(input === undefined ? {} : { input }),
  });
}

/**
 * The image with a suite's clients, from Debian's own packages on this machine's mirror. It is kept, under a name that is
 * made from all it is made of, so that it is made once; removing it costs time alone.
 */
export async function clientImage(suite: ClientSuite): Promise<string> {
  const recipe = [
    '--variant=apt',
    `--include=${PACKAGES[suite].join(',')}`,
    // A mirror may be a still picture of the archive: what it says was fresh once.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Check-Date "false"',
  ];
  const image = `${REPOSITORY}:${suite}-${sha256Of(canonicalJson(recipe)).slice(0, 16)}`;
  if ((await docker(['image', 'inspect', '--format', '{{.Id}}', image])).status === 0) return image;
  const folder = await mkdtemp(join(tmpdir(), 'reproof-clients-'));
  try {
    const tar = join(folder, `${suite}.tar`);
    await succeed(['mmdebstrap', ...recipe, suite, tar, await aptMirror()]);
    await succeed(['docker', 'import', '--change', 'LABEL org.reproof.test=clients', tar, image]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return image;
}

async function succeed(argv: readonly [string, ...string[]]): Promise<void> {
  const limits = { wallSeconds: 600, outputBytes: 50_000_000 };
  const { status, stderr } = await runProgram(argv, { limits, env: { ...engine, HOME: process.env.HOME ?? '/' } });
  if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}\n${stderr.slice(-4000)}`);
}
