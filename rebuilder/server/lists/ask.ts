import type { ServiceStore } from '../../store/index.ts';
import type { JobFilter } from '../../store/jobs/types.ts';
import type { PackageFilter } from '../../store/packages/types.ts';
import type { PageRequest } from '../../store/page.ts';
import type { ResultFilter } from '../../store/results/types.ts';
import type { Lists } from './open-lists.ts';
import type { ListPart, Telling } from './questions.ts';

/** What asks for a part of one list, as it is filtered. */
export type AskPart<Column extends string> = (page: PageRequest<Column>, telling: Telling) => Promise<ListPart>;

type Place = { readonly store: ServiceStore; readonly lists: Lists };

export function askTargets(
  { store, lists }: Place,
  filter: PackageFilter,
): AskPart<'id' | 'name' | 'version' | 'architecture' | 'status'> {
  return async (page, telling) =>
    lists.ask({ list: 'targets', filter, page, facts: await store.packages.listFacts('binaries', filter) }, telling);
}

export function askSources(
  { store, lists }: Place,
  filter: PackageFilter,
): AskPart<'id' | 'name' | 'version' | 'last_seen'> {
  return async (page, telling) =>
    lists.ask({ list: 'sources', filter, page, facts: await store.packages.listFacts('sources', filter) }, telling);
}

export function askRebuilds({ store, lists }: Place, filter: ResultFilter): AskPart<'id' | 'built_at'> {
  return async (page, telling) =>
    lists.ask({ list: 'rebuilds', filter, page, total: await store.results.countResults(filter) }, telling);
}

export function askJobs({ lists }: Place, filter: JobFilter): AskPart<'id' | 'priority' | 'queued_at'> {
  return (page, telling) => lists.ask({ list: 'jobs', filter, page }, telling);
}
