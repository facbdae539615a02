import { beforeEach } from 'vitest';
import type { Database } from '../../rebuilder/store/database.ts';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import type { Ask, Capabilities, JobStore, LeasedJob } from '../../rebuilder/store/jobs/types.ts';
import { seedInput } from '../helpers/seed-inputs.ts';
import type { Clock, MadeDatabase } from './service-database.ts';

/** How long a lease is in these tests, in seconds. */
export const LEASE = 540;
export const any: Capabilities = { architectures: ['*'] };
export const manual = { kind: 'manual' } as const;
export const fresh = { kind: 'new' } as const;

/** A queue of a test's own, and what tests do with it over and over. */
export type JobsLab = {
  readonly database: Database;
  readonly reopen: () => Promise<Database>;
  readonly clock: Clock;
  readonly jobs: JobStore;
  readonly claim: (capabilities?: Capabilities, id?: number) => Promise<LeasedJob | undefined>;
  /** The same, where there has to be one. */
  readonly claimed: () => Promise<LeasedJob>;
  /** The sources of so many claims in a row; - for none. */
  readonly names: (count: number, capabilities?: Capabilities) => Promise<readonly string[]>;
  /** Queues an input of its own; a second passes. */
  readonly seedAndAsk: (source: string, ask?: Ask) => Promise<number>;
};

/** The lab of whichever test of the suite runs. */
export function jobsLab(make: () => Promise<MadeDatabase>): JobsLab {
  const lab = {} as JobsLab;
  beforeEach(async () => {
    const { database, reopen, clock } = await make();
    const jobs = createJobStore(database);
    const claim: JobsLab['claim'] = (capabilities = any, id = 1) => jobs.claim({ id, capabilities }, LEASE);
    Object.assign(lab, {
      database,
      reopen,
      clock,
      jobs,
      claim,
      claimed: async () => {
        const leased = await claim();
        if (leased === undefined) throw new Error('nothing was claimed');
        return leased;
      },
      names: async (count, capabilities) => {
        const list: string[] = [];
        for (let done = 0; done < count; done++) list.push((await claim(capabilities))?.input.source ?? '-');
        return list;
      },
      seedAndAsk: async (source, ask = fresh) => {
        const buildInputId = await seedInput(database, { source });
        await jobs.ask({ buildInputId }, ask);
        clock.pass(1);
        return buildInputId;
      },
    } satisfies JobsLab);
  });
  return lab;
}
