import type { Database } from '../../rebuilder/store/database.ts';

/** A fresh, empty database whose clock only a test moves; `reopen` gives another connection to the same data. */
export type MadeDatabase = {
  readonly database: Database;
  readonly reopen: () => Promise<Database>;
  readonly clock: Clock;
};

export type Clock = { readonly now: () => Date; readonly pass: (seconds: number) => void };

/** A clock that stands still until it is moved. */
export function standingClock(): Clock {
  let milliseconds = Date.UTC(2026, 5, 1, 12);
  return {
    now: () => new Date(milliseconds),
    pass: (seconds) => {
      milliseconds += seconds * 1000;
    },
  };
}
