import type { BuildInput } from '../packages/types.ts';
import type { OriginFilter, Page, PageRequest, Status } from '../page.ts';

export const JOB_KINDS = ['manual', 'new', 'retry', 'reverify'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** Lower is sooner. Those of rebuilderd, which its clients send and show. */
export const PRIORITY = { manual: 0, new: 1, retry: 2, reverify: 3 } as const satisfies Record<JobKind, number>;

export type Job = {
  readonly id: number;
  readonly buildInputId: number;
  readonly kind: JobKind;
  readonly priority: number;
  readonly queuedAt: string;
  readonly notBefore?: string;
  readonly state: 'queued' | 'leased';
  readonly workerId?: number;
  readonly leasedAt?: string;
  readonly heartbeatAt?: string;
  readonly expiresAt?: string;
  readonly cancelRequested: boolean;
  readonly stage?: string;
  readonly requestedBy?: string;
  /** Of its input, for lists. */
  readonly source: string;
  readonly version: string;
  readonly distribution: string;
  readonly release?: string;
  readonly architecture: string;
  readonly url?: string;
};

export type JobFilter = OriginFilter & {
  readonly id?: number;
  /** A source's name, or a binary's. */
  readonly name?: string;
  readonly version?: string;
  readonly kind?: JobKind;
  readonly state?: 'queued' | 'leased';
  readonly workerId?: number;
};

/** Which inputs to queue. Without a version only what a profile lists now. */
export type AskFilter = OriginFilter & {
  readonly buildInputId?: number;
  readonly name?: string;
  readonly version?: string;
  /** Of the latest deciding result. */
  readonly status?: Status | 'none';
  /** Only inputs whose deciding result is from before: ISO 8601, UTC. The oldest first. */
  readonly decidedBefore?: string;
  /** At most so many. */
  readonly limit?: number;
};

export type Ask = {
  readonly kind: JobKind;
  readonly priority?: number;
  readonly requestedBy?: string;
  readonly notBefore?: string;
};

/** What a worker can build. */
export type Capabilities = {
  /** dpkg's names; `all` among them where it builds packages for every architecture; `*` any. */
  readonly architectures: readonly string[];
  /** Distributions it knows how to build; undefined: any. */
  readonly distributions?: readonly string[];
  /** Most that a build may use; undefined: any. */
  readonly memoryBytes?: number;
  readonly diskBytes?: number;
};

/** A job that is somebody's until `expiresAt`. Every later call has to name the lease. */
export type LeasedJob = {
  readonly job: Job;
  readonly lease: number;
  readonly expiresAt: string;
  readonly input: BuildInput;
};

/** What the holder of a lease is told: go on, stop the build, or that the job is somebody else's now. */
export type Heartbeat = 'kept' | 'cancelled' | 'lost';

export type QueueState = { readonly paused: boolean; readonly draining: boolean };
export type QueueCounts = { readonly running: number; readonly available: number; readonly pending: number };

/**
 * The queue. Durable; leases end by themselves; of two holders only the later one's lease counts.
 * Every implementation passes test/contract/jobs.ts.
 */
export interface JobStore {
  /**
   * Queues what matches, once each; a job that is there already takes the sooner priority and loses its waiting time
   * (reverify leaves it as it is). How many jobs it touched.
   */
  ask(filter: AskFilter, ask: Ask): Promise<number>;
  /** Leases the job that is next for this worker, or none. Order: priority, then releases in turn, then what waits longest. None while paused or draining. */
  claim(
    worker: { readonly id: number; readonly capabilities: Capabilities },
    leaseSeconds: number,
  ): Promise<LeasedJob | undefined>;
  /** Keeps a lease, and notes the stage. */
  heartbeat(
    jobId: number,
    lease: number,
    options: { readonly leaseSeconds: number; readonly stage?: string },
  ): Promise<Heartbeat>;
  /** The lease under which this worker holds a job now: for workers whose protocol knows jobs alone. */
  leaseOf(jobId: number, workerId: number): Promise<number | undefined>;
  /** Puts a leased job back as it was, to be begun at once or not before a time. False when the lease is lost. */
  giveBack(jobId: number, lease: number, notBefore?: string): Promise<boolean>;
  /** Puts jobs whose lease ended back into the queue. How many. */
  reap(): Promise<number>;
  /** Queued jobs leave the queue, running ones are told to stop and leave it when they have. How many. */
  cancel(filter: JobFilter): Promise<number>;
  setPriority(filter: JobFilter, priority: number): Promise<number>;
  jobs(filter: JobFilter, page: PageRequest<'id' | 'priority' | 'queued_at'>): Promise<Page<Job>>;
  job(id: number): Promise<Job | undefined>;
  counts(filter: OriginFilter): Promise<QueueCounts>;
  state(): Promise<QueueState>;
  setState(state: Partial<QueueState>): Promise<void>;
}
