import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { hasProduct, isSignedBy, readSignedLink } from '../../../attest/index.ts';
import { ReproofError, type Sha256 } from '../../../model/index.ts';
import type { Worker } from '../../store/access/types.ts';
import type { ListedFile } from '../../store/packages/types.ts';
import type { ResultArtifact, ResultEntry } from '../../store/results/types.ts';
import type { ServerContext } from '../context.ts';
import { readZstd } from '../read-zstd.ts';

const compress = promisify(zstdCompress);
const LARGEST_LOG = 256 * 1024 ** 2;
const LARGEST_LINK = 1024 ** 2;
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** What a worker says of one file. */
export type ReportedFile = {
  readonly name: string;
  readonly status: 'GOOD' | 'BAD' | 'UNKWN';
  readonly diffoscope?: Uint8Array;
  readonly attestation?: Uint8Array;
};

/** What a worker says of a build, of either generation. Texts are bytes, as zstd or as they are. */
export type Report = {
  readonly status: 'GOOD' | 'BAD' | 'FAIL' | 'UNKWN';
  readonly builtAt?: string;
  readonly log: Uint8Array;
  readonly files: readonly ReportedFile[];
};

/**
 * A report as a result, checked against the job: every file it names is the job's, a good build has them all, and a link
 * is kept only where the worker signed it and it is about the published bytes. A GOOD that is about others says that the
 * worker was given other bytes than were published: nothing is known of these. Throws REQUEST_INVALID.
 */
export async function readReport(
  report: Report,
  job: { readonly worker: Worker; readonly startedAt: string; readonly files: readonly ListedFile[] },
  context: Pick<ServerContext, 'blobs' | 'now'>,
): Promise<ResultEntry> {
  const artifacts = await Promise.all(pair(report, job.files).map((pair) => readFile(pair, job.worker, context)));
  const isOfOthers = artifacts.some(
    (artifact, at) => artifact.status === 'UNKWN' && report.files[at]?.status === 'GOOD',
  );
  const status = isOfOthers ? 'UNKWN' : report.status;
  return {
    origin: 'rebuilderd',
    workerId: job.worker.id,
    startedAt: job.startedAt,
    builtAt:
      report.builtAt !== undefined && report.builtAt >= job.startedAt ? report.builtAt : context.now().toISOString(),
    status,
    verdict: status === 'GOOD' ? 'reproducible' : status === 'BAD' ? 'unreproducible' : 'unknown',
    ...(isOfOthers ? { reason: 'not the published file' } : {}),
    decides: status === 'GOOD' || status === 'BAD',
    log: await keepLog(report.log, context),
    artifacts,
  };
}

type Pair = { readonly said: ReportedFile; readonly file: ListedFile };

/** Files go by the name of their package there; of several with one name, in the order they were given out. */
function pair(report: Report, files: readonly ListedFile[]): readonly Pair[] {
  const left = [...files];
  const pairs = report.files.map((said) => {
    const at = left.findIndex((file) => file.name === said.name);
    const [file] = at === -1 ? [] : left.splice(at, 1);
    if (file === undefined)
      throw invalid(`it names ${JSON.stringify(said.name.slice(0, 100))}, which the job has not to give`);
    return { said, file };
  });
  if (report.status === 'GOOD' && (left.length > 0 || report.files.some((said) => said.status !== 'GOOD')))
    throw invalid('the build is GOOD, and not every file of the job is');
  return pairs;
}

async function readFile(
  { said, file }: Pair,
  worker: Worker,
  { blobs }: Pick<ServerContext, 'blobs'>,
): Promise<ResultArtifact> {
  const link = said.attestation === undefined ? undefined : await readLink(said.attestation, worker);
  const isOfOther = link !== undefined && file.sha256 !== undefined && !hasProduct(link, file.sha256);
  const status = said.status === 'GOOD' && isOfOther ? 'UNKWN' : said.status;
  const isKept = link !== undefined && !isOfOther && status === 'GOOD';
  const published = file.sha256 === undefined ? undefined : { sha256: file.sha256, size: file.size ?? 0 };
  return {
    name: file.name,
    version: file.version,
    architecture: file.architecture,
    fileName: file.fileName,
    verdict: 'unknown',
    status,
    ...(published === undefined ? {} : { published }),
    ...(isKept && published !== undefined ? { rebuilt: published } : {}),
    ...(said.diffoscope === undefined ? {} : { report: (await keep(said.diffoscope, blobs)).sha256 }),
    ...(isKept
      ? { attestation: (await blobs.put('attestation', chunks(JSON.stringify(link)), LARGEST_LINK)).sha256 }
      : {}),
    checkedHere: false,
  };
}

async function readLink(bytes: Uint8Array, worker: Worker) {
  const text = Buffer.concat(await Array.fromAsync(unpack(bytes, LARGEST_LINK))).toString('utf8');
  const link = readSignedLink(text);
  return link !== undefined && isSignedBy(link, Buffer.from(worker.key, 'base64')) ? link : undefined;
}

async function keepLog(bytes: Uint8Array, { blobs }: Pick<ServerContext, 'blobs'>) {
  const { sha256, size } = await keep(bytes, blobs);
  return { sha256, bytes: size, truncated: false };
}

/** Keeps a text as zstd; `size` is what it unpacks to, which is looked at before anything is kept. */
async function keep(
  bytes: Uint8Array,
  blobs: ServerContext['blobs'],
): Promise<{ readonly sha256: Sha256; readonly size: number }> {
  let size = 0;
  for await (const chunk of unpack(bytes, LARGEST_LOG)) size += chunk.length;
  const packed = isZstd(bytes) ? bytes : await compress(bytes);
  const { sha256 } = await blobs.put('log', chunks(packed), LARGEST_LOG);
  return { sha256, size };
}

async function* unpack(bytes: Uint8Array, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of isZstd(bytes) ? readZstd(chunks(bytes)) : chunks(bytes)) {
    size += chunk.length;
    if (size > maxBytes)
      throw new ReproofError('REQUEST_TOO_LARGE', `reading a report: a text in it has more than ${maxBytes} bytes`);
    yield chunk;
  }
}

async function* chunks(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}

function isZstd(bytes: Uint8Array): boolean {
  return ZSTD_MAGIC.equals(bytes.subarray(0, 4));
}

function invalid(why: string): ReproofError {
  return new ReproofError('REQUEST_INVALID', `reading a report: ${why}`);
}
