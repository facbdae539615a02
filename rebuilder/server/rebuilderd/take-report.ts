import { ReproofError } from '../../../model/index.ts';
import type { Worker } from '../../store/access/types.ts';
import type { LeasedJob } from '../../store/jobs/types.ts';
import type { ListedFile } from '../../store/packages/types.ts';
import type { RetryPolicy } from '../../store/results/types.ts';
import type { ServerContext } from '../context.ts';
import { type Report, readReport } from './report.ts';

/** How many jobs that were given out are remembered, for reports of jobs that are gone. */
const REMEMBERED = 10_000;

type Given = {
  readonly buildInputId: number;
  readonly startedAt: string;
  readonly files: readonly ListedFile[];
};

/** Reports of workers, each for a job it was given. */
export type Reports = {
  /** Remembers what was given out. */
  readonly noteGiven: (worker: Worker, leased: LeasedJob) => void;
  /**
   * Records what a worker says of a job. A second time nothing changes. A job that was dropped while it was built still
   * gives its result, as history. Throws JOB_UNKNOWN for what this worker was never given, LEASE_LOST for what
   * is somebody else's by now, REQUEST_INVALID for a report that does not fit the job.
   */
  readonly take: (worker: Worker, jobId: number, report: Report) => Promise<void>;
};

export function createReports(context: ServerContext, retry: RetryPolicy): Reports {
  const { jobs, results, packages, access } = context.store;
  const given = new Map<string, Given>();
  const keyOf = (worker: Worker, jobId: number) => `${worker.id} ${jobId}`;
  const done = (worker: Worker) => access.seen(worker.id, '');

  const recordHeld = async (worker: Worker, jobId: number, report: Report): Promise<boolean> => {
    const lease = await jobs.leaseOf(jobId, worker.id);
    const job = lease === undefined ? undefined : await jobs.job(jobId);
    if (lease === undefined || job === undefined) return false;
    const input = await packages.buildInput(job.buildInputId);
    const entry = await readReport(
      report,
      {
        worker,
        startedAt: job.leasedAt ?? context.now().toISOString(),
        files: given.get(keyOf(worker, jobId))?.files ?? input?.files ?? [],
      },
      context,
    );
    const recorded = await results.record({ jobId, lease }, entry, retry);
    return recorded.kind !== 'lease lost';
  };

  return {
    noteGiven: (worker, { job, input }) => {
      const startedAt = job.leasedAt ?? context.now().toISOString();
      given.set(keyOf(worker, job.id), { buildInputId: job.buildInputId, startedAt, files: input.files });
      const [oldest] = given.keys();
      if (given.size > REMEMBERED && oldest !== undefined) given.delete(oldest);
    },
    take: async (worker, jobId, report) => {
      if (await recordHeld(worker, jobId, report)) {
        given.delete(keyOf(worker, jobId));
        return done(worker);
      }
      const earlier = await results.resultOfJob(jobId);
      if (earlier?.workerId === worker.id) return done(worker);
      const mine = given.get(keyOf(worker, jobId));
      if (mine === undefined)
        throw new ReproofError('JOB_UNKNOWN', 'taking a report: this worker was not given that job');
      if (earlier !== undefined || (await jobs.job(jobId)) !== undefined)
        throw new ReproofError('LEASE_LOST', 'taking a report: another worker has the job by now, or it ended');
      given.delete(keyOf(worker, jobId));
      const entry = await readReport(report, { ...mine, worker }, context);
      await results.importResult(mine.buildInputId, entry);
      return done(worker);
    },
  };
}
