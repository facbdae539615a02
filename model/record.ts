import type { Difference } from './difference.ts';
import type { FileDigest, Sha256 } from './digest.ts';
import type { Basis } from './plan.ts';
import type { RebuildAttempt } from './rebuild.ts';
import type { Target, TargetRequest } from './target.ts';
import type { ArtifactVerdict, Verdict } from './verdict.ts';
import type { Verification } from './verification.ts';

/**
 * The stages of a rebuild, in the order they run. `control` runs only where a file differs. What follows `record` signs
 * and logs what the record says; it is no part of it.
 */
export const STAGES = [
  'source',
  'lock',
  'plan',
  'environment',
  'build',
  'compare',
  'control',
  'verdict',
  'record',
  'attest',
  'publish',
] as const;
export type StageName = (typeof STAGES)[number];

/** When a stage ran: ISO 8601 in UTC, and how long, in seconds. `resumed` when its result was there from an earlier run. */
export type StageTime = {
  readonly stage: StageName;
  readonly startedAt: string;
  readonly wallSeconds: number;
  readonly resumed: boolean;
};

/** The append-only record of a rebuild: what was asked, what was verified, in what environment, what came out and why. */
export type RebuildRecord = {
  readonly schema: 'reproof-record/1';
  readonly id: string;
  readonly request: TargetRequest;
  /** Only these binaries were judged; empty means all. */
  readonly only: readonly string[];
  readonly target?: Target;
  readonly basis?: Basis;
  readonly planDigest?: Sha256;
  /** Whether the plan has the package's own tests run. */
  readonly tests?: 'run' | 'left out';
  readonly environment?: {
    readonly lockDigest: Sha256;
    readonly rootfsDigest: Sha256;
    readonly packages: number;
    readonly reused: boolean;
  };
  readonly engine?: { readonly name: string; readonly version: string };
  readonly verified: readonly Verification[];
  readonly attempts: readonly RebuildAttempt[];
  readonly artifacts: readonly ArtifactVerdict[];
  /**
   * One tree for each artifact that differs, path = the artifact's name. Then one for each that two rebuilds did not
   * give alike, path = CONTROL_PAIR and the name: there `left` is the first rebuild and `right` the control.
   */
  readonly differences: readonly Difference[];
  readonly verdict: Verdict;
  readonly notes: readonly string[];
  readonly stages: readonly StageTime[];
  /** This product's version. */
  readonly reproof: string;
};

/** What the path of a tree begins with that compares the first rebuild with the control rebuild. */
export const CONTROL_PAIR = 'first rebuild and control: ';

/** The control rebuild's version of an artifact, where its bytes are not those of the first rebuild. */
export function controlFile(record: RebuildRecord, artifact: ArtifactVerdict): FileDigest | undefined {
  const control = record.attempts.find((attempt) => attempt.kind === 'control');
  const file = control?.artifacts.find((candidate) => candidate.name === artifact.name);
  const first = artifact.kind === 'missing' ? undefined : artifact.rebuilt;
  return file === undefined || file.sha256 === first?.sha256 ? undefined : file;
}

/** What a running rebuild tells whoever watches. */
export type ProgressEvent =
  | {
      readonly kind: 'stage';
      readonly stage: StageName;
      readonly state: 'started' | 'done' | 'resumed';
      readonly detail?: string;
      readonly wallSeconds?: number;
    }
  | {
      readonly kind: 'fetch';
      readonly files: number;
      readonly filesDone: number;
      readonly bytes: number;
      readonly bytesDone: number;
    }
  /** A line of the build's log, as the package wrote it: hostile text, to be escaped before it reaches a terminal. */
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'note'; readonly text: string };

export type Reporter = (event: ProgressEvent) => void;
