import { ByteReader } from '../formats/index.ts';
import { isReproofError, ReproofError } from '../model/index.ts';
import { escapeText } from './escape.ts';
import type { ByteSource, Context, Explanation } from './types.ts';

/** One way to pack a content; `text` is what people would run. */
export type PackingSetting = {
  readonly text: string;
  /** True where it starts an outside program: these runs are counted. */
  readonly program: boolean;
  /** What it makes of a content. */
  pack(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
};

export type PackingTask = {
  readonly content: ByteSource;
  readonly left: ByteSource;
  readonly right: ByteSource;
  /** In the order they are tried: the likely ones first. */
  readonly settings: readonly PackingSetting[];
};

/** Bytes of content that are packed again, at most, for one pair of files. */
export const PROVEN_BYTES = 256 * 2 ** 20;

type Side = 'left' | 'right';

/**
 * Says which settings give which side's bytes, each found by packing the content again and comparing every byte. A
 * setting is given up at the first byte that neither side has. What no setting gives is not said.
 */
export async function* provePacking(task: PackingTask, context: Context): AsyncIterable<Explanation> {
  const made: { left?: string; right?: string } = {};
  let tried = 0;
  let refused: string | undefined;
  for (const setting of task.settings) {
    const open = (['left', 'right'] as const).filter((side) => made[side] === undefined);
    if (open.length === 0 || context.budget.exhausted) break;
    if (setting.program && !context.budget.takeProgramRun()) break;
    tried++;
    const given = await sidesGivenBy(setting, open, task);
    if (typeof given === 'string') {
      refused = given;
      break;
    }
    for (const side of given) made[side] = setting.text;
  }
  if (made.left !== undefined || made.right !== undefined)
    yield { kind: 'fields', fields: [{ name: 'made by', ...made }] };
  if (refused !== undefined) yield { kind: 'note', text: escapeText(refused) };
  else if (made.left === undefined || made.right === undefined)
    yield { kind: 'note', text: `of ${tried} settings tried, not each side has one that gives its bytes` };
  const evidence = 'packed again, the content gives the same bytes';
  if (made.left !== undefined && made.right !== undefined)
    yield { kind: 'reason', reason: { kind: 'compression', evidence, left: made.left, right: made.right } };
}

/**
 * The sides among `open` that are what the setting makes of the content; a text where trying on is of no use. A setting
 * that cannot run gives none.
 */
async function sidesGivenBy(
  setting: PackingSetting,
  open: readonly Side[],
  task: PackingTask,
): Promise<readonly Side[] | string> {
  const readers = open.map((side) => ({ side, reader: new ByteReader(task[side].open()) }));
  let alive = readers;
  try {
    for await (const piece of setting.pack(bounded(task.content.open()))) {
      const equal = await Promise.all(
        alive.map(async ({ reader }) => Buffer.compare(await reader.read(piece.length), piece) === 0),
      );
      alive = alive.filter((_, index) => equal[index]);
      if (alive.length === 0) return [];
    }
    const ended = await Promise.all(alive.map(async ({ reader }) => (await reader.read(1)).length === 0));
    return alive.filter((_, index) => ended[index]).map(({ side }) => side);
  } catch (error) {
    if (!isReproofError(error) || error.code === 'INTERRUPTED') throw error;
    return error.code.startsWith('PROGRAM_') ? [] : error.message;
  } finally {
    for (const { reader } of readers) await reader.close();
  }
}

/** Ends with ARCHIVE_LIMIT past PROVEN_BYTES. */
async function* bounded(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > PROVEN_BYTES)
      throw new ReproofError('ARCHIVE_LIMIT', `packing again: the content is larger than ${PROVEN_BYTES} bytes`, {
        context: { limit: 'provenBytes', value: PROVEN_BYTES },
      });
    yield piece;
  }
}
