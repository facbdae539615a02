import type { ReadingStore } from '../../store/index.ts';
import type { Page } from '../../store/page.ts';
import { binaryView, buildView, jobView, sourceView } from '../rebuilderd/views.ts';
import type { ListPart, ListQuestion, Telling } from './questions.ts';
import { ourJob, ourRebuild, ourSource, ourTarget } from './views.ts';

/** Reads a part of a list and tells it in JSON. */
export async function answerQuestion(store: ReadingStore, question: ListQuestion, telling: Telling): Promise<ListPart> {
  const { words } = telling;
  switch (question.list) {
    case 'targets': {
      const page = await store.packages.binaryPackages(question.filter, question.page, question.facts);
      return tellPart(page, telling, words === 'ours' ? ourTarget : binaryView);
    }
    case 'sources': {
      const page = await store.packages.sourcePackages(question.filter, question.page, question.facts);
      return tellPart(page, telling, words === 'ours' ? ourSource : sourceView);
    }
    case 'rebuilds': {
      const page = await store.results.results(question.filter, question.page, question.total);
      return tellPart(page, telling, words === 'ours' ? ourRebuild : buildView);
    }
    case 'jobs': {
      const page = await store.jobs.jobs(question.filter, question.page);
      return tellPart(page, telling, words === 'ours' ? ourJob : (job) => jobView(job));
    }
  }
}

/** Tells a part of a list in JSON, each row as `view` has it. */
export function tellPart<Row extends { readonly id: number }>(
  { total, records }: Page<Row>,
  { atMost = records.length }: Telling,
  view: (row: Row) => object,
): ListPart {
  const told = records.slice(0, atMost);
  const texts = told.map((row) => JSON.stringify(view(row)));
  return partOf(texts, { total, count: records.length, last: told.at(-1)?.id });
}

/** A part of the JSON of its rows. */
export function partOf(
  texts: readonly string[],
  part: { readonly total: number; readonly count: number; readonly last: number | undefined },
): ListPart {
  const { total, count, last } = part;
  // Bytes of its own: what is handed to another thread may not lie in memory that others share.
  return { total, rows: new TextEncoder().encode(texts.join(',')), count, ...(last === undefined ? {} : { last }) };
}
