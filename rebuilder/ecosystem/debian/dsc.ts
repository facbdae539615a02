import { type Paragraph, parseParagraphs } from '../../../formats/index.ts';
import { type FileDigest, isReproofError, ReproofError } from '../../../model/index.ts';
import { readClearsigned } from './clearsigned.ts';
import { checksums, isPackageName, type Refuse, required } from './fields.ts';
import { isVersion } from './version.ts';

/** A source package's description (dsc(5)), parsed. `text` is the whole of it, armour included. */
export type Dsc = {
  /** 1.0, 3.0 (native) or 3.0 (quilt). */
  readonly format: string;
  readonly source: string;
  readonly version: string;
  /** The Architecture field's words: any, all, linux-any, amd64. */
  readonly architectures: readonly string[];
  /** The files of the source package, itself excluded, sorted by name. */
  readonly files: readonly FileDigest[];
  readonly signed: boolean;
  readonly text: string;
};

/** Enough for any .dsc of the archive; the longest have a few thousand lines of Package-List. */
export const MAX_DSC_BYTES = 4 * 1024 * 1024;

const FORMATS = ['1.0', '3.0 (native)', '3.0 (quilt)'];

/** The fields of a Sources paragraph that a .dsc has too, in the order dpkg-source writes them. */
const DSC_FIELDS = [
  'Format',
  'Source',
  'Binary',
  'Architecture',
  'Version',
  'Origin',
  'Maintainer',
  'Uploaders',
  'Homepage',
  'Description',
  'Standards-Version',
  'Vcs-Browser',
  'Vcs-Git',
  'Testsuite',
  'Testsuite-Triggers',
  'Build-Depends',
  'Build-Depends-Arch',
  'Build-Depends-Indep',
  'Build-Conflicts',
  'Build-Conflicts-Arch',
  'Build-Conflicts-Indep',
  'Package-List',
  'Checksums-Sha1',
  'Checksums-Sha256',
  'Files',
];
const FILE_LISTS = ['Checksums-Sha1', 'Checksums-Sha256', 'Files'];

/**
 * Reads a .dsc, clearsigned or not; only what stands inside the signed part is read. `name` is its base name, for
 * messages. Throws DSC_INVALID naming the field.
 */
export function parseDsc(text: string, name: string): Dsc {
  const refuse: Refuse = (field, why) => {
    throw new ReproofError('DSC_INVALID', `reading ${field} of ${name}: ${why}`, { context: { name, field } });
  };
  const document = readClearsigned(text) ?? refuse('the OpenPGP armour', 'it is broken, or text stands outside it');
  const paragraph = onlyParagraph(document.payload, name, refuse);
  const source = required(paragraph, 'Source', refuse);
  if (!isPackageName(source)) refuse('Source', 'it is not a name Debian policy 5.6.1 allows');
  const version = required(paragraph, 'Version', refuse);
  if (!isVersion(version)) refuse('Version', 'it is not a version');
  const format = required(paragraph, 'Format', refuse);
  if (!FORMATS.includes(format)) refuse('Format', `only ${FORMATS.join(', ')} can be built`);
  const files = checksums(paragraph, refuse);
  if (files.length === 0) refuse('Checksums-Sha256', 'it names no file');
  // dpkg-source takes what Files names: a file that only MD5 vouches for must not come in that way.
  const listed = names(paragraph, 'Files');
  if (listed.some((file) => !files.some(({ name: known }) => known === file))) {
    refuse('Files', 'it names a file that Checksums-Sha256 does not');
  }
  if (files.some((file) => file.name === name)) refuse('Checksums-Sha256', 'it names the .dsc itself');
  return {
    format,
    source,
    version,
    architectures: required(paragraph, 'Architecture', refuse).split(/\s+/),
    files: files.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    signed: document.signed,
    text,
  };
}

/** The files a Sources paragraph names, .dsc included. Throws DSC_INVALID naming the field. */
export function sourceFiles(paragraph: Paragraph): { readonly dsc: FileDigest; readonly files: readonly FileDigest[] } {
  const refuse = sourcesRefusal(paragraph);
  const all = checksums(paragraph, refuse);
  const [dsc, ...others] = all.filter((file) => file.name.endsWith('.dsc'));
  if (dsc === undefined || others.length > 0) return refuse('Checksums-Sha256', 'it must name one .dsc');
  return { dsc, files: all.filter((file) => file !== dsc).toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/**
 * The unsigned .dsc that says what a Sources paragraph says, for when the file itself is not to be had: same fields,
 * the .dsc's own line and those of `without` dropped from its lists. The same paragraph gives the same bytes.
 * Throws DSC_INVALID naming the field.
 */
export function assembleDsc(paragraph: Paragraph, without: readonly string[] = []): string {
  const { dsc } = sourceFiles(paragraph);
  const dropped = new Set([dsc.name, ...without]);
  const fields = DSC_FIELDS.flatMap((field) => {
    const raw = paragraph.field(field === 'Source' ? 'Package' : field)?.raw;
    if (raw === undefined) return [];
    if (!FILE_LISTS.includes(field)) return [`${field}: ${raw.replace(/^[ \t]+/, '')}`.replace(/ +\n/, '\n').trimEnd()];
    const kept = (paragraph.lines(field) ?? []).filter((line) => !dropped.has(line.trim().split(/[ \t]+/)[2] ?? ''));
    return [[`${field}:`, ...kept].join('\n ')];
  });
  const text = `${fields.join('\n')}\n`;
  parseDsc(text, dsc.name);
  return text;
}

function names(paragraph: Paragraph, field: string): readonly string[] {
  return (paragraph.lines(field) ?? [])
    .filter((line) => line.trim() !== '')
    .map((l) => l.trim().split(/[ \t]+/)[2] ?? '');
}

function onlyParagraph(payload: string, name: string, refuse: Refuse): Paragraph {
  try {
    const limits = { paragraphBytes: MAX_DSC_BYTES, fields: 500, paragraphs: 1, name };
    return parseParagraphs(Buffer.from(payload), limits)[0] ?? refuse('the text', 'it holds no field');
  } catch (error) {
    if (!isReproofError(error, 'DEB822_SYNTAX', 'DEB822_LIMIT')) throw error;
    throw new ReproofError('DSC_INVALID', error.message, { context: error.context, cause: error });
  }
}

function sourcesRefusal(paragraph: Paragraph): Refuse {
  const name = `the Sources paragraph of ${paragraph.get('Package')?.slice(0, 80) ?? 'a package without a name'}`;
  return (field, why) => {
    throw new ReproofError('DSC_INVALID', `reading ${field} of ${name}: ${why}`, { context: { field } });
  };
}
