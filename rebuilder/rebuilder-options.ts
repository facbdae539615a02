import type { RebuildRecord, Reporter, SandboxLimits, TargetRequest } from '../model/index.ts';
import type { EvidenceSettings } from './evidence/index.ts';
import type { Explainer } from './explain/index.ts';

/** Where things are and what a build may use. Paths are absolute; nothing here is read from the environment. */
export type RebuilderOptions = {
  /** Records, evidence and blobs; kept. */
  readonly dataFolder: string;
  /** Where the store is: postgres://…, or the data folder when not given. */
  readonly database?: string | undefined;
  /** Fetched files; may be deleted at any time nothing runs. */
  readonly cacheFolder: string;
  /** What statements and the log are signed with, and the log's name; undefined: all as the data folder has it. */
  readonly evidence?: EvidenceSettings;
  /** A socket's path, unix://, tcp://, http:// or https://. */
  readonly engine: string;
  /** The Debian archive's root; without it apt's own settings decide, else the snapshot service. */
  readonly mirror?: string | undefined;
  readonly securityMirror?: string | undefined;
  readonly aptFolder: string;
  /** Base address of the snapshot service. */
  readonly snapshot: string;
  readonly keyring: string;
  readonly components: readonly string[];
  /** undefined: as many as the engine has. */
  readonly cpus?: number | undefined;
  readonly limits: Omit<SandboxLimits, 'memoryBytes'> & {
    /** undefined: three quarters of the engine's memory. */ readonly memoryBytes?: number | undefined;
  };
  readonly fetch: { readonly concurrency: number; readonly stallSeconds: number; readonly tries: number };
  readonly proxy?: { readonly http?: string; readonly https?: string; readonly noProxy?: string } | undefined;
  /** How files are compared; in this process when not given. */
  readonly explain?: Explainer;
  /** The report of a record as text, for the folder of evidence. */
  readonly renderReport: (record: RebuildRecord) => string;
  /** This product's version, for the record. */
  readonly version: string;
};

/** What is asked of one rebuild. */
export type RebuildOrder = {
  readonly target: TargetRequest;
  readonly only: readonly string[];
  readonly nocheck: boolean;
  readonly control: boolean;
  readonly allowExpiredRelease: boolean;
};

/** An open rebuilder: rebuilds, and its store for reading. */
export interface Rebuilder {
  /** Rebuilds to a record. Throws INTERRUPTED when `signal` aborts; what was done is kept, to be resumed. */
  rebuild(order: RebuildOrder, watch: Watch): Promise<RebuildRecord>;
  /** Goes on with an unfinished rebuild; gives the record at once when it is finished. Throws RECORD_UNKNOWN. */
  resume(id: string, watch: Watch): Promise<RebuildRecord>;
  /** The same plan once more, from its lock. `source` is an id or a folder of evidence. Throws RECORD_UNKNOWN, PLAN_INVALID, ENVIRONMENT_MISMATCH. */
  replay(source: string, watch: Watch): Promise<RebuildRecord>;
  close(): Promise<void>;
}

export type Watch = { readonly report: Reporter; readonly signal: AbortSignal };
