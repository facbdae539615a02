import { ReproofError } from '../../model/index.ts';
import { INPUT_FOLDER, OUTPUT_FOLDER, STATUS_FOLDER, VOLUME_FOLDER } from './build-script.ts';

/** Folders in memory that every build finds writable. */
export const MEMORY_FOLDERS = ['/tmp', '/var/tmp', '/run'] as const;

/** What a build environment is made of: a volume in the place of one of these would take it away, or let a build change it. */
const SYSTEM = ['bin', 'boot', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'proc', 'sbin', 'sys', 'usr', 'var'];
/** Folders below those that hold nothing of it. */
const FREE = ['/usr/src', '/usr/local/src', '/var/tmp', '/var/cache', '/var/lib/jenkins', '/var/www'];

/** True for a build root that lies on the volume every build has. */
export function ownVolume(buildRoot: string): boolean {
  return isAt(buildRoot, VOLUME_FOLDER);
}

/**
 * Refuses a build folder that no volume can be mounted for: the builder needs to write beside it. `buildRoot` is the
 * folder's parent. Throws PLAN_INVALID.
 */
export function checkBuildFolder({
  buildRoot,
  sourceFolder,
}: {
  readonly buildRoot: string;
  readonly sourceFolder: string;
}): void {
  const path = `${buildRoot === '/' ? '' : buildRoot}/${sourceFolder}`;
  const refuse = (why: string): never => {
    throw new ReproofError('PLAN_INVALID', `choosing a place to build in: ${path} cannot be built in: ${why}`);
  };
  if (buildRoot === '/') refuse('the files built would lie in the root folder, which is read-only');
  if ([INPUT_FOLDER, OUTPUT_FOLDER, STATUS_FOLDER].some((own) => isAt(path, own)))
    refuse('that folder is kept for the build itself');
  if (SYSTEM.includes(buildRoot.split('/')[1] ?? '') && !FREE.some((free) => isAt(buildRoot, free)))
    refuse(`${buildRoot} is a folder of the system, which is read-only`);
}

function isAt(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
