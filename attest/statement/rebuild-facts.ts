import {
  canonicalJson,
  type FileDigest,
  type Published,
  type PublishedArtifact,
  planDigest,
  type RebuildPlan,
  type RebuildRecord,
  ReproofError,
  sha256Of,
} from '../../model/index.ts';
import type { ResourceDescriptor } from './types.ts';

/**
 * What statements about a rebuild are made from: its record; its plan, where it came to one; what was looked up, where
 * it did not. Nothing else goes in, so the same rebuild gives the same bytes anywhere and at any time.
 */
export type RebuildFacts = {
  readonly record: RebuildRecord;
  readonly plan?: RebuildPlan;
  readonly published?: Published;
};

/** The same facts, where the plan is the record's own. Throws PLAN_INVALID where it is another. */
export function checkFacts(facts: RebuildFacts): RebuildFacts {
  const { record, plan } = facts;
  if (plan === undefined || planDigest(plan) === record.planDigest) return facts;
  throw new ReproofError('PLAN_INVALID', `stating what rebuild ${record.id} found: its plan is not the one it names`);
}

/** The published files that a rebuild was about, by name; `only` leaves out the others. */
export function publishedFiles({ record, plan, published }: RebuildFacts): readonly PublishedArtifact[] {
  const files = plan?.expected ?? published?.artifacts ?? [];
  const { only } = record;
  return files
    .filter((file) => only.length === 0 || only.includes(file.name) || only.includes(file.name.split('_', 1)[0] ?? ''))
    .toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

/** When a rebuild's first stage began and its last one before the record ended: ISO 8601 in UTC. */
export function timesOf(record: RebuildRecord): { readonly startedOn?: string; readonly finishedOn?: string } {
  const first = record.stages[0];
  const last = record.stages.at(-1);
  if (first === undefined || last === undefined) return {};
  const finished = new Date(Date.parse(last.startedAt) + Math.round(last.wallSeconds * 1000));
  return { startedOn: first.startedAt, finishedOn: finished.toISOString() };
}

/** A file by content. */
export function fileDescriptor({ name, sha256 }: Pick<FileDigest, 'name' | 'sha256'>): ResourceDescriptor {
  return { name, digest: { sha256 } };
}

/** A value of ours by the digest of its canonical JSON. */
export function jsonDescriptor(name: string, value: unknown): ResourceDescriptor {
  return { name, mediaType: 'application/json', digest: { sha256: sha256Of(canonicalJson(value)) } };
}

/** The compressed logs of a rebuild's attempts, named as in its folder of evidence. */
export function logDescriptors(record: RebuildRecord): readonly ResourceDescriptor[] {
  return record.attempts.map(({ kind, log }) => ({
    name: kind === 'first' ? 'build.log.gz' : 'control.log.gz',
    mediaType: 'application/gzip',
    digest: { sha256: log.blob },
    ...(log.truncated ? { annotations: { truncated: true } } : {}),
  }));
}
