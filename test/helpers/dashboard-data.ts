import { zstdCompressSync } from 'node:zlib';
import { renderText } from '../../compare/index.ts';
import { canonicalJson, type Difference, type RebuildRecord, type Sha256, sha256Of } from '../../model/index.ts';
import type { BlobStore, ServiceStore } from '../../rebuilder/store/index.ts';
import type { ListedFile, ListedSource } from '../../rebuilder/store/packages/types.ts';
import type { ResultArtifact, ResultEntry } from '../../rebuilder/store/results/types.ts';
import { sampleTree } from './sample-comparison.ts';
import { sampleRecord } from './sample-record.ts';

/** Text that wants to be more than text: tags, an entity, an escape sequence, a right-to-left override, a NUL. */
export const HOSTILE_TEXT =
  '</script><script>alert(1)</script><img src=x onerror=alert(2)>"\'`&amp; \x1b[31m\u202etxt\u0007';

/** What was written, for tests to ask for. */
export type DashboardData = {
  /** A result each: hello reproduces, differs has a difference, broken failed, drifted is not concluded. */
  readonly results: Readonly<Record<'hello' | 'differs' | 'broken' | 'drifted' | 'hostile', number>>;
  /** Of the results differs and hostile: the name of the file that differs. */
  readonly differsFile: string;
  readonly hostileFile: string;
  readonly hostileName: string;
  /** The SHA-256 of the newest published hello_…_amd64.deb, of its rebuilt twin, and the bytes of it. */
  readonly helloBytes: Buffer;
  readonly helloSha256: Sha256;
  readonly differsSha256: Sha256;
  /** A job that runs (its log can be followed where `follow` was given) and one that waits. */
  readonly runningJob: number;
  readonly waitingJob: number;
  readonly workerId: number;
};

type Parts = {
  readonly store: ServiceStore;
  readonly blobs: BlobStore;
  /** Moves the clock of the store, in seconds. */
  readonly pass: (seconds: number) => void;
  readonly now: () => Date;
};

const DAY_SECONDS = 86_400;
const HOSTILE_NAME = 'hostile<script>alert(1)</script>';

/** Fills an empty store through its own functions with a few packages of every kind, over some days. */
export async function fillDashboard(parts: Parts): Promise<DashboardData> {
  const { store, pass } = parts;
  await store.packages.noteSync('trixie', { kind: 'started', distribution: 'debian' });
  for (const [day, version] of ['2.10-2', '2.10-3', '2.10-4'].entries()) {
    await list(store, [source('hello', version), source('differs', `1.${day}-1`)]);
    await result(parts, 'hello', { version });
    await result(parts, 'differs', { version: `1.${day}-1` });
    await store.packages.noteDay();
    pass(7 * DAY_SECONDS);
  }
  await list(store, [
    source('hello', '2.10-5'),
    source('hello', '2.10-5', { architecture: 'arm64' }),
    source('differs', '1.3-1'),
    source('broken', '0.9-1', { maintainer: 'Broken Builders <builders@example.org>' }),
    source('drifted', '3.0-1+b2'),
    source('waiting', '1.0-1'),
    source('running', '4.2-1'),
    source('hello', '2.12-1', { release: 'sid' }),
    source(HOSTILE_NAME, `1.0-1${HOSTILE_TEXT}`, { maintainer: HOSTILE_TEXT, component: HOSTILE_TEXT }),
  ]);
  const hello = await result(parts, 'hello', { version: '2.10-5' });
  const differs = await result(parts, 'differs', { version: '1.3-1', kind: 'unreproducible' });
  const broken = await result(parts, 'broken', { version: '0.9-1', kind: 'failed-to-build' });
  const drifted = await result(parts, 'drifted', { version: '3.0-1+b2', kind: 'inconclusive' });
  const hostile = await result(parts, HOSTILE_NAME, {
    version: `1.0-1${HOSTILE_TEXT}`,
    kind: 'unreproducible',
    log: `${HOSTILE_TEXT}\n${'long '.repeat(2000)}\nplain\n`,
  });
  await store.packages.noteDay();
  const worker = await store.access.registerWorker({
    name: `builder of ${HOSTILE_TEXT}`,
    key: 'A'.repeat(43),
    kind: 'reproof',
    address: '192.0.2.7',
    capabilities: { architectures: ['amd64'] },
  });
  await store.jobs.setPriority({ name: 'running' }, -1);
  const leased = await store.jobs.claim({ id: worker.id, capabilities: { architectures: ['amd64'] } }, 3600);
  if (leased === undefined) throw new Error('there is no job to run');
  await store.jobs.heartbeat(leased.job.id, leased.lease, { leaseSeconds: 3600, stage: 'build' });
  const [waiting] = (await store.jobs.jobs({ name: 'waiting' }, {})).records;
  await store.access.audit({
    actor: 'token:ci',
    action: 'queue.pause',
    subject: 'queue',
    detail: { note: HOSTILE_TEXT },
  });
  await store.packages.noteSync('trixie', { kind: 'unchanged' });
  const fileOf = async (resultId: number) => (await store.results.artifacts(resultId))[0]?.fileName ?? '';
  return {
    differsFile: await fileOf(differs),
    hostileFile: await fileOf(hostile),
    hostileName: HOSTILE_NAME,
    results: { hello, differs, broken, drifted, hostile },
    helloBytes: bytesOf('hello_2.10-5_amd64.deb'),
    helloSha256: sha256Of(bytesOf('hello_2.10-5_amd64.deb')),
    differsSha256: sha256Of(bytesOf('differs_1.3-1_amd64.deb')),
    runningJob: leased.job.id,
    waitingJob: waiting?.id ?? 0,
    workerId: worker.id,
  };
}

