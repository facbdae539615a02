import type {
  Bundle,
  BundleLogEntry,
  Envelope,
  PublicKey,
  RebuildFacts,
  Signer,
  Statement,
} from '../../attest/index.ts';
import type { Sha256 } from '../../model/index.ts';

/** A statement and what it is called, which is the beginning of its files' names. */
export type NamedStatement = { readonly name: string; readonly statement: Statement };

/** A statement that is signed. `sha256` is of its bytes: the same rebuild gives the same, whichever key signs. */
export type SignedStatement = {
  readonly name: string;
  readonly predicateType: string;
  readonly subject: readonly { readonly name: string; readonly sha256: Sha256 }[];
  readonly sha256: Sha256;
};

/** What the stage `attest` gives. `unsigned` says why nothing is stated of published files, `failures` which SBOMs failed. */
export type Attested = {
  readonly statements: readonly SignedStatement[];
  readonly unsigned?: string;
  readonly failures?: readonly string[];
};

/** What the stage `publish` gives: where in the log each statement is. */
export type PublishedStatements = { readonly entries: readonly { readonly name: string; readonly logIndex: number }[] };

/** A statement as it is kept: signed, and in the log once it is published. */
export type KeptStatement = SignedStatement & {
  readonly keyid: string;
  readonly envelope: Envelope;
  readonly bundle?: Bundle;
};

/** Where statements are made public, for good. */
export interface StatementLog {
  /**
   * Logs an envelope that this key signed, and proves it. One that is logged already is not logged again. Throws LOG_*,
   * STORE_*; the same may be asked again then.
   */
  append(envelope: Envelope, key: PublicKey): Promise<BundleLogEntry>;
  close(): Promise<void>;
}

/** Signs what was found, keeps it, and publishes it. Everything here may be done again, and comes out as it was. */
export interface EvidenceKeeper {
  /** States what a rebuild found, and signs it. Throws KEY_*, STORE_*, PLAN_INVALID. */
  attest(facts: RebuildFacts): Promise<Attested>;
  /**
   * Signs and keeps statements under an owner's name; those that are there already stay as they are. `signer`: another
   * than the key that signs now.
   */
  keep(owner: string, statements: readonly NamedStatement[], signer?: Signer): Promise<readonly SignedStatement[]>;
  /** Logs an owner's statements that are not logged yet. Throws KEY_*, LOG_*, STORE_*. */
  publish(owner: string): Promise<PublishedStatements>;
  /** An owner's statements by name, their signatures checked; none where none are kept. */
  statements(owner: string): Promise<readonly KeptStatement[]>;
  has(owner: string): Promise<boolean>;
  close(): Promise<void>;
}
