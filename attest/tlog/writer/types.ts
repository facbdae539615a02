import type { Signer } from '../../signer.ts';
import type { SignedCheckpoint } from '../checkpoint.ts';
import type { LogProof } from '../entry.ts';
import type { VerifierKey } from '../note-key.ts';

/** Keeps every other process out of a log while work is done. */
export interface LogLock {
  /**
   * Waits for its turn, does the work alone, and lets the next in; so does the end of the process, however it comes.
   * Throws STORE_BUSY where the turn does not come.
   */
  hold<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type LogOptions = {
  /** The log's folder. What is below `tile/`, `checkpoint` and `log.vkey` is for everybody; `.writer/` is the writer's. */
  readonly folder: string;
  /** Ed25519. */
  readonly signer: Signer;
  /** Keys that signed before: SubjectPublicKeyInfo. A checkpoint of one of them is signed anew by the signer. */
  readonly formerKeys?: readonly Uint8Array[];
  readonly lock: LogLock;
  /** The log's name, a host's name that need not exist; undefined: as it is, or a name made of the key for a new log. */
  readonly origin?: string;
  /** What one batch may be: entries, and their bytes. */
  readonly batch?: { readonly entries: number; readonly bytes: number };
};

/** A checkpoint, and the hashes that prove that its tree begins with an earlier one. */
export type LogGrowth = { readonly signed: SignedCheckpoint; readonly proof: readonly Uint8Array[] };

/** A log that is open for writing. */
export type WritableLog = {
  readonly key: VerifierKey;
  /**
   * Appends an entry, and answers when it is on the disk and under a published checkpoint. One that is in the log already
   * is not appended again: its place is given. Throws REQUEST_TOO_LARGE, STORE_FAILED (a full disk), STORE_BUSY,
   * LOG_CORRUPT; after any of them the entry may be appended again.
   */
  readonly append: (entry: Uint8Array) => Promise<LogProof>;
  /** The proof of an entry by its index, under the newest checkpoint. Throws RESOURCE_UNKNOWN, LOG_CORRUPT. */
  readonly prove: (index: number) => Promise<LogProof>;
  readonly checkpoint: () => Promise<SignedCheckpoint>;
  /** The newest checkpoint, and what proves that its tree begins with the one of a smaller size. Throws RESOURCE_UNKNOWN. */
  readonly proveGrowth: (from: number) => Promise<LogGrowth>;
  /**
   * Adds witnesses' cosignatures of the newest checkpoint to it: those of the given keys, each once; other lines are passed
   * over. Throws LOG_SIGNATURE_INVALID where one is not over the newest checkpoint, or none is of these keys.
   */
  readonly addCosignatures: (lines: Uint8Array, witnesses: readonly VerifierKey[]) => Promise<SignedCheckpoint>;
  /** Ends what was asked for, and lets go of the log. */
  readonly close: () => Promise<void>;
};
