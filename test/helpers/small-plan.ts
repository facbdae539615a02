import type { BuildRun, EnvironmentLock, RebuildPlan, SandboxLimits } from '../../model/index.ts';
import type { SourcePackage } from './source-package.ts';

const EMPTY_LOCK: EnvironmentLock = {
  schema: 'reproof-lock/1',
  recipe: 1,
  ecosystem: 'debian',
  suite: 'trixie',
  architecture: 'amd64',
  layers: [],
};

/** A plan for a source package made by a test; what is not given is what the real plans have. */
export function smallPlan(options: {
  readonly source?: SourcePackage;
  readonly runs?: readonly BuildRun[];
  readonly limits?: Partial<SandboxLimits>;
  readonly lock?: EnvironmentLock;
}): RebuildPlan {
  const { source } = options;
  const name = source?.name ?? 'small';
  const version = source?.version ?? '1.0';
  return {
    schema: 'reproof-plan/1',
    target: { ecosystem: 'debian', source: name, version, architecture: 'amd64', suite: 'trixie' },
    basis: 'inferred',
    source: {
      dsc: {
        name: `${name}_${version}.dsc`,
        size: source?.dscText.length ?? 0,
        sha256: '0'.repeat(64),
        provenance: 'given',
        text: source?.dscText ?? '',
      },
      files:
        source === undefined
          ? []
          : [
              {
                name: source.tarball.name,
                size: source.tarball.size,
                sha256: source.tarball.sha256,
                origin: { kind: 'given', name: source.tarball.name },
              },
            ],
    },
    lock: options.lock ?? EMPTY_LOCK,
    settings: {
      user: 'build',
      uid: 1001,
      home: '/nonexistent',
      locale: 'C.UTF-8',
      timeZone: 'UTC',
      umask: '022',
      path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      hostname: 'reproof',
      cpus: 2,
      buildRoot: '/build/reproducible-path',
      sourceFolder: `${name}-${version}`,
      sourceDateEpoch: 1_704_067_200,
      buildOptions: ['nocheck'],
      buildProfiles: [],
      variables: {},
    },
    runs: options.runs ?? [{ packages: 'both' }],
    expected: [],
    limits: {
      wallSeconds: 120,
      memoryBytes: 1_073_741_824,
      processes: 512,
      diskBytes: 2_147_483_648,
      logBytes: 16_777_216,
      ...options.limits,
    },
    notes: [],
  };
}
