/**
 * How long each list, filter and search of the store takes with 70,000 packages and a million results: a steady stream
 * of requests of mixed kinds, as a server would ask them. Run: node bench/service-lists.ts [FOLDER] [PER-SECOND] [SECONDS]
 * The database is made in FOLDER on the first run and kept.
 */
import path from 'node:path';
import type { Sha256 } from '../model/index.ts';
import { packageReader } from '../rebuilder/store/packages/index.ts';
import { resultReader } from '../rebuilder/store/results/index.ts';
import { openSqlite } from '../rebuilder/store/sqlite.ts';
import { fillService, LARGE, seeded } from './service-data.ts';

const [folder = '.', perSecond = '200', seconds = '10'] = process.argv.slice(2);
const database = await openSqlite(path.join(folder, 'lists.sqlite3'));
const packages = packageReader(database);
const results = resultReader(database);
if ((await packages.distributions()).length === 0) {
  const begun = performance.now();
  await fillService(database, LARGE);
  console.log(`made in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

const random = seeded(2);
const upTo = (limit: number) => 1 + Math.floor(random() * limit);
const sample = await packages.binaryPackages({}, { limit: 2_000, sort: 'name' });
const some = () => sample.records[upTo(sample.records.length) - 1] ?? { name: '', source: '', sha256: '' as Sha256 };
const piece = () => some().name.slice(-6, -1);
const page = { limit: 50 } as const;
const newest = { limit: 50, sort: 'built_at', direction: 'descending' } as const;

const KINDS: Readonly<Record<string, () => Promise<unknown>>> = {
  'binaries, first page': () => packages.binaryPackages({}, page),
  'binaries, a later page': () => packages.binaryPackages({}, { ...page, after: upTo(70_000) }),
  'binaries by name, a later page': () => packages.binaryPackages({}, { ...page, sort: 'name', after: upTo(70_000) }),
  'binaries by status': () => packages.binaryPackages({}, { ...page, sort: 'status', after: upTo(70_000) }),
  'binaries by version': () => packages.binaryPackages({}, { ...page, sort: 'version' }),
  'binaries by architecture': () => packages.binaryPackages({}, { ...page, sort: 'architecture' }),
  'binaries of a release and architecture': () =>
    packages.binaryPackages(
      { distribution: 'debian', release: 'forky', architecture: 'all' },
      { ...page, after: upTo(70_000) },
    ),
  'binaries of a release by name': () =>
    packages.binaryPackages({ distribution: 'debian', release: 'trixie', seenOnly: true }, { ...page, sort: 'name' }),
  'binaries, BAD': () => packages.binaryPackages({ status: ['BAD'] }, page),
  'binaries, BAD or FAIL, of a release by name': () =>
    packages.binaryPackages(
      { status: ['BAD', 'FAIL'], release: 'trixie' },
      { ...page, sort: 'name', after: upTo(70_000) },
    ),
  'binaries, UNKWN or none, of a component': () =>
    packages.binaryPackages({ status: ['UNKWN', 'none'], component: 'non-free' }, { ...page, sort: 'name' }),
  'binaries of a name': () => packages.binaryPackages({ name: some().name }, page),
  'binaries of a source': () => packages.binaryPackages({ source: some().source }, page),
  'binaries of a digest': () => packages.binaryPackages({ sha256: some().sha256 as Sha256 }, page),
  'binaries that begin with': () =>
    packages.binaryPackages({ nameStartsWith: some().name.slice(0, 1 + upTo(4)) }, page),
  'binaries of a maintainer': () =>
    packages.binaryPackages({ maintainer: `Team ${upTo(900)} <team${upTo(900)}@example.org>` }, page),
  'binaries, search': () => packages.binaryPackages({ search: piece() }, page),
  'binaries, search by name': () => packages.binaryPackages({ search: piece() }, { ...page, sort: 'name' }),
  'binaries, search of much': () => packages.binaryPackages({ search: 'lib' }, page),
  'binaries, search for nothing': () => packages.binaryPackages({ search: `zz${upTo(99_999)}` }, page),
  'sources, a later page': () => packages.sourcePackages({}, { ...page, after: upTo(46_000) }),
  'sources by name': () =>
    packages.sourcePackages({ release: 'trixie' }, { ...page, sort: 'name', after: upTo(46_000) }),
  'sources by version': () => packages.sourcePackages({}, { ...page, sort: 'version' }),
  'sources, BAD': () => packages.sourcePackages({ status: ['BAD'] }, page),
  'sources, none': () => packages.sourcePackages({ status: ['none'] }, page),
  'sources of an architecture': () =>
    packages.sourcePackages({ architecture: 'all' }, { ...page, after: upTo(46_000) }),
  'sources, search': () => packages.sourcePackages({ search: piece() }, page),
  counts: () => packages.counts({}),
  architectures: () => packages.architectures('debian', 'trixie'),
  releases: () => packages.releases('debian'),
  'results, newest': () => results.results({}, newest),
  'results, a later page': () => results.results({}, { ...newest, after: upTo(1_000_000) }),
  'results by id': () => results.results({}, { ...page, after: upTo(1_000_000) }),
  'results of a source': () => results.results({ name: some().source }, newest),
  'results, GOOD, newest': () => results.results({ status: ['GOOD'] }, newest),
  'results, BAD of a release, newest': () => results.results({ status: ['BAD'], release: 'trixie' }, newest),
  'results, UNKWN of an architecture': () => results.results({ status: ['UNKWN'], architecture: 'all' }, newest),
  'results, regressions': () => results.results({ change: ['regression'] }, newest),
  'results, regressions or fixed, of a release': () =>
    results.results({ change: ['regression', 'fixed'], release: 'forky' }, newest),
  'results since': () =>
    results.results({ since: new Date(Date.UTC(2026, 0, 1) + upTo(230) * 86_400_000).toISOString() }, newest),
  'results of a worker': () => results.results({ workerId: upTo(12) }, newest),
  'results of a component': () => results.results({ component: 'non-free' }, newest),
  'results of nowhere': () => results.results({ distribution: `none${upTo(99)}` }, newest),
  'an artifact by digest': () => results.artifactsBySha256(some().sha256 as Sha256, 10),
};

const filter = process.env.ONLY;
const kinds = Object.entries(KINDS).filter(([name]) => filter === undefined || name.includes(filter));
const times = new Map<string, number[]>(kinds.map(([name]) => [name, []]));
const late: number[] = [];
const rate = Number(perSecond);
const total = rate * Number(seconds);
const begun = performance.now();
for (let at = 0; at < total; at++) {
  const due = begun + (at * 1000) / rate;
  const wait = due - performance.now();
  if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
  const [name, ask] = kinds[at % kinds.length] as (typeof kinds)[number];
  const asked = performance.now();
  await ask();
  times.get(name)?.push(performance.now() - asked);
  late.push(performance.now() - due);
}
const at = (list: readonly number[], part: number) =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length * part)] ?? 0;
for (const [name, list] of times)
  console.log(
    `${name.padEnd(48)} first ${(list[0] ?? 0).toFixed(1)} median ${at(list, 0.5).toFixed(2)} p99 ${at(list.slice(1), 0.99).toFixed(1)} ms`,
  );
console.log(
  `${rate} requests/s for ${seconds} s: with waiting, median ${at(late, 0.5).toFixed(1)} p99 ${at(late, 0.99).toFixed(1)} ms`,
);
await database.close();
