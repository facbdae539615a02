import type { RebuildRecord, Target } from '../../model/index.ts';
import type { RebuildRequest } from '../../rebuilder/store/index.ts';

/** What `reproof rebuild less` asks. */
export const sampleRequest: RebuildRequest = {
  target: { kind: 'name', ecosystem: 'debian', name: 'less', suite: 'trixie' },
  only: [],
  nocheck: false,
  control: true,
  allowExpiredRelease: false,
};

export const sampleTarget: Target = {
  ecosystem: 'debian',
  source: 'less',
  version: '668-1',
  architecture: 'amd64',
  suite: 'trixie',
};

const digest = (digit: string): string => digit.repeat(64);

/** A small finished rebuild, all of whose values are made up. */
export function sampleRecord(id: string, changes: Partial<RebuildRecord> = {}): RebuildRecord {
  return {
    schema: 'reproof-record/1',
    id,
    request: sampleRequest.target,
    only: [],
    target: sampleTarget,
    basis: 'inferred',
    tests: 'run',
    planDigest: digest('1'),
    environment: { lockDigest: digest('2'), rootfsDigest: digest('3'), packages: 172, reused: false },
    engine: { name: 'docker', version: '20.10.24' },
    verified: [],
    attempts: [
      {
        kind: 'first',
        outcome: { kind: 'built' },
        artifacts: [{ name: 'less_668-1_amd64.deb', size: 161200, sha256: digest('4') }],
        log: { blob: digest('5'), bytes: 40210, truncated: false },
        varied: [],
        wallSeconds: 31.25,
      },
    ],
    artifacts: [
      {
        kind: 'identical',
        name: 'less_668-1_amd64.deb',
        published: { name: 'less_668-1_amd64.deb', size: 161200, sha256: digest('4') },
        rebuilt: { name: 'less_668-1_amd64.deb', size: 161200, sha256: digest('4') },
      },
    ],
    differences: [],
    verdict: { kind: 'reproducible', detail: 'The one published file came out byte for byte.' },
    notes: [],
    stages: [{ stage: 'source', startedAt: '2026-01-02T03:04:05.000Z', wallSeconds: 1.5, resumed: false }],
    reproof: '0.1.0',
    ...changes,
  };
}
