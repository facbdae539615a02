import { createReadStream } from 'node:fs';
import { type EnvironmentLayer, ReproofError } from '../../model/index.ts';
import type { ContainerFile } from '../engine/container.ts';
import type { CachedFile } from '../fetch/types.ts';
import { essentialClosure, installBatches } from './closure.ts';
import { WORK_FOLDER } from './scripts.ts';
import { type DebControl, readDebControl } from './seed.ts';

/** The control fields of a layer's packages, in the layer's order. Throws PLAN_INVALID when a file is not the package the lock names. */
export async function readControls(
  layer: EnvironmentLayer,
  files: readonly CachedFile[],
  signal: AbortSignal,
): Promise<readonly DebControl[]> {
  const controls: DebControl[] = [];
  for (let index = 0; index < files.length; index += 8) {
    controls.push(
      ...(await Promise.all(files.slice(index, index + 8).map((file) => readDebControl(file.path, signal)))),
    );
  }
  layer.packages.forEach((item, index) => {
    const control = controls[index];
    if (control?.name !== item.name || control.version !== item.version || control.architecture !== item.architecture) {
      throw new ReproofError(
        'PLAN_INVALID',
        `checking the lock: the file of ${item.name} ${item.version} ${item.architecture} is ${control?.name} ${control?.version} ${control?.architecture}`,
      );
    }
  });
  return controls;
}

/** What the install script works from: the packages, their batches, and what is to be removed first. */
export function layerFiles(
  layer: EnvironmentLayer,
  controls: readonly DebControl[],
  files: readonly CachedFile[],
): ContainerFile[] {
  // Names in the container are ours: a package's own name never becomes a path.
  const pathOf = new Map(
    controls.map((control, index) => [control.name, `${WORK_FOLDER}/debs/${String(index).padStart(5, '0')}.deb`]),
  );
  const base = layer.name === 'base';
  const essential = base ? essentialClosure(controls) : new Set<string>();
  const first = controls.filter((control) => essential.has(control.name)).map((control) => control.name);
  const rest = installBatches(controls.filter((control) => !essential.has(control.name)));
  const batches = [first, ...rest].filter((batch) => batch.length > 0);
  return [
    { kind: 'folder', path: WORK_FOLDER, mode: 0o755 },
    { kind: 'folder', path: `${WORK_FOLDER}/debs`, mode: 0o755 },
    {
      kind: 'text',
      path: `${WORK_FOLDER}/remove`,
      mode: 0o644,
      text: layer.remove.map((name) => `${name}\n`).join(''),
    },
    {
      kind: 'text',
      path: `${WORK_FOLDER}/batches`,
      mode: 0o644,
      text: batches.map((batch) => `${batch.map((name) => pathOf.get(name)).join(' ')}\n`).join(''),
    },
    ...files.map((file, index) => ({
      kind: 'stream' as const,
      path: `${WORK_FOLDER}/debs/${String(index).padStart(5, '0')}.deb`,
      mode: 0o644,
      size: file.size,
      open: () => createReadStream(file.path),
    })),
  ];
}
