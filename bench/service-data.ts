import type { Insertable } from 'kysely';
import { REASON_KINDS } from '../model/index.ts';
import type { Database, Queries } from '../rebuilder/store/database.ts';
import type {
  BinaryPackageTable,
  BuildInputTable,
  DailyStatusTable,
  SourcePackageTable,
} from '../rebuilder/store/packages/tables.ts';
import type { ResultArtifactTable, ResultTable } from '../rebuilder/store/results/tables.ts';
import { artifactRow, binaryRow, inputRow, resultRow, sourceRow } from '../test/helpers/service-data.ts';

/** How much a made-up service holds. The largest suite of Debian has about 46,000 sources and 70,000 binaries. */
export type ServiceSize = { readonly sources: number; readonly binaries: number; readonly results: number };

export const LARGE: ServiceSize = { sources: 46_000, binaries: 70_000, results: 1_000_000 };

/** Numbers below 1 that are the same in each run: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const STEMS = [
  'lib',
  'python-',
  'ruby-',
  'golang-github-',
  'node-',
  'haskell-',
  'r-cran-',
  'rust-',
  'php-',
  '',
  '',
  '',
];
const SOUNDS = [
  'an',
  'be',
  'cor',
  'da',
  'el',
  'fi',
  'gra',
  'hy',
  'io',
  'ja',
  'ko',
  'lu',
  'mer',
  'no',
  'op',
  'pi',
  'qu',
  'ra',
  'st',
  'tor',
];
const RELEASES = ['trixie', 'trixie', 'trixie', 'forky'];
const COMPONENTS = ['main', 'main', 'main', 'main', 'main', 'main', 'main', 'main', 'contrib', 'non-free'];

/**
 * Fills an empty database by seed: sources of two releases, each with an input of amd64 and some with one of all, their
 * binaries, and results of which the last of each input decides. 85 % are good, 8 % bad, 5 % our failures.
 */
