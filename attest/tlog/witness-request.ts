import type { SignedCheckpoint } from './checkpoint.ts';
import { writeNote } from './note.ts';
import { toBase64 } from './strict-text.ts';

/** The body of a witness's add-checkpoint (c2sp.org/tlog-witness). `old`: the size the witness knows; 0 needs no proof. */
export function writeWitnessRequest(
  old: number,
  { signed, proof }: { readonly signed: SignedCheckpoint; readonly proof: readonly Uint8Array[] },
): string {
  return [`old ${old}`, ...proof.map(toBase64), '', writeNote(signed.note)].join('\n');
}
