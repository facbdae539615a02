import type { Database } from './database.ts';

/** What was read is told again as long as nothing in the database changed, where that is known at no cost. */
export function whileUnchanged<Value>(database: Database, read: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly state: string; readonly value: Promise<Value> } | undefined;
  return () => {
    // Looked at before reading: what changes meanwhile is another state.
    const state = database.state?.();
    if (state !== undefined && last?.state === state) return last.value;
    const value = read();
    if (state === undefined) return value;
    last = { state, value };
    value.catch(() => {
      if (last?.value === value) last = undefined;
    });
    return value;
  };
}
