import type { Sha256 } from '../../model/index.ts';
import type { BinaryPackage } from '../store/packages/types.ts';
import type { ServiceStore } from '../store/service-types.ts';
import {
  HOST_STATES,
  type HostPackage,
  type HostReport,
  type HostState,
  type InstalledPackage,
  type PackageList,
} from './types.ts';

const AT_ONCE = 250;

/** What is known of each package of a list. `distribution`: only what that one publishes counts. */
export async function reportHost(
  list: PackageList,
  store: Pick<ServiceStore, 'packages' | 'results'>,
  options: { readonly distribution?: string } = {},
): Promise<HostReport> {
  const packages: HostPackage[] = [];
  for (let at = 0; at < list.packages.length; at += AT_ONCE) {
    const some = list.packages.slice(at, at + AT_ONCE);
    const files = await filesOf(some, store, options);
    const good = files.flatMap(({ status, sha256 }) => (status === 'GOOD' && sha256 !== undefined ? [sha256] : []));
    const rebuilders = await store.results.rebuildersOf([...new Set(good)]);
    const byName = Map.groupBy(files, ({ name, version }) => `${name} ${version}`);
    for (const one of some) packages.push(judged(one, byName.get(`${one.name} ${one.version}`) ?? [], rebuilders));
  }
  const counts = Object.fromEntries(
    HOST_STATES.map((state) => [state, packages.filter((one) => one.state === state).length]),
  ) as Record<HostState, number>;
  const { unread, unreadLines } = list;
  return { counts, total: packages.length, packages: packages.toSorted(byState), unread, unreadLines };
}

async function filesOf(
  some: readonly InstalledPackage[],
  store: Pick<ServiceStore, 'packages'>,
  { distribution }: { readonly distribution?: string },
): Promise<readonly BinaryPackage[]> {
  const files = await store.packages.filesNamed(some);
  return distribution === undefined ? files : files.filter((file) => file.distribution === distribution);
}

function judged(
  one: InstalledPackage,
  named: readonly BinaryPackage[],
  rebuilders: ReadonlyMap<Sha256, number>,
): HostPackage {
  const files = named.filter((file) => one.architecture === undefined || file.architecture === one.architecture);
  const [worst] = files.toSorted(
    (left, right) => HOST_STATES.indexOf(stateOf(left)) - HOST_STATES.indexOf(stateOf(right)),
  );
  if (worst === undefined) return { ...one, state: 'unknown', rebuilders: 0 };
  const { distribution, release, source, reason, resultId, sha256, architecture } = worst;
  const state = stateOf(worst);
  const counted = sha256 === undefined ? undefined : rebuilders.get(sha256);
  return {
    name: one.name,
    version: one.version,
    architecture,
    state,
    // Its status says that one had it come out, whose bytes may not be told.
    rebuilders: state === 'reproduced' ? Math.max(1, counted ?? 0) : 0,
    distribution,
    source,
    ...(release === undefined ? {} : { release }),
    ...(reason === undefined ? {} : { reason }),
    ...(resultId === undefined ? {} : { resultId }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

function stateOf({ status }: BinaryPackage): HostState {
  switch (status) {
    case 'GOOD':
      return 'reproduced';
    case 'BAD':
      return 'differs';
    case 'FAIL':
    case 'UNKWN':
      return 'inconclusive';
    case undefined:
      return 'untried';
    default:
      return status satisfies never;
  }
}

function byState(left: HostPackage, right: HostPackage): number {
  const states = HOST_STATES.indexOf(left.state) - HOST_STATES.indexOf(right.state);
  if (states !== 0) return states;
  const [a, b] = [left, right].map(
    ({ name, version, architecture = '' }) => `${name}\n${version}\n${architecture}`,
  ) as [string, string];
  return a < b ? -1 : a > b ? 1 : 0;
}
