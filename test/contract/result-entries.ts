import type { ResultArtifact, ResultEntry, RetryPolicy } from '../../rebuilder/store/results/types.ts';
import { seededSha256 } from '../helpers/seed-inputs.ts';

/** A result of nothing in particular: reproducible, with no files. */
export function entryOf(changes: Partial<ResultEntry> = {}): ResultEntry {
  return {
    origin: 'ours',
    startedAt: '2026-06-01T11:00:00.000Z',
    builtAt: '2026-06-01T11:30:00.000Z',
    status: 'GOOD',
    verdict: 'reproducible',
    decides: true,
    artifacts: [],
    ...changes,
  };
}

/** Nothing is tried again. */
export const noRetry: RetryPolicy = {
  baseHours: 24,
  limits: { buildFailures: 0, ourFailures: 0, differing: 0 },
};

/** A file of a seeded input (version 2.10-3, amd64) that came out. */
export function artifactOf(name: string, changes: Partial<ResultArtifact> = {}): ResultArtifact {
  const fileName = `${name}_2.10-3_amd64.deb`;
  const file = { sha256: seededSha256(fileName), size: 1000 };
  return {
    name,
    version: '2.10-3',
    architecture: 'amd64',
    fileName,
    verdict: 'identical',
    status: 'GOOD',
    published: file,
    rebuilt: file,
    checkedHere: true,
    ...changes,
  };
}
