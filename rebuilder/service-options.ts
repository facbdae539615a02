import type { EvidenceSettings } from './evidence/index.ts';
import type { Executor, Reverification } from './queue/index.ts';
import type { RebuilderOptions } from './rebuilder-options.ts';
import type { RouteGroup, ServerOptions } from './server/index.ts';
import type { RetentionRules } from './store/index.ts';
import type { RetryPolicy } from './store/results/types.ts';
import type { ScheduledProfile, SyncProfile, SyncTask } from './sync/index.ts';

/** What a service is made with. */
export type ServiceOptions = {
  readonly dataFolder: string;
  /** The data folder, or postgres://…. */
  readonly database: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly server: Pick<
    ServerOptions,
    'basePath' | 'publicUrl' | 'publicReading' | 'trustedProxies' | 'tls' | 'limits' | 'log' | 'now' | 'version'
  >;
  /** What rebuilderd's workers register with. Undefined: none can. */
  readonly signupSecret?: string;
  /** Routes beside our own API and rebuilderd's: those of workers. */
  readonly groups?: readonly RouteGroup[];
  /** Builds at a time in this process; 0: none, and no engine is needed. */
  readonly workers: number;
  readonly rebuilder: RebuilderOptions;
  /** What statements and the log are signed with, and the log's name; undefined: all as the data folder has it. */
  readonly evidence?: EvidenceSettings;
  /** What runs jobs here, instead of the rebuilder. */
  readonly executor?: Executor;
  readonly profiles: readonly ScheduledProfile[];
  readonly syncTask: (profile: SyncProfile) => SyncTask;
  readonly reverify?: Reverification;
  readonly retry: RetryPolicy;
  /** What is deleted once a day. Undefined: nothing. */
  readonly retention?: RetentionRules;
  /** How long the leases of builds in this process last after each heartbeat, and how often leases that ended are looked for. */
  readonly leases?: { readonly seconds: number; readonly heartbeatSeconds: number; readonly reapSeconds: number };
  /** How long builds may go on when the service stops, before they are handed back. */
  readonly graceSeconds: number;
  /** Whether webhooks may be addresses of this machine and its own network. */
  readonly webhooksToOwnNetworks: boolean;
};
