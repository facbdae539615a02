import { type GettextMessage, gettextHeader } from '../formats/index.ts';
import { escapeName } from './escape.ts';
import { namedPairs } from './named-pairs.ts';
import { changedFields } from './pairing.ts';
import type { Explanation } from './types.ts';

const DATES = /^(?:POT-Creation-Date|PO-Revision-Date)$/;

/** What two lists of messages say differently: header fields, messages by identifier, their order. Bytes as latin1. */
export function* messageChanges(
  left: readonly GettextMessage[],
  right: readonly GettextMessage[],
): Generator<Explanation> {
  const headers = [left, right].map((messages) => {
    const header = messages.find(({ id }) => id === '');
    const fields = gettextHeader(header?.text ?? '');
    return Object.fromEntries([...fields].map(([name, value]) => [`header ${escapeName(name)}`, escapeName(value)]));
  });
  const changes = changedFields(headers[0] ?? {}, headers[1] ?? {});
  yield { kind: 'fields', fields: changes };
  for (const { name, left: old, right: now } of changes) {
    const field = name.slice('header '.length);
    const kind = DATES.test(field) ? 'timestamp' : field === 'X-Generator' ? 'version-text' : undefined;
    if (kind === undefined) continue;
    const sides = { ...(old === undefined ? {} : { left: old }), ...(now === undefined ? {} : { right: now }) };
    yield { kind: 'reason', reason: { kind, evidence: `${field} of the header`, ...sides } };
  }
  const { pairs, reordered } = namedPairs(left, right, ({ id }) => id);
  if (reordered) yield { kind: 'reason', reason: { kind: 'order', evidence: 'messages in another order' } };
  const lines = (side: 'left' | 'right'): readonly string[] =>
    pairs
      .filter((pair) => pair.left?.text !== pair.right?.text && pair.name !== '')
      .flatMap((pair) => {
        const message = pair[side];
        if (message === undefined) return [];
        return [`msgid ${shown(message.id)}`, `  msgstr ${shown(message.text)}`];
      });
  yield { kind: 'lines', title: 'messages', left: lines('left'), right: lines('right') };
}

function shown(text: string): string {
  return escapeName(text.replaceAll('\x04', ' (context) ').replaceAll('\0', ' (plural) '));
}
