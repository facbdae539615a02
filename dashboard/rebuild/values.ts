import type { RebuildRecord } from '../../model/index.ts';

/** What a rebuild ended in, as the API tells it. */
export type ShownResult = {
  readonly id: number;
  readonly source: string;
  readonly version: string;
  readonly distribution: string;
  readonly release?: string | undefined;
  readonly architecture: string;
  readonly origin: 'ours' | 'rebuilderd' | 'imported';
  readonly rebuildId?: string | undefined;
  readonly workerId?: number | undefined;
  readonly startedAt: string;
  readonly builtAt: string;
  readonly status: 'GOOD' | 'BAD' | 'FAIL' | 'UNKWN';
  readonly verdict: string;
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
  readonly decides: boolean;
  readonly change?: string | undefined;
  readonly exitStatus?: number | undefined;
  readonly wallSeconds?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly diskBytes?: number | undefined;
  readonly log?: { readonly bytes: number; readonly truncated: boolean } | undefined;
  readonly record?: string | undefined;
};

type FileOf = { readonly sha256: string; readonly size: number };

/** A file of a rebuild, as the API tells it. */
export type ShownFile = {
  readonly id: number;
  readonly fileName: string;
  readonly verdict: 'identical' | 'differs' | 'missing' | 'extra' | 'unknown';
  readonly published?: FileOf | undefined;
  readonly rebuilt?: FileOf | undefined;
  readonly report?: string | undefined;
  readonly attestation?: string | undefined;
  readonly checkedHere: boolean;
};

/** A package of the environment that was another than the .buildinfo names, or that one side alone has. */
export type Drift = {
  readonly changes: readonly { readonly name: string; readonly theirs?: string; readonly ours?: string }[];
  readonly same: number;
  /** worker: a worker elsewhere said so of its build. */
  readonly by: 'here' | 'worker';
};

export type RebuildValues = {
  readonly result: ShownResult;
  readonly files: readonly ShownFile[];
  /** Without its trees; undefined where there is none that can be read. */
  readonly record?: RebuildRecord;
  readonly trees: readonly { readonly tree: string; readonly fileName: string; readonly between: string }[];
  readonly drift?: Drift;
  /** What of its signed evidence this service gives. */
  readonly signed: { readonly statements: boolean; readonly pack: boolean };
};
