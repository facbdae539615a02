import type { RowMark, TargetReader } from '../../store/index.ts';
import { binaryView } from '../rebuilderd/views.ts';
import { partOf } from './answer-question.ts';
import type { ListPart, ListQuestion, Telling, Words } from './questions.ts';
import { ourTarget } from './views.ts';

export type TargetQuestion = ListQuestion & { readonly list: 'targets' };
export type KeptTargets = (question: TargetQuestion, telling: Telling) => Promise<ListPart>;

/** Of JSON, mostly a byte each: 70,000 rows in both words are some 60 million. */
const MOST_CHARACTERS = 64 * 1024 ** 2;
const ROWS_AT_ONCE = 250;
const VIEWS = { ours: ourTarget, v1: binaryView } as const;

/**
 * Parts of lists of published files whose rows are told once and kept until they change: of a page of a thousand, reading
 * and telling is nearly all. Questions are answered one after the other.
 */
export function keepTargets(reader: TargetReader, mostCharacters = MOST_CHARACTERS): KeptTargets {
  const kept: Readonly<Record<Words, Map<number, string>>> = { ours: new Map(), v1: new Map() };
  let characters = 0;
  let mark: RowMark | undefined;
  const clear = (): void => {
    for (const rows of Object.values(kept)) rows.clear();
    characters = 0;
  };
  const forget = (id: number): void => {
    for (const rows of Object.values(kept)) {
      characters -= rows.get(id)?.length ?? 0;
      rows.delete(id);
    }
  };
  const refresh = async (): Promise<void> => {
    const { mark: now, changed } = await reader.changedSince(mark);
    if (changed === 'any') clear();
    else changed.forEach(forget);
    mark = now;
  };
  /** Rows of these ids in their order, those read now and those kept. */
  const rowsOf = async (ids: readonly number[], words: Words): Promise<readonly string[]> => {
    const rows = kept[words];
    const read = new Map<number, string>();
    const missing = ids.filter((id) => !rows.has(id));
    for (let at = 0; at < missing.length; at += ROWS_AT_ONCE)
      for (const row of await reader.of(missing.slice(at, at + ROWS_AT_ONCE)))
        read.set(row.id, JSON.stringify(VIEWS[words](row)));
    const told = ids.map((id) => rows.get(id) ?? read.get(id)).filter((text) => text !== undefined);
    for (const text of read.values()) characters += text.length;
    if (characters > mostCharacters) clear();
    else for (const [id, text] of read) rows.set(id, text);
    return told;
  };
  const answer = async (question: TargetQuestion, { words, atMost }: Telling): Promise<ListPart> => {
    await refresh();
    const ids = await reader.ids(question);
    const told = atMost === undefined ? ids : ids.slice(0, atMost);
    return partOf(await rowsOf(told, words), { total: question.facts.total, count: ids.length, last: told.at(-1) });
  };
  let last: Promise<unknown> = Promise.resolve();
  return (question, telling) => {
    // Whoever asked that one was told what failed.
    const mine = last.catch(() => {}).then(() => answer(question, telling));
    last = mine;
    return mine;
  };
}
