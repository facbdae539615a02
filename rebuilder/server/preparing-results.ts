import type { ResultStore } from '../store/results/types.ts';
import type { Pieces } from './pieces/index.ts';
import type { ServerLog } from './server-log.ts';

/**
 * A store of results that has what is large of each new one made ready to be read in pieces, so that whoever looks first
 * does not wait. Nobody waits for that here, and what fails fails again when it is looked at.
 */
export function preparingResults(results: ResultStore, pieces: Pieces, log: ServerLog): ResultStore {
  const prepare = async (id: number): Promise<void> => {
    const result = await results.result(id);
    const artifacts = await results.artifacts(id);
    for (const { difference, report } of artifacts) {
      if (difference !== undefined) await pieces.prepare(difference, 'tree');
      else if (report !== undefined) await pieces.prepare(report, 'text');
    }
    if (result?.record !== undefined) await pieces.prepare(result.record, 'record');
    if (result?.log !== undefined) await pieces.prepare(result.log.sha256, 'text');
  };
  return {
    ...results,
    record: async (job, entry, retry) => {
      const recorded = await results.record(job, entry, retry);
      if (recorded.kind === 'recorded')
        prepare(recorded.id).catch((error: unknown) =>
          log({ level: 'warn', message: 'making a result ready to be read failed', facts: { error: String(error) } }),
        );
      return recorded;
    },
  };
}
