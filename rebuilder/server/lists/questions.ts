import type { JobFilter } from '../../store/jobs/types.ts';
import type { ListFacts, PackageFilter } from '../../store/packages/types.ts';
import type { PageRequest } from '../../store/page.ts';
import type { ResultFilter } from '../../store/results/types.ts';

/** In whose words rows are told: ours, or rebuilderd's of version 1. */
export type Words = 'ours' | 'v1';

type Asked<Filter, Column extends string> = { readonly filter: Filter; readonly page: PageRequest<Column> };

/** A list, which part of it, and what was found out for it before. It can be sent to another thread. */
export type ListQuestion =
  | ({ readonly list: 'targets'; readonly facts: ListFacts } & Asked<
      PackageFilter,
      'id' | 'name' | 'version' | 'architecture' | 'status'
    >)
  | ({ readonly list: 'sources'; readonly facts: ListFacts } & Asked<
      PackageFilter,
      'id' | 'name' | 'version' | 'last_seen'
    >)
  | ({ readonly list: 'rebuilds'; readonly total: number } & Asked<ResultFilter, 'id' | 'built_at'>)
  | ({ readonly list: 'jobs' } & Asked<JobFilter, 'id' | 'priority' | 'queued_at'>);

/** How the rows are told: at most so many of them, where one more was asked for to see whether there is more. */
export type Telling = { readonly words: Words; readonly atMost?: number };

/** A part of a list. `rows`: their JSON, with commas between them. */
export type ListPart = {
  readonly total: number;
  readonly rows: Uint8Array<ArrayBuffer>;
  /** How many rows there were, told or not. */
  readonly count: number;
  /** The id of the last one that is told. */
  readonly last?: number;
};
