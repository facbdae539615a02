import type { BuildInfo, EnvironmentLock } from '../model/index.ts';
import { environmentOfBuildInfo, installedPackages } from './contents/environment.ts';
import { readRelations } from './contents/relations.ts';
import { diffInventories } from './diff.ts';
import type {
  ArtifactContents,
  EnvironmentContents,
  EnvironmentPackage,
  Inventory,
  InventoryItem,
  SbomDiff,
} from './types.ts';

/** What an artifact's SBOM lists, for comparing: its package, its dependencies and its files. */
export function inventoryOfArtifact(artifact: ArtifactContents): Inventory {
  const { name, version, architecture } = artifact.package;
  return {
    kind: 'artifact',
    name: artifact.file.name,
    items: [
      { kind: 'package', name, version, architecture, sha256: artifact.file.sha256 },
      ...readRelations(artifact.relations).map(
        ({ field, clause, name: dependency }): InventoryItem => ({
          kind: 'dependency',
          name: `${field}: ${dependency}`,
          version: clause,
        }),
      ),
      ...artifact.files.map(
        (file): InventoryItem =>
          file.kind === 'file'
            ? { kind: 'file', name: file.path, sha256: file.sha256 }
            : { kind: 'file', name: file.path, version: file.target },
      ),
    ],
  };
}

/** What an environment's SBOM lists, for comparing: its packages. */
export function inventoryOfEnvironment(environment: EnvironmentContents): Inventory {
  const { source, architecture, packages } = environment;
  return { kind: 'environment', name: `${source.name} ${source.version} ${architecture}`, items: packages.map(itemOf) };
}

/**
 * Which build dependencies differ between the environment that a .buildinfo tells of (left) and that of a lock (right).
 * A .buildinfo names no bytes: `bytes` never differ, and equal versions count as `sameVersion`. Packages that only the
 * lock has may be no build dependencies: a .buildinfo leaves out what was installed beside them.
 */
export function environmentDrift(published: BuildInfo, lock: EnvironmentLock): SbomDiff {
  const ours: Inventory = {
    kind: 'environment',
    name: `the lock for ${lock.suite} ${lock.architecture}`,
    items: installedPackages(lock).map(itemOf),
  };
  const theirs = inventoryOfEnvironment(environmentOfBuildInfo(published));
  return diffInventories({ ...theirs, name: `the .buildinfo of ${theirs.name}` }, ours);
}

function itemOf({ name, version, architecture, sha256 }: EnvironmentPackage): InventoryItem {
  return {
    kind: 'package',
    name,
    version,
    ...(architecture === undefined ? {} : { architecture }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}
