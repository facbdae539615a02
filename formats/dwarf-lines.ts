import { DwarfBytes, passedDwarfLimit } from './dwarf-bytes.ts';
import { type DwarfWidths, FORM, isTextForm, readTextPlace, skipForm } from './dwarf-forms.ts';
import { type DwarfSections, dwarfText } from './dwarf-texts.ts';

/** `folder` is a number in the list of folders. `content` is what is said of the file's content: MD5, time or size. */
export type DwarfLineFile = { readonly name: string; readonly folder: number; readonly content?: string };

/**
 * One table of a .debug_line section: what its header names, and where its program, the table itself, stands. Texts as
 * latin1. Before DWARF 5 folder 0 is that of the unit, which is not written here and left empty.
 */
export type DwarfLineTable = {
  readonly version: number;
  readonly folders: readonly string[];
  readonly files: readonly DwarfLineFile[];
  readonly program: number;
  readonly end: number;
};

export type DwarfLineLimits = {
  readonly tables: number;
  /** Folders, files and what is said of them, of all tables together. */
  readonly names: number;
};

type Lines = DwarfSections & { readonly line: Buffer };

/** DW_LNCT_*, 6.2.4.1. */
const PATH = 1;
const FOLDER = 2;
const MD5 = 5;

/**
 * The headers of the tables of a .debug_line section, in order: DWARF 2 to 5, 32 and 64 bits (6.2.4). Reading goes from
 * header to header. Throws FORMAT_MALFORMED (context `offset`), FORMAT_LIMIT.
 */
export function* readDwarfLines(sections: Lines, limits: DwarfLineLimits): Generator<DwarfLineTable> {
  const bytes = new DwarfBytes(sections.line, { section: '.debug_line', little: sections.little });
  let names = 0;
  const count = (): void => {
    if (++names > limits.names) throw passedDwarfLimit('names of files and folders', limits.names);
  };
  for (let tables = 0; bytes.at < sections.line.length; tables++) {
    if (tables >= limits.tables) throw passedDwarfLimit('line tables', limits.tables);
    const { wide, end } = bytes.unitLength();
    const version = bytes.unsigned(2, 'version of a table');
    if (version < 2 || version > 5) bytes.fail(`a table of version ${version}`);
    const addressSize = version < 5 ? 8 : bytes.u8('size of an address');
    if (version >= 5) bytes.skip(1, 'size of a segment selector');
    const headerBytes = bytes.unsigned(wide ? 8 : 4, 'length of a header');
    const program = bytes.at + headerBytes;
    if (program > end) bytes.fail('a header');
    bytes.end = program;
    // Smallest instruction, operations of one (since DWARF 4), is_stmt, base and range of lines.
    bytes.skip(version < 4 ? 4 : 5, 'header');
    bytes.skip(Math.max(0, bytes.u8('header') - 1), 'lengths of opcodes');
    const found =
      version < 5
        ? olderNames(bytes, count)
        : newerNames(bytes, { sections, count, widths: { version, wide, addressSize } });
    yield { version, ...found, program, end };
    bytes.at = end;
    bytes.end = sections.line.length;
  }
}

type Names = Pick<DwarfLineTable, 'folders' | 'files'>;

function olderNames(bytes: DwarfBytes, count: () => void): Names {
  const folders = [''];
  for (let folder = bytes.text('a folder'); folder !== ''; folder = bytes.text('a folder')) {
    count();
    folders.push(folder);
  }
  const files: DwarfLineFile[] = [];
  for (let name = bytes.text('a file'); name !== ''; name = bytes.text('a file')) {
    count();
    const folder = bytes.uleb('folder of a file');
    // 0 is not known, 6.2.4.
    const [time, size] = [bytes.uleb('time of a file'), bytes.uleb('size of a file')];
    files.push({ name, folder, ...(time + size === 0 ? {} : { content: `time ${time}, ${size} bytes` }) });
  }
  return { folders, files };
}

type Newer = { readonly sections: Lines; readonly count: () => void; readonly widths: DwarfWidths };

function newerNames(bytes: DwarfBytes, newer: Newer): Names {
  const folders = entries(bytes, newer).map(({ name }) => name);
  return { folders, files: entries(bytes, newer) };
}

function entries(bytes: DwarfBytes, { sections, count, widths }: Newer): Names['files'] {
  const format = Array.from({ length: bytes.u8('format of names') }, () => ({
    content: bytes.uleb('format of names'),
    form: bytes.uleb('format of names'),
  }));
  const length = bytes.uleb('number of names');
  const found: DwarfLineFile[] = [];
  // Inline texts stand in this section, and no index is used here.
  const within = { sections: { ...sections, info: sections.line }, index: { base: 0, wide: widths.wide } };
  for (let index = 0; index < length; index++) {
    count();
    const entry: { name: string; folder: number; content?: string } = { name: '', folder: 0 };
    for (const { content, form } of format) {
      // Forms without bytes would make many values of nothing.
      count();
      if (content === PATH && isTextForm(form)) {
        const text = dwarfText(readTextPlace(bytes, form, widths), within);
        entry.name = typeof text === 'string' ? '' : text.toString('latin1');
      } else if (content === FOLDER && form === FORM.udata) entry.folder = bytes.uleb('folder of a file');
      else if (content === FOLDER && form === FORM.data1) entry.folder = bytes.u8('folder of a file');
      else if (content === FOLDER && form === FORM.data2) entry.folder = bytes.unsigned(2, 'folder of a file');
      else if (content === MD5 && form === FORM.data16) {
        const start = bytes.skip(16, 'MD5 of a file');
        entry.content = `MD5 ${bytes.bytes.toString('hex', start, start + 16)}`;
      } else skipForm(bytes, form, widths);
    }
    found.push(entry);
  }
  return found;
}
