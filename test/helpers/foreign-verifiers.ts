import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sha256Of } from '../../model/index.ts';
import { type ProgramResult, runProgram } from '../../programs/index.ts';
import { aptMirror } from './apt-mirror.ts';

/** Debian's suite in testing when this was written: its programs run on Debian 12, whose own archive has none of them. */
const SUITE = 'forky';
const CACHE = resolve(import.meta.dirname, '../../.cache/foreign');
const LIMITS = { wallSeconds: 120, outputBytes: 200_000_000 };

/**
 * A program of Debian testing, unpacked beside this checkout's other caches, and never installed. Its package is checked
 * against the index of the mirror that apt uses. Gives the program's path.
 */
export async function foreignProgram(packageName: string, path: string): Promise<string> {
  const kept = (await readdir(CACHE).catch(() => [])).find((name) => name.startsWith(`${packageName}_`));
  if (kept !== undefined) return join(CACHE, kept, path);
  const mirror = (await aptMirror()).replace(/\/$/, '');
  const architecture = (await run(['dpkg', '--print-architecture'])).stdout.toString().trim();
  const index = await fetchBytes(`${mirror}/dists/${SUITE}/main/binary-${architecture}/Packages.xz`);
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(join(CACHE, '.new-'));
  try {
    await writeFile(join(draft, 'Packages.xz'), index);
    const packages = (await run(['xz', '-dc', join(draft, 'Packages.xz')])).stdout.toString();
    const stanza = packages.split('\n\n').find((text) => text.startsWith(`Package: ${packageName}\n`)) ?? '';
    const field = (name: string): string => new RegExp(`^${name}: (.+)$`, 'm').exec(stanza)?.[1] ?? '';
    const bytes = await fetchBytes(`${mirror}/${field('Filename')}`);
    if (sha256Of(bytes) !== field('SHA256')) throw new Error(`${packageName}: the mirror's package is not its index's`);
    await writeFile(join(draft, 'package.deb'), bytes);
    await run(['dpkg-deb', '-x', join(draft, 'package.deb'), join(draft, 'root')]);
    const place = join(CACHE, `${packageName}_${field('Version')}`);
    // Another run may have been quicker.
    await rename(join(draft, 'root'), place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return join(place, path);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** cosign, as Debian packages it. */
export function cosignProgram(): Promise<string> {
  return foreignProgram('cosign', 'usr/bin/cosign');
}

/** What runs a program without any network, where this user may make such a place; else nothing. */
export async function withoutNetwork(): Promise<readonly string[]> {
  const rights = process.getuid?.() === 0 ? [] : ['-r'];
  const argv = ['unshare', ...rights, '-n'] as const;
  const { status } = await runProgram([...argv, 'true'], { limits: LIMITS }).catch(() => ({ status: 1 }));
  return status === 0 ? argv : [];
}

async function fetchBytes(url: string): Promise<Buffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

async function run(argv: readonly [string, ...string[]]): Promise<ProgramResult> {
  const result = await runProgram(argv, { limits: LIMITS });
  if (result.status !== 0) throw new Error(`${argv.join(' ')}: ${result.stderr}`);
  return result;
}
