/** A request of the API: a GET, or a POST of a body. */
export type Ask = { readonly path: string; readonly body?: string };

/** What is known of some package that is there. */
export type Sample = {
  readonly id: number;
  readonly name: string;
  readonly source: string;
  readonly sha256?: string;
  readonly sourcePackageId: number;
  readonly resultId?: number;
};

/** Every kind of list, filter, search and count that clients ask for, each making one more request of its kind. */
export function requestKinds(given: {
  readonly random: () => number;
  readonly sample: readonly Sample[];
}): Readonly<Record<string, () => Ask>> {
  const { random, sample } = given;
  const upTo = (limit: number) => 1 + Math.floor(random() * limit);
  const some = (): Sample => sample[upTo(sample.length) - 1] as Sample;
  const piece = () => some().name.slice(-6, -1);
  const get = (path: string, query: Readonly<Record<string, string | number>> = {}): Ask => {
    const text = new URLSearchParams(
      Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)])),
    ).toString();
    return { path: text === '' ? path : `${path}?${text}` };
  };
  const since = () => new Date(Date.UTC(2026, 0, 1) + upTo(230) * 86_400_000).toISOString();
  const team = () => `Team ${upTo(900)} <team${upTo(900)}@example.org>`;
  const targets = (query: Readonly<Record<string, string | number>>) => get('/api/targets', query);
  const rebuilds = (query: Readonly<Record<string, string | number>>) => get('/api/rebuilds', query);
  const binary = (query: Readonly<Record<string, string | number>>) => get('/api/v1/packages/binary', query);
  const source = (query: Readonly<Record<string, string | number>>) => get('/api/v1/packages/source', query);
  const builds = (query: Readonly<Record<string, string | number>>) => get('/api/v1/builds', query);
  return {
    targets: () => targets({}),
    'targets by status': () => targets({ sort: 'status', direction: 'descending' }),
    'targets by version': () => targets({ sort: 'version', limit: 50 }),
    'targets of a release and architecture': () => targets({ release: 'forky', architecture: 'all', limit: 50 }),
    'targets, listed, of a release by name': () => targets({ release: 'trixie', seen: 'true', sort: 'name' }),
    'targets, BAD': () => targets({ status: 'BAD' }),
    'targets, BAD or FAIL, of a release by name': () =>
      targets({ status: 'BAD,FAIL', release: 'trixie', sort: 'name' }),
    'targets, unknown, of a component by name': () =>
      targets({ status: 'UNKWN,none', component: 'non-free', sort: 'name' }),
    'targets of a name': () => targets({ name: some().name }),
    'targets of a source': () => targets({ source: some().source }),
    'targets of a digest': () => targets({ sha256: some().sha256 ?? '' }),
    'targets that begin with': () => targets({ 'name-starts-with': some().name.slice(0, 1 + upTo(4)) }),
    'targets of a maintainer': () => targets({ maintainer: team() }),
    'targets, search': () => targets({ search: piece() }),
    'targets, search of much by name': () => targets({ search: 'lib', sort: 'name' }),
    'targets, search for nothing': () => targets({ search: `zz${upTo(99_999)}` }),
    'one target': () => get(`/api/targets/${upTo(70_000)}`),
    sources: () => get('/api/sources', {}),
    'sources by name': () => get('/api/sources', { release: 'trixie', sort: 'name' }),
    'sources, BAD': () => get('/api/sources', { status: 'BAD' }),
    'sources, UNKWN, by name': () => get('/api/sources', { status: 'UNKWN', sort: 'name' }),
    'sources of an architecture': () => get('/api/sources', { architecture: 'all' }),
    'sources, search': () => get('/api/sources', { search: piece() }),
    'one source': () => get(`/api/sources/${upTo(46_000)}`),
    rebuilds: () => rebuilds({}),
    'rebuilds by time': () => rebuilds({ sort: 'built_at' }),
    'rebuilds of a name': () => rebuilds({ name: some().source }),
    'rebuilds, GOOD, by time': () => rebuilds({ status: 'GOOD', sort: 'built_at' }),
    'rebuilds, BAD, of a release': () => rebuilds({ status: 'BAD', release: 'trixie' }),
    'rebuilds, BAD, of a release by time': () => rebuilds({ status: 'BAD', release: 'trixie', sort: 'built_at' }),
    'rebuilds, UNKWN, of an architecture by time': () =>
      rebuilds({ status: 'UNKWN', architecture: 'all', sort: 'built_at' }),
    'rebuilds, inconclusive': () => rebuilds({ verdict: 'inconclusive' }),
    'rebuilds since': () => rebuilds({ since: since() }),
    'rebuilds since, by time': () => rebuilds({ since: since(), sort: 'built_at' }),
    'rebuilds of a worker': () => rebuilds({ worker: upTo(12) }),
    'rebuilds of a worker by time': () => rebuilds({ worker: upTo(12), sort: 'built_at' }),
    'rebuilds of a component by time': () => rebuilds({ component: 'non-free', sort: 'built_at' }),
    'rebuilds, BAD, of a component': () => rebuilds({ component: 'contrib', status: 'BAD' }),
    'rebuilds of nowhere': () => rebuilds({ distribution: `none${upTo(99)}` }),
    regressions: () => get('/api/regressions', {}),
    'regressions of a release': () => get('/api/regressions', { release: 'forky' }),
    'history of a source': () => get(`/api/packages/debian/${encodeURIComponent(some().source)}/history`),
    'one rebuild': () => get(`/api/rebuilds/${upTo(1_000_000)}`),
    'artifacts by digest': () => get(`/api/artifacts/sha256:${some().sha256 ?? ''}`),
    counts: () => get('/api/stats', {}),
    'counts of a release': () => get('/api/stats', { release: 'trixie' }),
    'counts of days': () => get('/api/stats/days', { since: '2026-06-01' }),
    'feed of regressions': () => get('/api/feeds/regressions.atom'),
    queue: () => get('/api/queue', {}),
    'queue of a release': () => get('/api/queue', { release: 'forky' }),
    'queue of a name': () => get('/api/queue', { name: some().source }),
    'queue of a component': () => get('/api/queue', { component: 'non-free' }),
    'state of the queue': () => get('/api/queue/state'),
    'v1 binaries of a name': () => binary({ name: some().name }),
    'v1 binaries, 1,000': () => binary({ after: upTo(69_000) }),
    'v1 binaries, 1,000 by name': () => binary({ after: upTo(69_000), sort: 'name' }),
    'v1 binaries, BAD, 100': () => binary({ status: 'BAD', limit: 100, after: upTo(69_000) }),
    'v1 binaries, search': () => binary({ search: piece(), limit: 100 }),
    'v1 sources, 100': () => source({ limit: 100, after: upTo(45_000) }),
    'v1 builds, newest 100': () => builds({ sort: 'built_at', direction: 'Descending', limit: 100 }),
    'v1 builds of a component, 100': () => builds({ component: 'non-free', limit: 100, after: upTo(900_000) }),
    'v1 history of a source': () => get(`/api/v1/packages/source/${some().sourcePackageId}/history`),
    'v1 artifacts of a build': () => get(`/api/v1/builds/${some().resultId ?? 1}/artifacts`),
    'v1 queue, 100': () => get('/api/v1/queue', { limit: 100 }),
    'v1 dashboard': () => get('/api/v1/dashboard'),
    'v1 stats': () => get('/api/v1/stats', { since: '2026-06-01' }),
    'v1 architectures': () => get('/api/v1/meta/distributions/debian/architectures'),
    'v0 packages of a name': () => get('/api/v0/pkgs/list', { name: some().name }),
    'v0 dashboard': () => get('/api/v0/dashboard'),
    'v0 queue, 100': () => ({ path: '/api/v0/queue/list', body: '{"limit":100}' }),
  };
}
