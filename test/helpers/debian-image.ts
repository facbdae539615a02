import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, sha256Of } from '../../model/index.ts';
import { type ProgramResult, runProgram } from '../../programs/index.ts';
import { aptMirror } from './apt-mirror.ts';

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
 * An image of a suite with these packages of Debian, from this machine's mirror. It is kept, under a name that is made
 * from all it is made of, so that it is made once; removing it costs time alone. `purpose` is part of the name.
 */
export async function debianImage(suite: string, packages: readonly string[], purpose: string): Promise<string> {
  const recipe = [
    '--variant=apt',
    `--include=${packages.join(',')}`,
    // A mirror may be a still picture of the archive: what it says was fresh once.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Check-Date "false"',
  ];
  const image = `reproof-test-${purpose}:${suite}-${sha256Of(canonicalJson(recipe)).slice(0, 16)}`;
  if ((await docker(['image', 'inspect', '--format', '{{.Id}}', image])).status === 0) return image;
  const folder = await mkdtemp(join(tmpdir(), `reproof-${purpose}-`));
  try {
    const tar = join(folder, `${suite}.tar`);
    await succeed(['mmdebstrap', ...recipe, suite, tar, await aptMirror()]);
    await succeed(['docker', 'import', '--change', `LABEL org.reproof.test=${purpose}`, tar, image]);
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
