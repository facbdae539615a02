import { ElfFields, type ElfForm, malformedElf } from './elf-fields.ts';

/** One note of a note section: owner such as GNU, type as a number, description in hexadecimal. */
export type ElfNote = {
  readonly section: string;
  readonly owner: string;
  readonly type: number;
  readonly description: string;
};

export const NT_GNU_BUILD_ID = 3;

type NoteSection = { readonly name: string; readonly offset: number; readonly alignment: bigint };

/** The notes of a section's bytes, in order. Throws ELF_MALFORMED (context `offset`, in the file). */
export function parseElfNotes(section: NoteSection, bytes: Buffer, form: ElfForm): readonly ElfNote[] {
  // .note.gnu.property of 64-bit files is aligned to 8 bytes, all others to 4 whatever their class.
  const unit = section.alignment === 8n ? 8 : 4;
  const aligned = (offset: number): number => Math.ceil(offset / unit) * unit;
  const view = new ElfFields(bytes, form);
  const notes: ElfNote[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    if (offset + 12 > bytes.length) throw malformedElf('note', section.offset + offset);
    const [nameBytes, descriptionBytes] = [view.word(offset), view.word(offset + 4)];
    const description = aligned(offset + 12 + nameBytes);
    if (description + descriptionBytes > bytes.length) throw malformedElf('note', section.offset + offset);
    notes.push({
      section: section.name,
      owner: bytes.toString('latin1', offset + 12, offset + 12 + nameBytes).replace(/\0+$/, ''),
      type: view.word(offset + 8),
      description: bytes.toString('hex', description, description + descriptionBytes),
    });
    offset = aligned(description + descriptionBytes);
  }
  return notes;
}

const SYSTEMS = ['Linux', 'GNU Hurd', 'Solaris', 'FreeBSD', 'NetBSD', 'Syllable', 'Nacl'];

/** What a note says, as one line: its kind and its value, text where it is text. Raw, not escaped. */
export function elfNoteLine(note: ElfNote, form: ElfForm): string {
  const bytes = Buffer.from(note.description, 'hex');
  const text = bytes.toString('latin1').replace(/\0+$/, '');
  if (note.owner === 'GNU' && note.type === NT_GNU_BUILD_ID) return `build-id ${note.description}`;
  if (note.owner === 'GNU' && note.type === 1 && bytes.length >= 16) {
    const view = new ElfFields(bytes, form);
    const system = SYSTEMS[view.word(0)] ?? `system ${view.word(0)}`;
    return `least kernel: ${system} ${view.word(4)}.${view.word(8)}.${view.word(12)}`;
  }
  if (note.owner === 'GNU' && note.type === 4) return `gold version: ${text}`;
  if (note.owner === 'GNU' && note.type === 5) return `properties: ${note.description}`;
  if (note.owner === 'Go' && note.type === 4) return `Go build id: ${text}`;
  if (note.owner === 'Linux' && note.type === 256) return `build salt: ${text}`;
  if (note.owner === 'FDO' && note.type === 0xcafe1a7e) return `package metadata: ${text}`;
  if (note.owner === 'FDO' && note.type === 0x407c0c0a) return `dlopen metadata: ${text}`;
  return `${note.owner} type ${note.type}: ${note.description}`;
}
