import type { LockedPackage, RemoteFile, Reporter, Sha256 } from '../../model/index.ts';
import type { Engine } from '../engine/client.ts';
import type { Fetcher } from '../fetch/types.ts';

/** What was made from a lock on an engine. `generated` are the files installation scripts made, as "SHA-256  PATH" lines. */
export type KnownEnvironment = { readonly imageId: string; readonly rootfsDigest: Sha256 };

/** Memory of made environments and of resolved locks: a cache, except that every root file system digest ever seen for a lock is kept. */
export interface EnvironmentMemory {
  environment(lockDigest: Sha256, engineId: string): Promise<KnownEnvironment | undefined>;
  saveEnvironment(
    made: KnownEnvironment & {
      readonly lockDigest: Sha256;
      readonly engineId: string;
      readonly bytes: number;
      readonly generated: string;
    },
  ): Promise<void>;
  /** Every digest seen for this lock, with the generated files of each, oldest first. */
  rootfsHistory(lockDigest: Sha256): Promise<readonly { readonly rootfsDigest: Sha256; readonly generated: string }[]>;
  memo(kind: string, key: Sha256): Promise<unknown>;
  remember(kind: string, key: Sha256, value: unknown): Promise<void>;
}

/** What making an environment works with. */
export type EnvironmentContext = {
  readonly engine: Engine;
  readonly fetcher: Fetcher;
  readonly memory: EnvironmentMemory;
  /** Identifies the data folder (see Ownership). */
  readonly store: string;
  /** The addresses a file of this origin can be had from. */
  readonly addresses: (origin: LockedPackage['origin']) => RemoteFile['urls'];
  readonly report: Reporter;
  readonly signal: AbortSignal;
};
