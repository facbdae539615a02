import type { Capabilities } from '../jobs/types.ts';
import type { Page, PageRequest } from '../page.ts';

export const ROLES = ['reader', 'worker', 'operator', 'admin'] as const;
/** Each may do what those before it may. */
export type Role = (typeof ROLES)[number];

export type Token = {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
};

export type Worker = {
  readonly id: number;
  readonly name: string;
  readonly key: string;
  readonly kind: 'local' | 'reproof' | 'rebuilderd';
  readonly address?: string;
  readonly status?: string;
  readonly registeredAt: string;
  readonly lastSeenAt: string;
  readonly revokedAt?: string;
  readonly capabilities: Capabilities;
};

export type AuditEntry = {
  readonly id: number;
  readonly at: string;
  /** token:NAME, worker:ID, local or schedule. */
  readonly actor: string;
  /** Such as queue.cancel. */
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
};

export type Webhook = {
  readonly id: number;
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
  readonly createdAt: string;
  readonly disabledAt?: string;
  /** Results up to this one were looked at for it. */
  readonly lastResultId: number;
};

/** An event on its way to a webhook, or there. */
export type Delivery = {
  readonly id: number;
  readonly webhookId: number;
  readonly event: string;
  readonly resultId: number;
  readonly tries: number;
  /** Undefined once it arrived or was given up. */
  readonly nextTryAt?: string;
  readonly deliveredAt?: string;
  readonly error?: string;
};

/** Who may do what. Every implementation passes test/contract/access.ts. */
export interface AccessStore {
  /** Gives the token's text once; it is 32 random bytes in base64url after `reproof_`. */
  createToken(token: {
    readonly name: string;
    readonly role: Role;
    readonly expiresAt?: string;
  }): Promise<{ readonly token: Token; readonly secret: string }>;
  /** The token whose text this is, unless it ended. Compared by digest, in constant time. */
  token(secret: string): Promise<Token | undefined>;
  tokens(): Promise<readonly Token[]>;
  revokeToken(id: number): Promise<boolean>;

  /**
   * The worker of a key, made when it is not there; its name, address and capabilities are brought up to date. One that
   * was revoked stays so. `letInBy` is the actor who let it in, whom the audit log has with it where its key is new.
   * Throws ACCESS_DENIED where the key is that of a worker of another kind.
   */
  registerWorker(
    worker: Pick<Worker, 'name' | 'key' | 'kind' | 'capabilities'> & {
      readonly address?: string;
      readonly letInBy?: string;
    },
  ): Promise<Worker>;
  workerByKey(key: string): Promise<Worker | undefined>;
  worker(id: number): Promise<Worker | undefined>;
  workers(page: PageRequest<'id' | 'name'>): Promise<Page<Worker>>;
  /** Notes that a worker was heard of. */
  seen(id: number, status?: string): Promise<void>;
  revokeWorker(id: number): Promise<boolean>;
  /** True the first time only. Nonces older than `keepSeconds` are forgotten. */
  takeNonce(workerId: number, nonce: string, keepSeconds: number): Promise<boolean>;

  /** Notes who did what. Nothing changes or removes it. */
  audit(entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void>;
  auditLog(page: PageRequest<'id'>): Promise<Page<AuditEntry>>;

  /** `lastResultId`: the newest result there is, for only later ones are told. */
  createWebhook(webhook: Pick<Webhook, 'url' | 'secret' | 'events' | 'lastResultId'>): Promise<Webhook>;
  webhooks(): Promise<readonly Webhook[]>;
  /** Removes it and what was on its way to it. */
  removeWebhook(id: number): Promise<boolean>;
  /** Puts events on their way, each once however often it is put, and notes how far results were looked at. */
  putDeliveries(
    webhookId: number,
    events: readonly { readonly event: string; readonly resultId: number }[],
    lastResultId: number,
  ): Promise<void>;
  /** Takes up to `limit` that are due; nobody else takes them for `holdSeconds`. */
  takeDeliveries(limit: number, holdSeconds: number): Promise<readonly Delivery[]>;
  /** How a taken one ended. Failed without `nextTryAt`: it is given up. */
  deliveryEnded(
    id: number,
    outcome:
      | { readonly kind: 'delivered' }
      | { readonly kind: 'failed'; readonly error: string; readonly nextTryAt?: string },
  ): Promise<void>;
  deliveries(webhookId: number, page: PageRequest<'id'>): Promise<Page<Delivery>>;
}
