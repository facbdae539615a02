import { sha256Of } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Compressed by the program of that name (xz or gzip). */
export async function compress(program: 'xz' | 'gzip', bytes: Uint8Array): Promise<Buffer> {
  const limits = { wallSeconds: 60, outputBytes: 64 * 1024 * 1024 };
  return (await runProgram([program, '-1c'], { limits, input: bytes })).stdout;
}

/** The lines of a Release file's SHA256 for these files, by path under dists/SUITE/. */
export function releaseEntries(files: Readonly<Record<string, Uint8Array>>): string {
  return Object.entries(files)
    .map(([path, bytes]) => ` ${sha256Of(bytes)} ${bytes.byteLength} ${path}\n`)
    .join('');
}

/**
 * A suite's files as a mirror serves them, by path under the archive's root: InRelease signed by `user`, and each index
 * compressed by xz, under its name and by hash. `indices` are texts by path, such as main/binary-amd64/Packages.
 */
export async function publishSuite(
  suite: string,
  indices: Readonly<Record<string, string | Uint8Array>>,
  by: { readonly keys: SigningKeys; readonly user: string; readonly date?: string; readonly fields?: string },
): Promise<Record<string, Uint8Array>> {
  const listed: Record<string, Uint8Array> = {};
  const served: Record<string, Uint8Array> = {};
  for (const [path, text] of Object.entries(indices)) {
    const bytes = Buffer.from(text);
    const compressed = await compress('xz', bytes);
    listed[path] = bytes;
    listed[`${path}.xz`] = compressed;
    served[`/dists/${suite}/${path}.xz`] = compressed;
    const folder = path.slice(0, path.lastIndexOf('/'));
    served[`/dists/${suite}/${folder}/by-hash/SHA256/${sha256Of(compressed)}`] = compressed;
  }
  const { date = 'Sat, 12 Sep 2026 07:55:41 UTC', fields = '' } = by;
  const release = `Codename: ${suite}\nDate: ${date}\n${fields}Acquire-By-Hash: yes\nSHA256:\n${releaseEntries(listed)}`;
  served[`/dists/${suite}/InRelease`] = await by.keys.clearSign(release, by.user);
  return served;
}