export async function fillService(database: Database, size: ServiceSize): Promise<void> {
  const random = seeded(1);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const digest = () =>
    Array.from({ length: 8 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
  const sources: Insertable<SourcePackageTable>[] = [];
  const inputs: Insertable<BuildInputTable>[] = [];
  for (let at = 0; at < size.sources; at++) {
    const name = `${pick(STEMS)}${Array.from({ length: 2 + Math.floor(random() * 3) }, () => pick(SOUNDS)).join('')}${at.toString(36)}`;
    const source = { name, version: `${1 + Math.floor(random() * 9)}.${at % 90}-1`, release: pick(RELEASES) };
    sources.push(
      sourceRow({
        ...source,
        component: pick(COMPONENTS),
        maintainer: `Team ${at % 900} <team${at % 900}@example.org>`,
      }),
    );
    const component = sources[at]?.component ?? '';
    const input = { source: name, version: source.version, release: source.release, component };
    inputs.push(inputRow({ key: `${at} arch`, ...input, architecture: at % 3 === 0 ? 'all' : 'amd64' }));
  }
  const statuses = inputs.map(() => pickStatus(random()));
  const inputOf = (result: number) => Math.floor(((result * 48_271) % 2_147_483_647) % size.sources);
  const lastResult = new Map<number, number>();
  for (let result = 0; result < size.results; result++) lastResult.set(inputOf(result), result + 1);
  await insertAll(database, 'source_package', sources);
  await insertAll(
    database,
    'build_input',
    inputs.map((input, at) => ({
      ...input,
      status: lastResult.has(at) ? (statuses[at] ?? null) : null,
      result_id: lastResult.get(at) ?? null,
    })),
  );
  const begun = Date.UTC(2026, 0, 1);
  const results = function* (): Generator<Insertable<ResultTable>> {
    for (let at = 0; at < size.results; at++) {
      const input = inputOf(at);
      const last = lastResult.get(input) === at + 1;
      const status = last ? (statuses[input] ?? 'UNKWN') : pickStatus(random());
      const built_at = new Date(begun + at * 20_000).toISOString();
      const change =
        status === 'BAD' ? pick(['same', 'same', 'regression', 'first']) : pick(['same', 'same', 'same', 'fixed']);
      const verdict = { GOOD: 'reproducible', BAD: 'unreproducible', FAIL: 'inconclusive', UNKWN: 'unknown' }[status];
      const decides = status === 'GOOD' || status === 'BAD' ? 1 : 0;
      yield resultRow({
        build_input_id: input + 1,
        status,
        verdict: verdict ?? '',
        decides,
        change: decides ? change : null,
        built_at,
        started_at: built_at,
        worker_id: 1 + (at % 12),
        job_id: at + 1,
        log_sha256: digest(),
        log_bytes: 90_000,
      });
    }
  };
  await insertAll(database, 'result', results());
  const artifacts: Insertable<ResultArtifactTable>[] = [];
  const causes: { readonly result_id: number; readonly cause: string }[] = [];
  const binaries: Insertable<BinaryPackageTable>[] = [];
  for (let at = 0; at < size.binaries; at++) {
    const source = at % size.sources;
    const { name, version } = sources[source] as Insertable<SourcePackageTable>;
    const status = lastResult.has(source) ? (statuses[source] ?? null) : null;
    const file = {
      name: at < size.sources ? name : `${name}-doc`,
      version,
      architecture: inputs[source]?.architecture ?? '',
    };
    const sha256 = digest();
    const judged = status === 'GOOD' || status === 'BAD';
    if (judged)
      artifacts.push(
        artifactRow({
          ...file,
          result_id: lastResult.get(source) ?? 0,
          status,
          verdict: status === 'GOOD' ? 'identical' : 'differs',
          published_sha256: sha256,
          rebuilt_sha256: status === 'GOOD' ? sha256 : digest(),
          attestation_sha256: digest(),
        }),
      );
    if (status === 'BAD' && at < size.sources)
      for (let kind = 0; kind <= at % 3; kind++)
        causes.push({
          result_id: lastResult.get(source) ?? 0,
          cause: REASON_KINDS[(at * 7 + kind * 5) % REASON_KINDS.length] ?? '',
        });
    binaries.push(
      binaryRow({
        ...file,
        source_package_id: source + 1,
        build_input_id: source + 1,
        component: sources[source]?.component ?? null,
        sha256,
        size: 100_000 + at,
        status,
        result_id: lastResult.get(source) ?? null,
        artifact_id: judged ? artifacts.length : null,
      }),
    );
  }
  await insertAll(database, 'result_artifact', artifacts);
  await insertAll(database, 'result_cause', causes);
  await insertAll(database, 'binary_package', binaries);
  await insertAll(
    database,
    'job',
    inputs.map((_, at) => ({
      build_input_id: at + 1,
      kind: 'reverify',
      priority: 3,
      queued_at: new Date(begun + at * 1_000).toISOString(),
      not_before: null,
      state: 'queued',
      cancel_requested: 0,
    })),
  );
  await insertAll(database, 'daily_status', daysFrom(begun));
}

const DAY_MILLISECONDS = 86_400_000;

/** The counts of a year's days. */
function* daysFrom(begun: number): Generator<Insertable<DailyStatusTable>> {
  for (let at = 0; at < 365; at++)
    for (const release of ['trixie', 'forky'])
      for (const architecture of ['all', 'amd64']) {
        const day = new Date(begun + at * DAY_MILLISECONDS).toISOString().slice(0, 10);
        yield { day, distribution: 'debian', release, architecture, good: 50 * at, bad: 900, fail: 500, unknown: 300 };
      }
}

function pickStatus(chance: number): 'GOOD' | 'BAD' | 'FAIL' | 'UNKWN' {
  return chance < 0.85 ? 'GOOD' : chance < 0.93 ? 'BAD' : chance < 0.98 ? 'FAIL' : 'UNKWN';
}

const ROWS_AT_ONCE = 1_000;
const ROWS_IN_ONE_TRANSACTION = 50_000;

type Filled =
  | 'source_package'
  | 'build_input'
  | 'result'
  | 'result_artifact'
  | 'result_cause'
  | 'binary_package'
  | 'job'
  | 'daily_status';

async function insertAll(database: Database, table: Filled, rows: Iterable<object>): Promise<void> {
  const iterator = rows[Symbol.iterator]();
  for (let done = false; !done; )
    await database.write(`filling ${table}`, async (db) => {
      for (let inserted = 0; inserted < ROWS_IN_ONE_TRANSACTION && !done; inserted += ROWS_AT_ONCE) {
        const piece: object[] = [];
        while (piece.length < ROWS_AT_ONCE && !done) {
          const next = iterator.next();
          if (next.done === true) done = true;
          else piece.push(next.value);
        }
        if (piece.length > 0) await insertPiece(db, table, piece);
      }
    });
}

async function insertPiece(db: Queries, table: Filled, rows: readonly object[]): Promise<void> {
  await db
    .insertInto(table)
    .values(rows as never)
    .execute();
}
