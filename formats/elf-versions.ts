import { ElfFields, type ElfForm, passedElfLimit } from './elf-fields.ts';
import { elfTexts } from './elf-text-table.ts';

/** Versions that symbols are bound to: by the number that .gnu.version gives a symbol, and as lines. */
export type ElfVersions = { readonly byNumber: ReadonlyMap<number, string>; readonly lines: readonly string[] };

type Tables = { readonly bytes: Buffer; readonly names: Buffer };
const LIMIT = 100_000;
/** Bytes of a version, which stands after the name of each symbol that is bound to it. */
const VERSION_BYTES = 255;

/** .gnu.version_r: which version of which library is needed (Linux Standard Base, symbol versioning). Throws ELF_LIMIT. */
export function parseElfNeeds({ bytes, names }: Tables, form: ElfForm): ElfVersions {
  const view = new ElfFields(bytes, form);
  const textAt = elfTexts(names);
  const byNumber = new Map<number, string>();
  const lines: string[] = [];
  let seen = 0;
  for (let at = 0, last = false; !last && at + 16 <= bytes.length; ) {
    const [file, next] = [view.word(at + 4), view.word(at + 12)];
    let auxiliary = at + view.word(at + 8);
    for (let count = view.half(at + 2); count > 0 && auxiliary + 16 <= bytes.length; count--) {
      if (++seen > LIMIT) throw passedElfLimit('versions', LIMIT);
      const version = versionOf(textAt(view.word(auxiliary + 8)));
      byNumber.set(view.half(auxiliary + 6) & 0x7fff, version);
      lines.push(`${textAt(file)} ${version}`);
      const step = view.word(auxiliary + 12);
      if (step === 0) break;
      auxiliary += step;
    }
    if (++seen > LIMIT) throw passedElfLimit('versions', LIMIT);
    last = next === 0;
    at += next;
  }
  return { byNumber, lines };
}

/** .gnu.version_d: which versions the file itself defines. Throws ELF_LIMIT. */
export function parseElfDefinitions({ bytes, names }: Tables, form: ElfForm): ElfVersions {
  const view = new ElfFields(bytes, form);
  const textAt = elfTexts(names);
  const byNumber = new Map<number, string>();
  const lines: string[] = [];
  for (let at = 0, last = false; !last && at + 20 <= bytes.length; ) {
    if (lines.length >= LIMIT) throw passedElfLimit('versions', LIMIT);
    const [number, count, next] = [view.half(at + 4) & 0x7fff, view.half(at + 6), view.word(at + 16)];
    const auxiliary = at + view.word(at + 12);
    const version = auxiliary + 8 <= bytes.length ? versionOf(textAt(view.word(auxiliary))) : '';
    byNumber.set(number, version);
    const parent = auxiliary + 8 <= bytes.length ? auxiliary + view.word(auxiliary + 4) : 0;
    const after = count > 1 && parent > auxiliary && parent + 8 <= bytes.length;
    lines.push(after ? `${version} after ${textAt(view.word(parent))}` : version);
    last = next === 0;
    at += next;
  }
  return { byNumber, lines };
}

function versionOf(text: string): string {
  if (text.length > VERSION_BYTES) throw passedElfLimit('bytes of a version', VERSION_BYTES);
  return text;
}
