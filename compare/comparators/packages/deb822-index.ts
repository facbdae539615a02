import { hash } from 'node:crypto';
import { type Paragraph, parseParagraphs, splitParagraphs } from '../../../formats/index.ts';
import type { Difference } from '../../../model/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { escapeText, shorten } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import { type ByteSource, type Context, differenceNode, type Explanation } from '../../types.ts';
import type { FieldFindings } from './deb822-field.ts';
import { keyed, type ParagraphName, versionOf } from './deb822-keys.ts';
import { orderOfCommon } from './item-list.ts';

/** Paragraphs of one side that are told apart, and pairs and lone ones that are told. */
const PARAGRAPHS = 1_000_000;
const TOLD = 1_000;
const LONE = 5_000;
const SHOWN_CHARACTERS = 200;
const MAX_FIELDS = 10_000;

type Entry = ParagraphName & { readonly digest: string; readonly index: number };

/** How two paragraphs differ. */
export type CompareParagraphs = (old: Paragraph, now: Paragraph) => FieldFindings;

/**
 * An index of packages too long to be held: both sides are read once to see which paragraphs differ, and once more for
 * those. Memory is a name and a digest a paragraph, and `textBytes` a side. Throws DEB822_LIMIT.
 */
export async function* explainIndex(
  left: ByteSource,
  right: ByteSource,
  { context, compare }: { readonly context: Context; readonly compare: CompareParagraphs },
): AsyncGenerator<Explanation> {
  const { textBytes } = context.budget.limits;
  const [before, after] = await bothOf(listOf(left, textBytes), listOf(right, textBytes));
  if (before === undefined || after === undefined) {
    yield { kind: 'declined', why: `not compared by paragraphs: more than ${PARAGRAPHS}` };
    return;
  }
  const [old, now] = keyed(before, after, (entry) => entry);
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort(byBytes);
  const [gone, added] = [keys.filter((key) => !now.has(key)), keys.filter((key) => !old.has(key))];
  const differing = keys.flatMap((key) => {
    const [one, other] = [old.get(key), now.get(key)];
    return one === undefined || other === undefined || one.digest === other.digest ? [] : [{ key, one, other }];
  });
  const reordered = orderOfCommon([...old.keys()], [...now.keys()]);
  if (gone.length + added.length + differing.length === 0 && !reordered) {
    yield { kind: 'declined' };
    return;
  }
  if (reordered) yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same paragraphs in another order' } };
  if (before.length !== after.length)
    yield {
      kind: 'fields',
      fields: [{ name: 'paragraphs', left: String(before.length), right: String(after.length) }],
    };
  yield {
    kind: 'detail',
    text: `paragraphs that differ: ${differing.length}, on one side only: ${gone.length + added.length}`,
  };
  yield { kind: 'lines', title: 'paragraphs of one side', left: gone.slice(0, LONE), right: added.slice(0, LONE) };
  const told = differing.slice(0, TOLD);
  const [olds, news] = await bothOf(
    pick(
      left,
      told.map(({ one }) => one.index),
      textBytes,
    ),
    pick(
      right,
      told.map(({ other }) => other.index),
      textBytes,
    ),
  );
  let untold = differing.length - told.length;
  for (const { key, one, other } of told) {
    const [was, is] = [olds.get(one.index), news.get(other.index)];
    if (was === undefined || is === undefined) untold++;
    else yield { kind: 'child', difference: explainPair(key, [was, is], compare) };
  }
  const lone = Math.max(0, gone.length - LONE) + Math.max(0, added.length - LONE);
  if (untold + lone > 0) {
    yield { kind: 'note', text: `${untold + lone} more paragraphs differ` };
    yield { kind: 'truncated' };
  }
}

function explainPair(key: string, sides: readonly [Buffer, Buffer], compare: CompareParagraphs): Difference {
  const node = { ...differenceNode(shorten(escapeText(key), SHOWN_CHARACTERS), 'paragraph'), left: {}, right: {} };
  try {
    const [old, now] = sides.map((bytes) =>
      parseParagraphs(bytes, { paragraphBytes: bytes.length + 1, fields: MAX_FIELDS }),
    ) as [readonly Paragraph[], readonly Paragraph[]];
    const [was, is] = [old[0], now[0]];
    if (was === undefined || is === undefined || old.length + now.length > 2) return { ...node, detail: DIFFER };
    const { fields, reasons } = compare(was, is);
    return fields.length + reasons.length > 0 ? { ...node, fields, reasons } : { ...node, detail: DIFFER };
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return { ...node, detail: DIFFER, notes: [escapeText(`${error.code}: ${error.message}`)] };
  }
}
const DIFFER = 'the bytes differ';

async function listOf(source: ByteSource, paragraphBytes: number): Promise<readonly Entry[] | undefined> {
  const entries: Entry[] = [];
  for await (const bytes of splitParagraphs(source.open(), paragraphBytes)) {
    if (entries.length >= PARAGRAPHS) return undefined;
    const text = bytes.toString('latin1');
    const first = /^([^:\n]{1,80}): ?(.{0,1000})/.exec(text);
    const name = fieldValue(text, 'Package') ?? (first === null ? '' : `${first[1]}: ${first[2]}`);
    entries.push({
      name: `${name} ${fieldValue(text, 'Architecture') ?? ''}`.trim(),
      version: versionOf((name) => fieldValue(text, name)),
      digest: hash('sha256', bytes, 'base64'),
      index: entries.length,
    });
  }
  return entries;
}

/** A field's value on its own line; names are written as dak and apt-ftparchive do. As UTF-8, for display. */
function fieldValue(text: string, field: string): string | undefined {
  const label = `${field}: `;
  const start = text.startsWith(label) ? 0 : text.indexOf(`\n${label}`) + 1;
  if (start === 0 && !text.startsWith(label)) return undefined;
  const end = text.indexOf('\n', start);
  const value = text.slice(start + label.length, end < 0 ? undefined : end).trim();
  return Buffer.from(value.slice(0, 1000), 'latin1').toString('utf8');
}

/** The paragraphs of these numbers, as far as they fit in `limitBytes`. */
async function pick(source: ByteSource, numbers: readonly number[], limitBytes: number): Promise<Map<number, Buffer>> {
  const wanted = new Set(numbers);
  const found = new Map<number, Buffer>();
  let [index, held] = [0, 0];
  if (wanted.size === 0) return found;
  for await (const bytes of splitParagraphs(source.open(), limitBytes)) {
    if (wanted.has(index) && held + bytes.length <= limitBytes) {
      found.set(index, Buffer.from(bytes));
      held += bytes.length;
    }
    if (found.size === wanted.size) break;
    index++;
  }
  return found;
}
