import { createReadStream } from 'node:fs';
import {
  canonicalJson,
  type EnvironmentLayer,
  type EnvironmentLock,
  type LockedPackage,
  type Published,
  ReproofError,
  type Sha256,
  type SuiteIndices,
  sha256Of,
  type Unavailable,
} from '../../model/index.ts';
import { type ContainerFile, createContainer, execIn, putFiles, removeContainer } from '../engine/container.ts';
import { makeEnvironment } from './image.ts';
import { locatePackages } from './package-index.ts';
import { BUILDD_PACKAGES, seedImage } from './resolver-seed.ts';
import { RECIPE } from './scripts.ts';
import type { EnvironmentContext } from './types.ts';

const APT_FOLDER = '/reproof-apt';
const OUTPUT_KEPT = 4_000_000;
/** apt's own exit status for "this cannot be done" (apt-get(8)). */
const APT_CANNOT = 100;

/** Which build dependencies count: Build-Depends-Arch, -Indep or both (deb-src-control(5)). */
type Scope = 'any' | 'all' | 'both';

/**
 * The lock of the environment a rebuild needs. Recorded: exactly the packages the .buildinfo names, in one layer.
 * Inferred: the suite's essential packages, apt and build-essential as base, and what apt inside that base, reading the
 * verified indices, chooses for the source's build dependencies. Remembered by the digest of all that goes into it.
 */
export async function resolveLock(
  published: Published,
  context: EnvironmentContext,
): Promise<EnvironmentLock | Unavailable> {
  const { recorded, target, indices } = published;
  const head = {
    schema: 'reproof-lock/1',
    recipe: RECIPE,
    ecosystem: 'debian',
    suite: target.suite,
    architecture: target.architecture,
  } as const;
  if (recorded !== undefined) {
    const packages = recorded.packages.map((item) => ({
      name: item.package,
      version: item.version,
      architecture: item.architecture,
      size: item.size,
      sha256: item.sha256,
      origin: item.origin,
    }));
    return { ...head, layers: [{ name: 'base', packages: sorted(packages), remove: [] }] };
  }
  const question = {
    ...head,
    indices: indices.map((suite) => [suite.archive, suite.suite, suite.packages.map((index) => index.sha256)]),
  };
  const base = (await remembered('base-lock', question, context, () =>
    resolveBase(published, context),
  )) as EnvironmentLayer;
  const scope = scopeOf(published);
  const asked = { ...question, base, scope, dsc: published.source.dsc.text };
  const answer = await remembered('lock', asked, context, () =>
    resolveBuildDependencies({ published, base: { ...head, layers: [base] }, scope }, context),
  );
  const layer = answer as EnvironmentLayer | { readonly unmet: readonly string[] };
  if ('unmet' in layer)
    return {
      kind: 'unavailable',
      what: 'environment',
      missing: layer.unmet,
      verified: published.verified,
      notes: published.notes,
    };
  const layers = layer.packages.length === 0 && layer.remove.length === 0 ? [base] : [base, layer];
  return { ...head, layers };
}

async function remembered(
  kind: string,
  question: unknown,
  context: EnvironmentContext,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const key: Sha256 = sha256Of(canonicalJson(question));
  const known = await context.memory.memo(kind, key);
  if (known !== undefined) return known;
  const value = await work();
  await context.memory.remember(kind, key, value);
  return value;
}

function scopeOf(published: Published): Scope {
  const kinds = new Set(published.runs.map((run) => run.packages));
  return kinds.size === 1 ? ([...kinds][0] ?? 'both') : 'both';
}

async function resolveBase(published: Published, context: EnvironmentContext): Promise<EnvironmentLayer> {
  const image = await seedImage(published.indices, context);
  try {
    const argv = ['install', '?essential', ...BUILDD_PACKAGES];
    const chosen = await simulate({ image, indices: published.indices, argv, files: [], emptyStatus: true }, context);
    if ('unmet' in chosen)
      throw new ReproofError(
        'ENVIRONMENT_FAILED',
        `choosing the base of ${published.target.suite}: ${chosen.unmet.join('; ')}`,
      );
    return { name: 'base', packages: chosen.packages, remove: [] };
  } finally {
    await context.engine.docker
      .getImage(image)
      .remove({ force: false })
      .catch(() => {});
  }
}

async function resolveBuildDependencies(
  options: { readonly published: Published; readonly base: EnvironmentLock; readonly scope: Scope },
  context: EnvironmentContext,
): Promise<EnvironmentLayer | { readonly unmet: readonly string[] }> {
  const base = await makeEnvironment(options.base, context);
  const flags = { any: ['--arch-only'], all: ['--indep-only'], both: [] }[options.scope];
  const file = `${APT_FOLDER}/source.dsc`;
  const chosen = await simulate(
    {
      image: base.imageId,
      indices: options.published.indices,
      argv: ['build-dep', ...flags, file],
      files: [{ kind: 'text', path: file, mode: 0o644, text: options.published.source.dsc.text }],
      emptyStatus: false,
    },
    context,
  );
  return 'unmet' in chosen ? chosen : { name: 'build-dependencies', ...chosen };
}

type Simulation = {
  readonly image: string;
  readonly indices: readonly SuiteIndices[];
  readonly argv: readonly string[];
  readonly files: readonly ContainerFile[];
  /** Choose as if nothing were installed. */
  readonly emptyStatus: boolean;
};

type Chosen = { readonly packages: readonly LockedPackage[]; readonly remove: readonly string[] };

