import {
  type BuildInfo,
  type BuildRun,
  type EnvironmentLock,
  type LockedPackage,
  lockDigest,
  planDigest,
  type RebuildPlan,
  type RebuildRecord,
  sha256Of,
} from '../../model/index.ts';
import type { EnvironmentContents, EnvironmentPackage, RebuildClaim } from '../types.ts';

/** What is installed in the environment of a lock: later layers replace and remove what earlier ones put there. */
export function installedPackages(lock: EnvironmentLock): readonly EnvironmentPackage[] {
  const installed = new Map<string, EnvironmentPackage>();
  const native = (architecture: string): boolean => architecture === 'all' || architecture === lock.architecture;
  for (const layer of lock.layers) {
    const removed = new Set(layer.remove);
    for (const [key, { name }] of installed) if (removed.has(name)) installed.delete(key);
    for (const item of layer.packages) {
      const key = native(item.architecture) ? item.name : `${item.name}:${item.architecture}`;
      installed.set(key, packageOf(item, layer.name));
    }
  }
  return [...installed.values()];
}

function packageOf(item: LockedPackage, layer: NonNullable<EnvironmentPackage['layer']>): EnvironmentPackage {
  const { name, version, architecture, sha256, origin } = item;
  return {
    name,
    version,
    architecture,
    ...(origin.kind === 'archive' ? { suite: origin.suite } : {}),
    sha256,
    layer,
  };
}

/**
 * The environment and the build of a plan. `variables` are NAME=VALUE, as the build sees them. With a record, its root
 * file system and what it found of the published files are told, too; it must be of the same plan.
 */
export function environmentOfPlan(
  plan: RebuildPlan,
  variables: readonly string[],
  record?: RebuildRecord,
): EnvironmentContents {
  const { target, settings, lock } = plan;
  const rootfsDigest = record?.environment?.rootfsDigest;
  return {
    source: { name: target.source, version: target.version, suite: target.suite },
    architecture: target.architecture,
    basis: {
      kind: 'plan',
      planDigest: planDigest(plan),
      lockDigest: lockDigest(lock),
      ...(rootfsDigest === undefined ? {} : { rootfsDigest }),
    },
    packages: installedPackages(lock),
    inputs: [plan.source.dsc, ...plan.source.files].map(({ name, size, sha256 }) => ({ name, size, sha256 })),
    outputs: plan.expected.map(({ name, size, sha256, package: binary, version, architecture }) => ({
      name,
      size,
      sha256,
      package: { name: binary, version, architecture, suite: target.suite },
    })),
    variables: Object.fromEntries(variables.map(splitVariable)),
    settings: {
      basis: plan.basis,
      buildRoot: settings.buildRoot,
      cpus: String(settings.cpus),
      hostname: settings.hostname,
      network: 'none',
      recipe: String(lock.recipe),
      sourceFolder: settings.sourceFolder,
      suite: lock.suite,
      uid: String(settings.uid),
      umask: settings.umask,
      user: settings.user,
    },
    steps: plan.runs.flatMap(stepsOf),
    sourceDateEpoch: settings.sourceDateEpoch,
    ...(record === undefined ? {} : { claim: claimOf(record) }),
  };
}

/** The environment that a .buildinfo tells of. It names packages without their bytes. */
export function environmentOfBuildInfo(info: BuildInfo): EnvironmentContents {
  const epoch = info.environment.SOURCE_DATE_EPOCH;
  return {
    source: { name: info.source, version: info.sourceVersion },
    architecture: info.buildArchitecture,
    basis: { kind: 'buildinfo', sha256: sha256Of(info.text) },
    packages: info.installedBuildDepends,
    inputs: info.artifacts.filter(({ name }) => name.endsWith('.dsc')),
    outputs: info.artifacts.filter(({ name }) => !name.endsWith('.dsc')),
    variables: info.environment,
    settings: {
      ...(info.buildPath === undefined ? {} : { buildPath: info.buildPath }),
      ...(info.buildOrigin === undefined ? {} : { buildOrigin: info.buildOrigin }),
      buildArchitecture: info.buildArchitecture,
    },
    steps: [],
    ...(epoch !== undefined && /^[0-9]{1,11}$/.test(epoch) ? { sourceDateEpoch: Number(epoch) } : {}),
  };
}

const FLAGS: Readonly<Record<BuildRun['packages'], string>> = { any: '-B', all: '-A', both: '-b' };

function stepsOf({ packages, sourceDateEpoch }: BuildRun): readonly string[] {
  const epoch = sourceDateEpoch === undefined ? '' : `SOURCE_DATE_EPOCH=${sourceDateEpoch} `;
  return [`${epoch}dpkg-buildpackage -us -uc ${FLAGS[packages]}`];
}

function splitVariable(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function claimOf(record: RebuildRecord): RebuildClaim {
  const { id, verdict, artifacts, engine, stages } = record;
  const first = stages[0];
  const last = stages.at(-1);
  return {
    id,
    verdict,
    artifacts,
    ...(engine === undefined ? {} : { engine }),
    ...(first === undefined ? {} : { began: first.startedAt }),
    ...(last === undefined
      ? {}
      : { ended: new Date(Date.parse(last.startedAt) + Math.round(last.wallSeconds * 1000)).toISOString() }),
  };
}
