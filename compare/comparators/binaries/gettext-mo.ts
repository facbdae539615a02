import { type MoFile, readMo } from '../../../formats/index.ts';
import { messageChanges } from '../../gettext-changes.ts';
import { bothOf, readEach } from '../../identity.ts';
import { changedFields } from '../../pairing.ts';
import { readWhole } from '../../read-whole.ts';
import type { LeafComparator, MemberHeader } from '../../types.ts';

const LIMITS = { messages: 200_000, characters: 16 * 2 ** 20 };
const MAGIC = new Set(['de120495', '950412de']);

/** Compiled messages of GNU gettext: the header's fields, messages by identifier, and how they are stored. */
export const gettextMo: LeafComparator = {
  kind: 'leaf',
  id: 'mo',
  recognizes: (head) => head.length >= 28 && MAGIC.has(Buffer.from(head.subarray(0, 4)).toString('hex')),
  async *explain(left, right, { budget }) {
    const limit = budget.limits.textBytes;
    const [old, now] = await bothOf(readWhole(left, limit), readWhole(right, limit));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not read as gettext messages: longer than ${limit} bytes` };
      return;
    }
    const files = readEach([old, now], (bytes) => readMo(bytes, LIMITS));
    yield { kind: 'fields', fields: changedFields(storage(files[0]), storage(files[1])) };
    yield* messageChanges(files[0].messages, files[1].messages);
    const [one, other] = files.map(({ messages }) =>
      messages.map(({ id, text }) => `${id.length} ${id} ${text}`).join(),
    );
    if (one === other)
      yield {
        kind: 'reason',
        reason: { kind: 'layout', evidence: 'the same messages in the same order, stored otherwise' },
      };
  },
};

function storage(file: MoFile): MemberHeader {
  return {
    'byte order': file.endian,
    revision: file.revision,
    messages: String(file.messages.length),
    'hash table entries': String(file.hashSize),
    'offsets of tables': file.places.join(' '),
  };
}
