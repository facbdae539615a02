import type { BuildOutcome, FileDigest, RebuildPlan, Sha256 } from '../../model/index.ts';

/** What of a plan's settings a control rebuild changes: everything a build must not depend on. */
export type Variation = {
  readonly kind: 'first' | 'control';
  /** What was varied, in words for the record. */
  readonly varied: readonly string[];
};

/** Where a build's output goes and who watches. */
export type SandboxIo = {
  /** The engine's image of the plan's environment. */
  readonly imageId: string;
  /** Which rebuild it belongs to, for labels. */
  readonly rebuild: string;
  /** Reads a source file of the plan by its digest. */
  readonly openSource: (
    sha256: Sha256,
  ) => Promise<{ readonly size: number; readonly open: () => NodeJS.ReadableStream }>;
  /** Takes the log as the build writes it; called in order. Its promise is back-pressure. */
  readonly onLog: (chunk: Buffer) => Promise<void>;
  /** Stores one artifact's bytes; gives its digest. */
  readonly storeArtifact: (name: string, stream: AsyncIterable<Uint8Array>, maxBytes: number) => Promise<FileDigest>;
};

/** How a run ended and what it left; `artifacts` is empty unless the outcome is built. */
export type SandboxResult = {
  readonly outcome: BuildOutcome;
  readonly artifacts: readonly FileDigest[];
  readonly logTruncated: boolean;
};

/**
 * The only place that runs a package's build. A run has no network, no privileges and no host folder; it ends by itself
 * or at a limit; nothing of it stays on the machine. An abort ends it and throws INTERRUPTED.
 */
export interface Sandbox {
  readonly id: string;
  run(plan: RebuildPlan, io: SandboxIo, signal: AbortSignal): Promise<SandboxResult>;
}
