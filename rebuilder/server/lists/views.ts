import type { Job } from '../../store/jobs/types.ts';
import type { BinaryPackage, SourcePackage } from '../../store/packages/types.ts';
import type { Result } from '../../store/results/types.ts';

// Rows in our own words: of what is stored, what the schema of each list names, in its order; JSON leaves out what is
// undefined. They are written out, and not checked against the schema one by one: that costs more than reading them.

export function ourTarget(one: BinaryPackage) {
  return {
    id: one.id,
    name: one.name,
    version: one.version,
    architecture: one.architecture,
    component: one.component,
    url: one.url,
    fileName: one.fileName,
    sha256: one.sha256,
    size: one.size,
    source: one.source,
    sourceVersion: one.sourceVersion,
    sourcePackageId: one.sourcePackageId,
    buildInputId: one.buildInputId,
    distribution: one.distribution,
    release: one.release,
    lastSeenAt: one.lastSeenAt,
    seen: one.seen,
    status: one.status,
    verdict: one.verdict,
    reason: one.reason,
    resultId: one.resultId,
    artifactId: one.artifactId,
    builtAt: one.builtAt,
    rebuiltSha256: one.rebuiltSha256,
    hasReport: one.hasReport,
    hasAttestation: one.hasAttestation,
  };
}

export function ourSource(one: SourcePackage) {
  return {
    id: one.id,
    distribution: one.distribution,
    release: one.release,
    component: one.component,
    name: one.name,
    version: one.version,
    maintainer: one.maintainer,
    lastSeenAt: one.lastSeenAt,
    seen: one.seen,
    status: one.status,
    resultId: one.resultId,
  };
}

export function ourRebuild(one: Result) {
  return {
    id: one.id,
    buildInputId: one.buildInputId,
    source: one.source,
    version: one.version,
    distribution: one.distribution,
    release: one.release,
    architecture: one.architecture,
    origin: one.origin,
    rebuildId: one.rebuildId,
    workerId: one.workerId,
    startedAt: one.startedAt,
    builtAt: one.builtAt,
    status: one.status,
    verdict: one.verdict,
    reason: one.reason,
    detail: one.detail,
    decides: one.decides,
    change: one.change,
    retries: one.retries,
    exitStatus: one.exitStatus,
    wallSeconds: one.wallSeconds,
    memoryBytes: one.memoryBytes,
    diskBytes: one.diskBytes,
    log: one.log,
    record: one.record,
  };
}

export function ourJob(one: Job) {
  return {
    id: one.id,
    buildInputId: one.buildInputId,
    kind: one.kind,
    priority: one.priority,
    queuedAt: one.queuedAt,
    notBefore: one.notBefore,
    state: one.state,
    workerId: one.workerId,
    leasedAt: one.leasedAt,
    heartbeatAt: one.heartbeatAt,
    cancelRequested: one.cancelRequested,
    stage: one.stage,
    requestedBy: one.requestedBy,
    source: one.source,
    version: one.version,
    distribution: one.distribution,
    release: one.release,
    architecture: one.architecture,
  };
}
