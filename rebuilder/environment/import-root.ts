import { ReproofError } from '../../model/index.ts';
import { engineError } from '../engine/container.ts';
import { labelsOf } from '../engine/ownership.ts';
import type { CachedFile } from '../fetch/types.ts';
import { essentialClosure } from './closure.ts';
import { type DebControl, seedTar } from './seed.ts';
import type { EnvironmentContext } from './types.ts';

/** Makes the image a base is installed in: the unpacked essential packages of the base. Throws ENVIRONMENT_FAILED when there are none. */
export async function importSeed(
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
  const labels = Object.entries(labelsOf({ store: context.store, role: 'install' }))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
  try {
    const tar = seedTar(debPaths, context.signal);
    const failed = new Promise<never>((_resolve, reject) => tar.once('error', reject));
    failed.catch(() => {});
    const answer = await Promise.race([
      context.engine.docker.importImage(tar as unknown as NodeJS.ReadableStream, { changes: `LABEL ${labels}` }),
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
