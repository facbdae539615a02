import {
  type Basis,
  type BuildRun,
  type BuildSettings,
  debianPurl,
  lockDigest,
  type Origin,
  planDigest,
  type RebuildPlan,
  type SandboxLimits,
  type Sha256,
  type Target,
  type Verification,
} from '../../model/index.ts';
import { rootfsDescriptor } from './comparison.ts';
import {
  checkFacts,
  fileDescriptor,
  jsonDescriptor,
  logDescriptors,
  type RebuildFacts,
  timesOf,
} from './rebuild-facts.ts';
import {
  DEBIAN_BUILD_TYPE,
  PROVENANCE_TYPE,
  type ResourceDescriptor,
  STATEMENT_TYPE,
  type Statement,
  type WORKER_BUILDER_ID,
  type WorkerCheck,
} from './types.ts';

/** What runs the builds: a container without a network on the signer's own engine. Another way to build is another id. */
export const BUILDER_ID = `${DEBIAN_BUILD_TYPE}#container`;

/** SLSA Provenance v1 of rebuilt files, as docs/attestations/debian-rebuild-v1.md gives its parameters. */
export type ProvenancePredicate = {
  readonly buildDefinition: {
    readonly buildType: typeof DEBIAN_BUILD_TYPE;
    /** Everything that was asked for and is no file: with resolvedDependencies, all that decides what comes out. */
    readonly externalParameters: {
      readonly target: Target;
      readonly basis: Basis;
      readonly runs: readonly BuildRun[];
      readonly settings: BuildSettings;
    };
    readonly internalParameters: {
      readonly network: 'none';
      readonly recipe: number;
      readonly limits: SandboxLimits;
      /** Who built, where that is not who signs: the key that its messages to the signer are signed with. */
      readonly worker?: {
        /** Base64 of an Ed25519 public key. */
        readonly key: string;
        readonly checked: readonly WorkerCheck[];
      };
    };
    readonly resolvedDependencies: readonly ResourceDescriptor[];
  };
  readonly runDetails: {
    readonly builder: {
      readonly id: typeof BUILDER_ID | typeof WORKER_BUILDER_ID;
      readonly version: Readonly<Record<string, string>>;
    };
    readonly metadata: {
      readonly invocationId: string;
      readonly startedOn?: string;
      readonly finishedOn?: string;
    };
    readonly byproducts: readonly ResourceDescriptor[];
  };
};

/**
 * How the files of a rebuild came to be; its subjects are what the first attempt made for users. Undefined where nothing
 * was built. Throws PLAN_INVALID where the plan is not the record's.
 */
export function provenanceStatement(facts: RebuildFacts): Statement<ProvenancePredicate> | undefined {
  const { record, plan } = checkFacts(facts);
  const first = record.attempts.find(({ kind }) => kind === 'first');
  if (plan === undefined || first === undefined || first.outcome.kind !== 'built') return undefined;
  const files = first.artifacts.filter(({ name }) => !isDiary(name));
  if (files.length === 0) return undefined;
  const { engine } = record;
  return {
    _type: STATEMENT_TYPE,
    subject: files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })).toSorted(byName),
    predicateType: PROVENANCE_TYPE,
    predicate: {
      buildDefinition: {
        buildType: DEBIAN_BUILD_TYPE,
        externalParameters: {
          target: plan.target,
          basis: plan.basis,
          runs: plan.runs,
          settings: plan.settings,
        },
        internalParameters: { network: 'none', recipe: plan.lock.recipe, limits: plan.limits },
        resolvedDependencies: dependenciesOf(plan, {
          rootfs: record.environment?.rootfsDigest,
          verified: record.verified,
        }),
      },
      runDetails: {
        builder: {
          id: BUILDER_ID,
          version: { reproof: record.reproof, ...(engine === undefined ? {} : { [engine.name]: engine.version }) },
        },
        metadata: { invocationId: `urn:reproof:rebuild:${record.id}`, ...timesOf(record) },
        byproducts: [
          jsonDescriptor('record.json', record),
          ...logDescriptors(record),
          ...first.artifacts
            .filter(({ name }) => isDiary(name))
            .map(fileDescriptor)
            .toSorted(byName),
        ],
      },
    },
  };
}

/** The build's own diary, with its path and its time. */
export function isDiary(name: string): boolean {
  return /\.(?:buildinfo|changes)$/.test(name);
}

/** By their names. */
export function byName(
  { name: left = '' }: { readonly name?: string },
  { name: right = '' }: { readonly name?: string },
): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * The source's files, then every package of the environment in the order of its lock, then what these add up to: lock,
 * root file system and plan; then the signed documents that vouched for them.
 */
export function dependenciesOf(
  plan: RebuildPlan,
  { rootfs, verified }: { readonly rootfs: Sha256 | undefined; readonly verified: readonly Verification[] },
): readonly ResourceDescriptor[] {
  const { target, source, lock } = plan;
  const uri = debianPurl({ name: target.source, version: target.version, architecture: 'source', suite: target.suite });
  const { dsc, files } = source;
  return [
    {
      uri,
      name: dsc.name,
      digest: { sha256: dsc.sha256 },
      annotations: { role: 'source', provenance: dsc.provenance },
    },
    ...files.map(({ name, sha256, origin }) => ({
      uri,
      name,
      digest: { sha256 },
      annotations: { role: 'source', ...placeOf(origin) },
    })),
    ...lock.layers.flatMap((layer) =>
      layer.packages.map((item) => ({
        uri: debianPurl({
          name: item.name,
          version: item.version,
          architecture: item.architecture,
          ...(item.origin.kind === 'archive' ? { suite: item.origin.suite } : {}),
        }),
        digest: { sha256: item.sha256 },
        annotations: { role: layer.name, ...placeOf(item.origin) },
      })),
    ),
    { ...jsonDescriptor('lock.json', {}), digest: { sha256: lockDigest(lock) }, annotations: { role: 'environment' } },
    ...(rootfs === undefined ? [] : [{ ...rootfsDescriptor(rootfs), annotations: { role: 'environment' } }]),
    { ...jsonDescriptor('plan.json', {}), digest: { sha256: planDigest(plan) }, annotations: { role: 'plan' } },
    ...verified.flatMap((checked): readonly ResourceDescriptor[] => {
      if (checked.kind === 'signature') return [];
      const path = checked.kind === 'release' ? 'InRelease' : checked.path;
      const annotations = { role: checked.kind, archive: checked.archive };
      return [{ name: `${checked.suite}/${path}`, digest: { sha256: checked.sha256 }, annotations }];
    }),
  ];
}

/** Where a file came from, without the host it was fetched from. */
function placeOf(origin: Origin): Readonly<Record<string, string>> {
  switch (origin.kind) {
    case 'archive':
      return { archive: origin.archive, path: origin.path };
    case 'snapshot':
      return { snapshot: origin.sha1 };
    case 'given':
      return {};
    default:
      return origin satisfies never;
  }
}
