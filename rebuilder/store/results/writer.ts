import type { Database } from '../database.ts';
import { readResultOfJob } from './of-job.ts';
import { record } from './record.ts';
import { importResult, importResults } from './record-imported.ts';
import type { ResultStore } from './types.ts';

/** The half of the results that writes, over any dialect's database. */
export function resultWriter(
  database: Database,
): Pick<ResultStore, 'record' | 'importResult' | 'importResults' | 'resultOfJob'> {
  return {
    record: (job, entry, retry) => record(database, job, { entry, retry }),
    importResult: (buildInputId, entry) => importResult(database, buildInputId, entry),
    importResults: (imported) => importResults(database, imported),
    resultOfJob: (jobId) => readResultOfJob(database, jobId),
  };
}
