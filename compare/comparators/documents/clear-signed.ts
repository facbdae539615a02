import { splitClearSigned } from '../../../formats/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { escapeText } from '../../escape.ts';
import type { LeafComparator } from '../../types.ts';
import { readTextPair } from './text-pair.ts';

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----\n';

/** Texts signed in the clear, such as lists of checksums: what is signed, and the signature, each by itself. */
export const clearSigned: LeafComparator = {
  kind: 'leaf',
  id: 'clear-signed',
  recognizes: (head) => Buffer.from(head.subarray(0, BEGIN.length)).toString('latin1') === BEGIN,
  async *explain(left, right, context) {
    const texts = await readTextPair(left, right, context.budget.limits.textBytes);
    const [old, now] = [texts && splitClearSigned(texts[0]), texts && splitClearSigned(texts[1])];
    if (old === undefined || now === undefined) {
      yield { kind: 'declined' };
      return;
    }
    const sameText = old.signed === now.signed;
    const sameSignature = old.signature === now.signature && old.hashes === now.hashes;
    // What is escaped in another way, or blanks: lines show that.
    if (sameText && sameSignature) {
      yield { kind: 'declined' };
      return;
    }
    if (sameText) yield { kind: 'detail', text: 'the signed text is equal: only the signature around it differs' };
    const header = (hashes: string): string => escapeText(hashes.trim());
    const name = 'header of the signed message';
    yield { kind: 'fields', fields: [{ name, left: header(old.hashes), right: header(now.hashes) }] };
    if (!sameSignature)
      yield { kind: 'reason', reason: { kind: 'signature', evidence: 'OpenPGP signatures around the text differ' } };
    const part = (title: string, ...[one, other]: [string, string]) =>
      ({
        kind: 'part',
        name: title,
        left: bufferSource(title, Buffer.from(one)),
        right: bufferSource(title, Buffer.from(other)),
      }) as const;
    yield part('signed text', old.signed, now.signed);
    yield part('signature.asc', old.signature, now.signature);
  },
};
