import { createWriteStream } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type ArtifactSink, type LaidOut, layOut, PACK_LIMITS, readPack } from '../../attest/pack/index.ts';
import { ReproofError } from '../../model/index.ts';

/**
 * Lays a pack out in a folder, which has to be new or empty: see layOut. Gives the names of the files. Names inside a pack
 * are digests; those that are written come from signed statements and were checked there.
 * Throws EVIDENCE_*, KEY_INVALID, STORE_FAILED.
 */
export async function writeLaidOut(
  pack: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly laidOut: LaidOut }> {
  await makeEmpty(folder);
  const draft = await mkdtemp(join(folder, '.new-'));
  try {
    const read = await readPack(pack, PACK_LIMITS, sinkInto(draft));
    const laidOut = layOut(read);
    await mkdir(join(folder, 'rebuilt')).catch(unlessThere);
    for (const { name, bytes } of laidOut.files) await writeFile(join(folder, name), bytes, { flag: 'wx' });
    // Linked and not moved: one content may have two names.
    for (const { name, sha256 } of laidOut.artifacts) await link(join(draft, sha256), join(folder, name));
    if (!laidOut.artifacts.some(({ name }) => name.startsWith('rebuilt/')))
      await rm(join(folder, 'rebuilt'), { recursive: true });
    return { files: [...laidOut.files, ...laidOut.artifacts].map(({ name }) => name).sort(), laidOut };
  } catch (cause) {
    if (cause instanceof ReproofError) throw cause;
    throw new ReproofError('STORE_FAILED', `laying evidence out in ${folder}: ${(cause as Error).message}`, { cause });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function makeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new ReproofError('USAGE', `laying evidence out: the folder ${folder} is not empty`);
}

/** Artifacts go to the disk as they come, under their digests. One digest may be the bytes of two names. */
function sinkInto(folder: string): ArtifactSink {
  return ({ sha256 }) => {
    const stream = createWriteStream(join(folder, sha256), { flags: 'wx' });
    return {
      write: (chunk) =>
        new Promise((resolve, reject) => void stream.write(chunk, (error) => (error ? reject(error) : resolve()))),
      end: async () => {
        stream.end();
        await finished(stream);
      },
    };
  };
}

function unlessThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error;
}
