import { ElfFields, type ElfForm } from './elf-fields.ts';

/** Where functions begin, as addresses, and how long they are, in the order of the section. */
export type ElfFrames = { readonly start: Float64Array; readonly size: Float64Array };

/** Of an entry: its length, what describes it, and two numbers of 4 bytes. */
const LEAST_ENTRY_BYTES = 16;

/**
 * The functions that an .eh_frame section describes (Linux Standard Base Core 10.6): their first addresses and lengths.
 * It stops at what it cannot read and at `limit` of them: what is found is a help, not a proof.
 */
export function parseEhFrame(bytes: Buffer, address: number, form: ElfForm & { readonly limit: number }): ElfFrames {
  const view = new ElfFields(bytes, form);
  const most = Math.min(form.limit, Math.floor(bytes.length / LEAST_ENTRY_BYTES));
  const start = new Float64Array(most);
  const size = new Float64Array(most);
  let count = 0;
  const encodings = new Map<number, number>();
  for (let at = 0; at + 8 <= bytes.length && count < most; ) {
    const length = view.word(at);
    // A length of 0 ends the section, but linkers leave such ends in the middle; 64-bit lengths are not met.
    if (length === 0xffffffff) break;
    const entry = at + 4;
    at = entry + length;
    if (length === 0) continue;
    if (length < 4 || at > bytes.length) break;
    const id = view.word(entry);
    if (id === 0) {
      encodings.set(entry - 4, pointerEncoding(bytes.subarray(entry + 4, at)));
      continue;
    }
    const encoding = encodings.get(entry - id);
    const width = encoding === undefined ? 0 : pointerWidth(encoding, form);
    if (encoding === undefined || width === 0 || entry + 4 + 2 * width > at) continue;
    const place = entry + 4;
    const base = (encoding & 0x70) === 0x10 ? address + place : 0;
    const value = width === 4 ? (encoding & 8 ? view.word(place) | 0 : view.word(place)) : view.signed(place);
    start[count] = base + value;
    size[count] = width === 4 ? view.word(place + 4) : view.near(place + 8);
    count++;
  }
  return { start: start.slice(0, count), size: size.slice(0, count) };
}

/** DW_EH_PE: 4 bytes for udata4 and sdata4, 8 for their like, the word for absptr; 0 for what compilers do not write. */
function pointerWidth(encoding: number, form: ElfForm): number {
  const kind = encoding & 0x0f;
  if ((encoding & 0x80) !== 0 || ((encoding & 0x70) !== 0 && (encoding & 0x70) !== 0x10)) return 0;
  if (kind === 3 || kind === 11) return 4;
  if (kind === 0) return form.bits / 8;
  return (kind === 4 || kind === 12) && form.bits === 64 ? 8 : 0;
}

/** What a CIE says of how addresses are written, DW_EH_PE_absptr where it says nothing. */
function pointerEncoding(cie: Buffer): number {
  const end = cie.indexOf(0, 1);
  if (end < 0) return 0;
  const augmentation = cie.toString('latin1', 1, end);
  if (!augmentation.startsWith('z')) return 0;
  let at = end + 1;
  const skipVarint = (): void => {
    while (at < cie.length && (cie[at] as number) >= 0x80) at++;
    at++;
  };
  skipVarint();
  skipVarint();
  if (cie[0] === 1) at++;
  else skipVarint();
  skipVarint();
  for (const letter of augmentation.slice(1)) {
    if (letter === 'R') return cie[at] ?? 0;
    if (letter === 'L') at++;
    else if (letter === 'P') at += 1 + (((cie[at] ?? 0) & 7) === 3 ? 4 : 8);
  }
  return 0;
}
