import { setTimeout as pause } from 'node:timers/promises';
import { isReproofError, ReproofError } from '../../model/index.ts';

export type Patience = {
  /** Milliseconds before the second try; they double with each. */
  readonly firstMillis: number;
  readonly longestMillis: number;
};
export const PATIENCE: Patience = { firstMillis: 500, longestMillis: 60_000 };

/**
 * Tries until it succeeds or fails with what does not pass, which is thrown. `onFailure` is told of each failure that passes.
 * Waits at random up to the limit of each try, so that many workers do not come back at once. Throws INTERRUPTED when
 * the signal comes first.
 */
export async function persist<T>(
  options: {
    readonly doing: string;
    readonly patience: Patience;
    readonly signal: AbortSignal;
    readonly onFailure: (error: ReproofError) => void;
  },
  attempt: () => Promise<T>,
): Promise<T> {
  const { firstMillis, longestMillis } = options.patience;
  for (let done = 0; ; done++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isReproofError(error) || error.context.passes !== true) throw error;
      options.onFailure(error);
      const limit = Math.min(firstMillis * 2 ** Math.min(done, 20), longestMillis);
      const asked = error.context.retryAfterMillis;
      const millis = typeof asked === 'number' ? Math.min(asked, longestMillis) : 0;
      await pause(millis + limit * (0.5 + Math.random() / 2), undefined, { signal: options.signal }).catch((cause) => {
        throw new ReproofError('INTERRUPTED', `${options.doing}: interrupted`, { cause });
      });
    }
  }
}