function bytesOf(fileName: string): Buffer {
  return Buffer.from(`the published bytes of ${fileName}\n`);
}

function source(name: string, version: string, changes: Partial<ListedSource> = {}): ListedSource {
  const architecture = changes.architecture ?? 'amd64';
  const fileName = `${name}_${version}_${architecture}.deb`;
  const bytes = bytesOf(fileName);
  const file: ListedFile = {
    name,
    version,
    architecture,
    component: 'main',
    url: `https://deb.example.org/debian/pool/${encodeURIComponent(fileName)}`,
    fileName,
    sha256: sha256Of(bytes),
    size: bytes.length,
  };
  return {
    distribution: 'debian',
    release: 'trixie',
    component: 'main',
    name,
    version,
    maintainer: 'Debian Developers <developers@example.org>',
    architecture,
    files: [file],
    ...changes,
  };
}

async function list(store: ServiceStore, sources: readonly ListedSource[]): Promise<void> {
  await store.packages.import({ profile: 'trixie', distribution: 'debian', kind: 'whole' }, sources);
}

type Made = {
  readonly version: string;
  readonly kind?: 'reproducible' | 'unreproducible' | 'failed-to-build' | 'inconclusive';
  readonly log?: string;
};

const ENDS = {
  reproducible: { status: 'GOOD', decides: true, detail: 'The one published file came out byte for byte.' },
  unreproducible: {
    status: 'BAD',
    decides: true,
    reason: 'nondeterministic',
    detail: 'Two rebuilds gave different files.',
  },
  'failed-to-build': { status: 'BAD', decides: true, detail: 'The build ended with status 2.' },
  inconclusive: {
    status: 'UNKWN',
    decides: true,
    reason: 'environment drift',
    detail: 'Another environment built what was published.',
  },
} as const;

async function result(parts: Parts, name: string, made: Made): Promise<number> {
  const { store, blobs, now } = parts;
  const { version, kind = 'reproducible' } = made;
  const { records } = await store.packages.binaryPackages(
    { name, version, architecture: 'amd64', release: 'trixie' },
    {},
  );
  const [file] = records;
  if (file === undefined) throw new Error(`${name} ${version} is not listed`);
  const put = async (text: string | Buffer): Promise<Sha256> =>
    (await blobs.put('made', one(Buffer.from(text)), 1024 ** 3)).sha256;
  const log = made.log ?? logOf(name, kind);
  const tree: Difference = { ...sampleTree, path: file.fileName };
  const same = { sha256: sha256Of(bytesOf(file.fileName)), size: bytesOf(file.fileName).length };
  const other = { sha256: sha256Of(`other ${file.fileName}`), size: same.size + 1 };
  const builtAt = now().toISOString();
  const record = recordOf({ name, version, builtAt, kind, tree: kind === 'unreproducible' ? [tree] : [] });
  const base = { name: file.name, version, architecture: 'amd64', fileName: file.fileName, published: same };
  const artifact: ResultArtifact = {
    ...base,
    ...(kind === 'failed-to-build' ? {} : { rebuilt: kind === 'reproducible' ? same : other }),
    verdict: kind === 'reproducible' ? 'identical' : kind === 'failed-to-build' ? 'missing' : 'differs',
    status: kind === 'reproducible' ? 'GOOD' : kind === 'inconclusive' ? 'UNKWN' : 'BAD',
    ...(kind === 'unreproducible'
      ? { difference: await put(canonicalJson(tree)), report: await put(renderText(tree, { maxLines: 5000 })) }
      : {}),
    checkedHere: kind === 'reproducible',
  };
  const entry: ResultEntry = {
    origin: 'ours',
    rebuildId: record.id,
    startedAt: record.stages[0]?.startedAt ?? builtAt,
    builtAt,
    verdict: kind,
    ...ENDS[kind],
    wallSeconds: 31.25,
    exitStatus: kind === 'failed-to-build' ? 2 : 0,
    log: { sha256: await put(zstdCompressSync(Buffer.from(log))), bytes: Buffer.byteLength(log), truncated: false },
    record: await put(canonicalJson(record)),
    artifacts: [artifact],
  };
  return store.results.importResult(file.buildInputId, entry);
}

function recordOf(about: {
  readonly name: string;
  readonly version: string;
  readonly builtAt: string;
  readonly kind: NonNullable<Made['kind']>;
  readonly tree: readonly Difference[];
}): RebuildRecord {
  const { name, version, kind } = about;
  const ends = ENDS[kind];
  const verdict = { kind, detail: ends.detail, ...('reason' in ends ? { reason: ends.reason } : {}) };
  const begun = Date.parse(about.builtAt) - 60_000;
  return sampleRecord(sha256Of(`${name} ${version}`).slice(0, 12), {
    target: { ecosystem: 'debian', source: name, version, architecture: 'amd64', suite: 'trixie' },
    verdict: verdict as RebuildRecord['verdict'],
    differences: about.tree,
    stages: (['source', 'lock', 'plan', 'environment', 'build', 'compare', 'verdict', 'record'] as const).map(
      (stage, at) => ({
        stage,
        startedAt: new Date(begun + at * 7_000).toISOString(),
        wallSeconds: 6.5,
        resumed: stage === 'environment',
      }),
    ),
  });
}

function logOf(name: string, kind: string): string {
  return [
    `dpkg-buildpackage: info: source package ${name}`,
    ' debian/rules clean',
    '\x1b[32mgreen\x1b[0m words, as compilers print them',
    ...Array.from({ length: 300 }, (_, line) => `gcc -c part-${line}.c -o part-${line}.o`),
    kind === 'failed-to-build' ? 'make: *** [Makefile:12: all] Error 2' : `dpkg-deb: building package '${name}'`,
    '',
  ].join('\n');
}

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
