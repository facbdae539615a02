import type { Sha256 } from './digest.ts';

/** What was checked, and by what: one line each in the record. */
export type Verification =
  /** A Release file: fingerprints of the keys that made good signatures, and the dates it carries (ISO 8601). */
  | {
      readonly kind: 'release';
      readonly archive: string;
      readonly suite: string;
      readonly sha256: Sha256;
      readonly signedBy: readonly string[];
      readonly keyring: string;
      readonly date: string;
      readonly validUntil?: string;
      /** True when Valid-Until had passed and the user allowed it. */
      readonly expired: boolean;
    }
  /** An index, by the digest the Release file gives. */
  | {
      readonly kind: 'index';
      readonly archive: string;
      readonly suite: string;
      readonly path: string;
      readonly sha256: Sha256;
    }
  /** A signed document: its own signature, or why it could not be checked. */
  | {
      readonly kind: 'signature';
      readonly name: string;
      readonly result: 'good' | 'unchecked';
      readonly signedBy: readonly string[];
      readonly why: string;
    };
