import type { Readable } from 'node:stream';
import type { RebuildPlan } from '../../model/index.ts';
import type { ContainerFile } from '../engine/container.ts';
import { INPUT_FOLDER, OUTPUT_FOLDER, STATUS_FOLDER, VOLUME_FOLDER } from './build-script.ts';
import type { SandboxIo } from './types.ts';

/** All that is put on a build's volume before it starts: the source and folders of the build user's. */
export async function inputFiles(plan: RebuildPlan, io: SandboxIo): Promise<readonly ContainerFile[]> {
  const { buildRoot, uid } = plan.settings;
  const files: ContainerFile[] = [
    ...foldersTo(buildRoot).map((path) => ({
      kind: 'folder' as const,
      path,
      mode: 0o755,
      ...(path === buildRoot ? { uid } : {}),
    })),
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

/** The folders from the volume's mount point down to `path`, both in. */
function foldersTo(path: string): readonly string[] {
  if (path !== VOLUME_FOLDER && !path.startsWith(`${VOLUME_FOLDER}/`)) return [path];
  const parts = path.split('/').slice(1);
  return parts.map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
