import { isUtf8 } from 'node:buffer';
import { type GettextMessage, type PoEntry, readPo } from '../../../formats/index.ts';
import { messageChanges } from '../../gettext-changes.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { readWhole } from '../../read-whole.ts';
import type { LeafComparator } from '../../types.ts';
import { explainAsText } from './text.ts';

const LIMITS = { messages: 200_000 };

/** Messages of GNU gettext as text: header, references to the source and messages, each apart. */
export const gettextPo: LeafComparator = {
  kind: 'leaf',
  id: 'po',
  recognizes: (head, name) => {
    const text = Buffer.from(head).toString('latin1');
    return /\.pot?$/.test(name) && /^msgid /m.test(text) && !head.includes(0);
  },
  async *explain(left, right, context) {
    const limit = context.budget.limits.textBytes;
    const [old, now] = await bothOf(readWhole(left, limit), readWhole(right, limit));
    const [one, other] = ofBoth(old, now, entriesOf);
    if (one === undefined || other === undefined) {
      yield { kind: 'declined', why: 'not read as gettext messages: written in another way, or too long' };
      return;
    }
    yield* messageChanges(messagesOf(one), messagesOf(other));
    const list = (entries: readonly PoEntry[], of: 'references' | 'comments'): readonly string[] =>
      entries.flatMap((entry) => (entry[of].length === 0 ? [] : [entry.id, ...entry[of].map((line) => `  ${line}`)]));
    yield {
      kind: 'lines',
      title: 'references to the source',
      left: list(one, 'references'),
      right: list(other, 'references'),
    };
    yield { kind: 'lines', title: 'comments', left: list(one, 'comments'), right: list(other, 'comments') };
    if (JSON.stringify(one) !== JSON.stringify(other)) return;
    yield { kind: 'note', text: 'the same messages' };
    yield* explainAsText(left, right, context);
    if (areBrokenOtherwise(old, now))
      yield {
        kind: 'reason',
        reason: { kind: 'whitespace', evidence: 'the same messages, broken into lines otherwise' },
      };
  },
};

/** True where strings are broken in other places, and nothing else differs: neither what ends lines nor their order. */
function areBrokenOtherwise(...sides: readonly (Buffer | undefined)[]): boolean {
  const [old = '', now = ''] = sides.map((bytes) => bytes?.toString('latin1').replace(/"\s*\n(?:#~ ?)?"/g, ''));
  const bare = (text: string): string => text.replace(/\s+/g, '');
  return sides.every((bytes) => !bytes?.includes('\r')) && bare(old) === bare(now);
}

function entriesOf(bytes: Buffer | undefined): readonly PoEntry[] | undefined {
  if (bytes === undefined || !isUtf8(bytes)) return undefined;
  return readPo(bytes.toString('latin1'), LIMITS);
}

/** Comments that a blank line follows, as at the beginning or the end, stand alone: they are no message. */
function messagesOf(entries: readonly PoEntry[]): readonly GettextMessage[] {
  return entries.filter(({ id, text }) => id !== '' || text !== '').map(unwritten);
}

/** The header's newlines are written as \n in the file. */
function unwritten({ id, text }: PoEntry): GettextMessage {
  return { id, text: id === '' ? text.replaceAll('\\n', '\n') : text };
}
