import type { KeyAlgorithm, PublicKey } from '../public-key.ts';

/** What a key is for: statements are signed by one, the log's checkpoints by the other. */
export type KeyUse = 'statement' | 'log';

export const KEY_ALGORITHMS: Readonly<Record<KeyUse, KeyAlgorithm>> = {
  statement: 'ecdsa-p256-sha256',
  log: 'ed25519',
};

/** From when on, and until when, a key signed; ISO 8601 in UTC. Without an end it is the one that signs now. */
export type KeyLife = PublicKey & {
  readonly use: KeyUse;
  readonly validFrom: string;
  readonly validUntil?: string;
};