/** Asks apt, inside a network-less container, what it would install, and finds each answer in the verified indices. */
async function simulate(
  simulation: Simulation,
  context: EnvironmentContext,
): Promise<Chosen | { readonly unmet: readonly string[] }> {
  const container = await createContainer(context.engine, {
    image: simulation.image,
    argv: ['/bin/sh', '-c', 'exec sleep 86400'],
    owner: { store: context.store, role: 'resolve' },
    host: { CapDrop: ['ALL'], CapAdd: ['DAC_OVERRIDE', 'CHOWN', 'FOWNER'], SecurityOpt: ['no-new-privileges'] },
  });
  try {
    await putFiles(container, [...(await aptFiles(simulation.indices, context)), ...simulation.files]);
    await container.start();
    const argv = [
      'apt-get',
      ...aptOptions(simulation.emptyStatus),
      '--simulate',
      '--yes',
      '--no-install-recommends',
      ...simulation.argv,
    ];
    const result = await execIn(context.engine, container, {
      argv: ['/usr/bin/env', 'LC_ALL=C.UTF-8', ...argv],
      maxBytes: OUTPUT_KEPT,
      signal: context.signal,
    });
    if (result.status === APT_CANNOT) return { unmet: unmetOf(`${result.output}\n${result.errors}`) };
    if (result.status !== 0)
      throw new ReproofError(
        'ENVIRONMENT_FAILED',
        `resolving build dependencies: apt-get ended with status ${result.status}: ${result.errors.trim().slice(-500)}`,
      );
    const actions = parseSimulation(result.output);
    return {
      packages: sorted(await locatePackages(actions.install, simulation.indices, context.fetcher)),
      remove: actions.remove,
    };
  } finally {
    await removeContainer(container);
  }
}

function aptOptions(emptyStatus: boolean): readonly string[] {
  const options = [
    `Dir::State::lists=${APT_FOLDER}/lists`,
    `Dir::Cache=${APT_FOLDER}/cache`,
    `Dir::Etc::sourcelist=${APT_FOLDER}/sources.list`,
    'Dir::Etc::sourceparts=-',
    'APT::Sandbox::User=root',
    ...(emptyStatus ? [`Dir::State::status=${APT_FOLDER}/status`] : []),
  ];
  return options.flatMap((option) => ['-o', option]);
}

/** The verified indices where apt looks for what `apt-get update` would have left (apt's URItoFileName: slashes become underscores). */
async function aptFiles(indices: readonly SuiteIndices[], context: EnvironmentContext): Promise<ContainerFile[]> {
  const folders = ['', '/lists', '/lists/partial', '/cache', '/cache/archives', '/cache/archives/partial'];
  const files: ContainerFile[] = folders.map((folder) => ({
    kind: 'folder',
    path: `${APT_FOLDER}${folder}`,
    mode: 0o755,
  }));
  const lines: string[] = [];
  const add = async (path: string, sha256: Sha256): Promise<void> => {
    const file = await context.fetcher.cached(sha256);
    if (file === undefined)
      throw new ReproofError(
        'CACHE_MISSING',
        `resolving build dependencies: the index ${path} is not in the cache any more`,
      );
    files.push({
      kind: 'stream',
      path: `${APT_FOLDER}/lists/_archive_${path.replaceAll('/', '_')}`,
      mode: 0o644,
      size: file.size,
      open: () => createReadStream(file.path),
    });
  };
  for (const suite of indices) {
    const prefix = `${suite.archive}/dists/${suite.suite}`;
    await add(`${prefix}/InRelease`, suite.inRelease);
    for (const index of suite.packages) await add(`${prefix}/${index.path}`, index.sha256);
    // trusted: the chain from the signature down was checked before; there is no keyring to rely on in here.
    lines.push(
      `deb [trusted=yes] file:/archive/${suite.archive} ${suite.suite} ${[...new Set(suite.packages.map((index) => index.component))].join(' ')}\n`,
    );
  }
  files.push({ kind: 'text', path: `${APT_FOLDER}/sources.list`, mode: 0o644, text: lines.join('') });
  files.push({ kind: 'text', path: `${APT_FOLDER}/status`, mode: 0o644, text: '' });
  return files;
}

/** One package apt would install: `Inst NAME [OLD] (VERSION ORIGIN [ARCH])`. */
export type InstallAction = { readonly name: string; readonly version: string; readonly architecture: string };

/** Reads what `apt-get --simulate` prints. Throws ENVIRONMENT_FAILED for a line that is not understood. */
export function parseSimulation(output: string): {
  readonly install: readonly InstallAction[];
  readonly remove: readonly string[];
} {
  const install: InstallAction[] = [];
  const remove: string[] = [];
  for (const line of output.split('\n')) {
    if (line.startsWith('Remv ')) remove.push((line.split(' ')[1] ?? '').replace(/:.*$/, ''));
    if (!line.startsWith('Inst ')) continue;
    const match = /^Inst ([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?(?: \[[^\]]*\])? \((\S+) .*\[([a-z0-9-]+)\]\)/.exec(
      line,
    );
    if (match === null)
      throw new ReproofError(
        'ENVIRONMENT_FAILED',
        `resolving build dependencies: apt-get said "${line.slice(0, 200)}"`,
      );
    install.push({ name: match[1] as string, version: match[2] as string, architecture: match[3] as string });
  }
  return { install, remove: remove.sort() };
}

function unmetOf(output: string): readonly string[] {
  const lines = output.split('\n').map((line) => line.trim());
  const unmet = lines
    .filter((line) => /Depends: |Conflicts: |Breaks: /.test(line))
    .map((line) => line.replace(/^builddeps:\S+ : /, ''));
  const errors = lines.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3));
  return [...new Set(unmet.length > 0 ? unmet : errors)].slice(0, 20);
}

function sorted(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  const key = (item: LockedPackage): string => `${item.name}\0${item.architecture}\0${item.version}`;
  return [...packages].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}
