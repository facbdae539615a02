import type { Generated } from 'kysely';

/** A machine or process that builds. `key` is its public key: base64 of 32 raw bytes of Ed25519. */
export type WorkerTable = {
  readonly id: Generated<number>;
  readonly name: string;
  readonly key: string;
  /** local, reproof or rebuilderd. */
  readonly kind: string;
  readonly address: string | null;
  readonly status: string | null;
  readonly registered_at: string;
  readonly last_seen_at: string;
  readonly revoked_at: string | null;
  /** Canonical JSON: what it can build. */
  readonly capabilities: string;
};

/** A token that opens what its role may do. Only its SHA-256 is kept. */
export type TokenTable = {
  readonly id: Generated<number>;
  readonly name: string;
  /** reader, worker, operator or admin. */
  readonly role: string;
  readonly hash: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
};

/** Who changed what, when. Append-only. `detail` is canonical JSON. */
export type AuditTable = {
  readonly id: Generated<number>;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
};

/** A signed request that was seen, so that it is not taken twice. Kept as long as its time would be accepted. */
export type NonceTable = { readonly worker_id: number; readonly nonce: string; readonly at: string };

export type WebhookTable = {
  readonly id: Generated<number>;
  readonly url: string;
  /** Signs what is sent. Kept as it is: it has to be used. */
  readonly secret: string;
  /** Canonical JSON: a list of event names. */
  readonly events: string;
  readonly created_at: string;
  readonly disabled_at: string | null;
  /** Results up to this one were looked at for it. */
  readonly last_result_id: number;
};

/** An event on its way to a webhook. */
export type DeliveryTable = {
  readonly id: Generated<number>;
  readonly webhook_id: number;
  readonly event: string;
  readonly result_id: number;
  readonly tries: number;
  readonly next_try_at: string | null;
  readonly delivered_at: string | null;
  readonly error: string | null;
};
