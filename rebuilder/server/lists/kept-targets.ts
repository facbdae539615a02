import { setTimeout as sleep } from 'node:timers/promises';
import type { RowMark, TargetReader } from '../../store/index.ts';
import { binaryView } from '../rebuilderd/views.ts';
import { partOf } from './answer-question.ts';
import { KeptRows } from './kept-rows.ts';
import type { ListPart, ListQuestion, Telling, Words } from './questions.ts';
import { ourTarget } from './views.ts';

export type TargetQuestion = ListQuestion & { readonly list: 'targets' };

export type KeptTargets = {
  readonly answer: (question: TargetQuestion, telling: Telling) => Promise<ListPart>;
  /** Resolves once nothing more is told ahead: all rows are kept, no more may be, or they could not be read. */
  readonly toldAhead: () => Promise<void>;
};

type KeepOptions = { readonly mostCharacters?: number; readonly beforeMilliseconds?: number };

/** Of JSON, mostly a byte each: 70,000 rows in both words are some 105 million. */
const MOST_CHARACTERS = 128 * 1024 ** 2;
const ROWS_AT_ONCE = 250;
/** Few, as a question may have to wait for them: about a millisecond. */
const ROWS_AHEAD = 100;
/** After a start and a sync all that is kept is read anew, which is let by; and others want the processor in between. */
const BEFORE_MILLISECONDS = 2_000;
const BETWEEN_MILLISECONDS = 5;
const VIEWS = { ours: ourTarget, v1: binaryView } as const;
const WORDS = ['ours', 'v1'] as const;

/**
 * Parts of lists of published files whose rows are told once and kept until they change: of a page of a thousand, reading
 * and telling is nearly all. Questions are answered one after the other. With the first one after a start or a sync, and
 * then between questions, all rows are told ahead: a page of which none was told takes three times as long.
 */
export function keepTargets(
  reader: TargetReader,
  { mostCharacters = MOST_CHARACTERS, beforeMilliseconds = BEFORE_MILLISECONDS }: KeepOptions = {},
): KeptTargets {
  const kept = new KeptRows(mostCharacters);
  let mark: RowMark | undefined;
  /** Up to which id rows were told ahead, and who does it. */
  let aheadTo = 0;
  let going: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  /** Whoever asked for what went before was told what failed. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.catch(() => {}).then(work);
    last = mine;
    return mine;
  };
  const refresh = async (): Promise<void> => {
    const { mark: now, changed } = await reader.changedSince(mark);
    mark = now;
    if (changed !== 'any') {
      for (const id of changed) kept.forget(id);
      return;
    }
    kept.clear();
    aheadTo = 0;
    going ??= goAhead().finally(() => {
      going = undefined;
    });
  };
  const goAhead = async (): Promise<void> => {
    await sleep(beforeMilliseconds);
    while (await inTurn(tellAhead).catch(() => false)) await sleep(BETWEEN_MILLISECONDS);
  };
  /** Tells the rows that follow, and says whether there may be more to tell. */
  const tellAhead = async (): Promise<boolean> => {
    const rows = await reader.following(aheadTo, ROWS_AHEAD);
    aheadTo = rows.at(-1)?.id ?? aheadTo;
    const roomForAll = rows.every((row) =>
      WORDS.every((words) => kept.keep(words, row.id, JSON.stringify(VIEWS[words](row)))),
    );
    return roomForAll && rows.length === ROWS_AHEAD;
  };
  /** Rows of these ids in their order, those read now and those kept. */
  const rowsOf = async (ids: readonly number[], words: Words): Promise<readonly string[]> => {
    const read = new Map<number, string>();
    const missing = ids.filter((id) => kept.of(words, id) === undefined);
    for (let at = 0; at < missing.length; at += ROWS_AT_ONCE)
      for (const row of await reader.of(missing.slice(at, at + ROWS_AT_ONCE))) {
        const text = JSON.stringify(VIEWS[words](row));
        read.set(row.id, text);
        kept.keep(words, row.id, text);
      }
    return ids.map((id) => read.get(id) ?? kept.of(words, id)).filter((text) => text !== undefined);
  };
  const answer = async (question: TargetQuestion, { words, atMost }: Telling): Promise<ListPart> => {
    await refresh();
    const ids = await reader.ids(question);
    const told = atMost === undefined ? ids : ids.slice(0, atMost);
    return partOf(await rowsOf(told, words), { total: question.facts.total, count: ids.length, last: told.at(-1) });
  };
  return {
    answer: (question, telling) => inTurn(() => answer(question, telling)),
    toldAhead: async () => {
      await last.catch(() => {});
      await going;
    },
  };
}
