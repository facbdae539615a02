import type { Readable } from 'node:stream';
import type { Container } from 'dockerode';
import tarStream from 'tar-stream';
import { type FileDigest, ReproofError } from '../../model/index.ts';
import { engineError } from '../engine/container.ts';
import { OUTPUT_FOLDER, STATUS_FOLDER } from './build-script.ts';
import type { SandboxIo } from './types.ts';

const MAX_ARTIFACTS = 10_000;
/** What a file of a Debian archive may be named; anything else cannot be a published file's name. */
const ARTIFACT_NAME = /^[A-Za-z0-9][A-Za-z0-9+.~:%_-]{0,254}$/;

/**
 * Streams a finished build's output files out of its container into `store`, in all at most maxBytes. Sorted by name.
 * Links, folders and files with names no archive would take are left.
 */
export async function collectArtifacts(
  container: Container,
  maxBytes: number,
  store: SandboxIo['storeArtifact'],
): Promise<readonly FileDigest[]> {
  const artifacts: FileDigest[] = [];
  let bytes = 0;
  await eachFile(container, OUTPUT_FOLDER, async (name, size, stream) => {
    if (!ARTIFACT_NAME.test(name)) return;
    bytes += size;
    if (artifacts.length >= MAX_ARTIFACTS || bytes > maxBytes) {
      throw new ReproofError(
        'ARCHIVE_LIMIT',
        `reading the build's output: more than ${MAX_ARTIFACTS} files or ${maxBytes} bytes`,
      );
    }
    artifacts.push(await store(name, stream, maxBytes));
  });
  return artifacts.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** What the build script left on its way out. */
export async function readStatus(container: Container): Promise<{ readonly refusedForks: number }> {
  let refusedForks = 0;
  await eachFile(container, STATUS_FOLDER, async (name, size, stream) => {
    if (name !== 'refused-forks' || size > 32) return;
    let text = '';
    for await (const chunk of stream) text += Buffer.from(chunk).toString('latin1');
    refusedForks = Number.parseInt(text, 10) || 0;
  });
  return { refusedForks };
}

type OnFile = (name: string, size: number, stream: AsyncIterable<Uint8Array>) => Promise<void>;

async function eachFile(container: Container, folder: string, onFile: OnFile): Promise<void> {
  const extract = tarStream.extract({ filenameEncoding: 'latin1' } as never);
  try {
    const archive = (await container.getArchive({ path: folder })) as Readable;
    archive.once('error', (error) => extract.destroy(error));
    archive.pipe(extract);
    for await (const entry of extract) {
      const [, name, ...deeper] = entry.header.name.split('/');
      if (entry.header.type === 'file' && name !== undefined && name !== '' && deeper.length === 0)
        await onFile(name, entry.header.size ?? 0, entry as AsyncIterable<Uint8Array>);
      entry.resume();
    }
  } catch (cause) {
    throw engineError(`reading ${folder} out of the build's container`, cause);
  }
}
