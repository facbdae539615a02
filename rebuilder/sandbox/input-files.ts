import type { Readable } from 'node:stream';
import type { RebuildPlan } from '../../model/index.ts';
import type { ContainerFile } from '../engine/container.ts';
import { ownVolume } from './build-folder.ts';
import { INPUT_FOLDER, OUTPUT_FOLDER, STATUS_FOLDER, VOLUME_FOLDER } from './build-script.ts';
import type { SandboxIo } from './types.ts';

/** Files for one volume: `root` is where it is mounted. */
export type VolumeInput = { readonly root: string; readonly files: readonly ContainerFile[] };

/** All that is put on our own volume before a build starts: the source, and folders of the build user's. */
export async function volumeInput(plan: RebuildPlan, io: SandboxIo): Promise<VolumeInput> {
  const { buildRoot, uid } = plan.settings;
  const folder = (path: string): ContainerFile => ({ kind: 'folder', path, mode: 0o755, uid });
  const below = ownVolume(buildRoot) ? foldersBelow(VOLUME_FOLDER, buildRoot).map(folder) : [];
  return { root: VOLUME_FOLDER, files: [...below, ...(await inputFiles(plan, io))] };
}

async function inputFiles(plan: RebuildPlan, io: SandboxIo): Promise<readonly ContainerFile[]> {
  const { uid } = plan.settings;
  const files: ContainerFile[] = [
    { kind: 'folder', path: INPUT_FOLDER, mode: 0o755 },
    { kind: 'folder', path: OUTPUT_FOLDER, mode: 0o755, uid },
    { kind: 'folder', path: STATUS_FOLDER, mode: 0o755, uid },
    { kind: 'text', path: `${INPUT_FOLDER}/${plan.source.dsc.name}`, mode: 0o644, text: plan.source.dsc.text },
  ];
  plan.runs.forEach((run, index) => {
    if (run.binaryOnlyChanges === undefined) return;
    files.push({
      kind: 'text',
      path: `${INPUT_FOLDER}/binary-only-changes-${index}`,
      mode: 0o644,
      text: `${run.binaryOnlyChanges.replace(/\n+$/, '')}\n\n`,
    });
  });
  for (const file of plan.source.files) {
    const source = await io.openSource(file.sha256);
    files.push({
      kind: 'stream',
      path: `${INPUT_FOLDER}/${file.name}`,
      mode: 0o644,
      size: source.size,
      open: () => source.open() as Readable,
    });
  }
  return files;
}

/** The folders below `root` down to `path`, `path` included. */
function foldersBelow(root: string, path: string): readonly string[] {
  if (path === root) return [];
  const parts = path.slice(root.length + 1).split('/');
  return parts.map((_part, index) => `${root}/${parts.slice(0, index + 1).join('/')}`);
}
