import type { Worker } from '../../store/access/types.ts';
import type { Job } from '../../store/jobs/types.ts';
import type { BinaryPackage, BuildInput, SourcePackage } from '../../store/packages/types.ts';
import type { Result, StoredArtifact } from '../../store/results/types.ts';
import { fileStatus, naiveTime, naiveTimeOrNull, oldFileStatus } from './wire.ts';

const ONLINE_MILLISECONDS = 540_000;

/** Whether there is something to vouch for a file with: a worker's link, or bytes that this server compared itself. */
function hasAttestation(file: { hasAttestation: boolean; checkedHere: boolean }): boolean {
  return file.hasAttestation || file.checkedHere;
}

/** A binary package in version 1. What follows the blank line is not rebuilderd's: its clients ignore what they do not know. */
export function binaryView(one: BinaryPackage) {
  const artifact = one.artifactId ?? null;
  return {
    id: one.id,
    name: one.name,
    version: one.version,
    distribution: one.distribution,
    release: one.release ?? null,
    component: one.component ?? null,
    architecture: one.architecture,
    url: one.url,
    status: fileStatus(one.status),
    build_id: one.resultId ?? null,
    artifact_id: artifact,
    diffoscope_log_id: one.hasReport ? artifact : null,
    attestation_log_id: hasAttestation(one) ? artifact : null,
    last_seen: naiveTime(one.lastSeenAt),
    seen_in_last_sync: one.seen,

    source_name: one.source,
    published_sha256: one.sha256 ?? null,
    rebuilt_sha256: one.rebuiltSha256 ?? null,
    exit_code: one.exitStatus ?? null,
    failure_category: failureCategory(one),
    worker_id: one.workerId ?? null,
    duration_ms: one.wallSeconds === undefined ? null : Math.round(one.wallSeconds * 1000),
    built_at: naiveTimeOrNull(one.builtAt),
    has_diffoscope: one.hasReport,
    has_attestation: hasAttestation(one),
  };
}

/** Why a build is not GOOD, in our words. */
function failureCategory(one: { verdict?: string; reason?: string }): string | null {
  if (one.verdict === undefined || one.verdict === 'reproducible') return null;
  return one.reason === undefined ? one.verdict : `${one.verdict}: ${one.reason}`;
}

/** A source package in version 1. */
export function sourceView(one: SourcePackage) {
  return {
    id: one.id,
    name: one.name,
    version: one.version,
    distribution: one.distribution,
    release: one.release ?? null,
    status: one.status ?? null,
    build_id: one.resultId ?? null,
    last_seen: naiveTime(one.lastSeenAt),
    seen_in_last_sync: one.seen,

    component: one.component ?? null,
  };
}

/** A build in version 1. */
export function buildView(one: Result) {
  return {
    id: one.id,
    name: one.source,
    version: one.version,
    distribution: one.distribution,
    release: one.release ?? null,
    architecture: one.architecture,
    backend: one.distribution,
    retries: one.retries,
    started_at: naiveTime(one.startedAt),
    built_at: naiveTime(one.builtAt),
    status: one.status,

    origin: one.origin,
    exit_code: one.exitStatus ?? null,
    failure_category: failureCategory(one),
    worker_id: one.workerId ?? null,
    duration_ms: one.wallSeconds === undefined ? null : Math.round(one.wallSeconds * 1000),
    change: one.change ?? null,
  };
}

/** One file of a build in version 1. */
export function artifactView(one: StoredArtifact) {
  return {
    id: one.id,
    name: one.name,
    has_diffoscope: one.report !== undefined,
    has_attestation: one.attestation !== undefined || one.checkedHere,
    status: one.status,

    build_id: one.resultId,
    version: one.version ?? null,
    architecture: one.architecture ?? null,
    file_name: one.fileName,
    published_sha256: one.published?.sha256 ?? null,
    rebuilt_sha256: one.rebuilt?.sha256 ?? null,
  };
}

/** A job in version 1. Where no .buildinfo is known a build begins at the file itself, as Arch's do. */
export function jobView(job: Job, input?: BuildInput) {
  return {
    id: job.id,
    name: job.source,
    version: job.version,
    distribution: job.distribution,
    release: job.release ?? null,
    architecture: job.architecture,
    backend: job.distribution,
    url: job.url ?? input?.files[0]?.url ?? '',
    next_retry: naiveTimeOrNull(job.notBefore),
    priority: job.priority,
    queued_at: naiveTime(job.queuedAt),
    started_at: naiveTimeOrNull(job.leasedAt),
  };
}

/** A worker, without its key. Version 0 called `address` `addr`, and its clients still do. */
export function workerView(worker: Worker, now: Date) {
  return {
    id: worker.id,
    name: worker.name,
    address: worker.address ?? '',
    status: worker.status || null,
    last_ping: naiveTime(worker.lastSeenAt),
    is_online: isOnline(worker, now),
  };
}

/** A worker in version 0, which only operators see. */
export function oldWorkerView(worker: Worker, now: Date) {
  const { is_online: online, ...view } = workerView(worker, now);
  return { ...view, key: worker.key, addr: view.address, online };
}

function isOnline(worker: Worker, now: Date): boolean {
  return worker.revokedAt === undefined && now.getTime() - Date.parse(worker.lastSeenAt) < ONLINE_MILLISECONDS;
}

/** A package in version 0. `suite` is the component and never null there. */
export function oldPackageView(one: BinaryPackage) {
  return {
    name: one.name,
    version: one.version,
    status: oldFileStatus(one.status),
    distro: one.distribution,
    suite: one.component ?? '',
    architecture: one.architecture,
    artifact_url: one.url,
    build_id: one.resultId ?? null,
    built_at: naiveTimeOrNull(one.builtAt),
    has_diffoscope: one.hasReport,
    has_attestation: hasAttestation(one),
  };
}

/** A job in version 0, with the group of files it has to give. */
export function oldJobView(job: Job, input: BuildInput | undefined) {
  const files = input?.files ?? [];
  return {
    id: job.id,
    pkgbase: {
      name: job.source,
      version: job.version,
      distro: job.distribution,
      suite: files[0]?.component ?? '',
      architecture: job.architecture,
      input_url: job.url ?? files[0]?.url ?? null,
      artifacts: files.map((file) => ({ name: file.name, version: file.version, url: file.url })),
    },
    version: job.version,
    queued_at: naiveTime(job.queuedAt),
    worker_id: job.workerId ?? null,
    started_at: naiveTimeOrNull(job.leasedAt),
    last_ping: naiveTimeOrNull(job.heartbeatAt),
  };
}
