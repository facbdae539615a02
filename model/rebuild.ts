import type { FileDigest, Sha256 } from './digest.ts';

/** The limits a build can run into, named as in SandboxLimits. */
export type LimitName = 'wall-time' | 'memory' | 'processes' | 'disk' | 'log';

/** How one attempt at a plan ended. Only `built` may be compared: a build cut short leaves truncated files. */
export type BuildOutcome =
  | { readonly kind: 'built' }
  /** The package's own build ended with this status. */
  | {
      readonly kind: 'failed';
      readonly phase: 'unpack' | 'build';
      readonly exitStatus: number;
      readonly notes: readonly string[];
    }
  /** Stopped by a limit: says nothing about the package. `limit` is in seconds, bytes or processes. */
  | { readonly kind: 'exceeded'; readonly limit: LimitName; readonly value: number }
  /** The engine or this machine failed. `code` is an ErrorCode. */
  | { readonly kind: 'infrastructure'; readonly code: string; readonly message: string };

/** A finished attempt: what it was given beyond the plan, how it ended, what it left. */
export type RebuildAttempt = {
  /** first: as planned. control: the same with everything varied that a build must not depend on. */
  readonly kind: 'first' | 'control';
  readonly outcome: BuildOutcome;
  readonly artifacts: readonly FileDigest[];
  /** Compressed log in the blob store. `bytes` is its length before compression, after any cut. */
  readonly log: { readonly blob: Sha256; readonly bytes: number; readonly truncated: boolean };
  /** What a control rebuild varied, in words, such as "host name: reproof-control". Empty for the first. */
  readonly varied: readonly string[];
  readonly wallSeconds: number;
};
