import type { TarExtension, TarHeader, TarMember, TarRecord } from '../../../formats/index.ts';
import { shownValue } from '../../shown-value.ts';
import type { MemberHeader } from '../../types.ts';
import { timeText } from './header-text.ts';
import { paxRecordText } from './pax-attributes.ts';

const TYPES: Readonly<Record<string, string>> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'contiguous-file',
  D: 'dumped directory',
  M: 'continued file',
  N: 'old long name',
  S: 'sparse file',
  V: 'volume label',
};

const NUMBERS: ReadonlySet<string> = new Set(['mode', 'uid', 'gid', 'size', 'mtime', 'devmajor', 'devminor']);

/**
 * How a number is written, without its value, which is told anyway: libarchive ends each with a space. Equal numbers of
 * one form are the same bytes.
 */
function storedForm(raw: string): string {
  if (/^[\x80\xff]/.test(raw)) return 'base-256';
  const octal = /^( *)([0-7]+)([ \0]*)$/.exec(raw);
  if (octal === null) return raw;
  const [, spaces = '', digits = '', end = ''] = octal;
  const filled = spaces !== '' && !digits.startsWith('0');
  return `${filled ? 'spaces and octal digits' : `${digits.length} octal digits`} before "${end}"`;
}

/**
 * All that a member's headers hold, in words. Fields of its own header that an extended one overrides are `ustar NAME`;
 * those stored in another form than GNU tar's are `stored NAME` beside their value.
 */
export function tarMemberHeader(member: TarMember): MemberHeader {
  const { header, records, sparse } = member;
  const told: Record<string, string> = {
    type: TYPES[header.type] ?? `type ${shownValue(header.type)}`,
    ...ownFields(header, member.mtime),
    ...(header.format === 'ustar' ? {} : { format: header.format }),
    ...(member.linkname === '' ? {} : { linkname: shownValue(member.linkname) }),
  };
  // An extended header gives the name, and what stands in the member's own differs with the writer.
  if (member.name !== header.name) told['ustar name'] = shownValue(header.name);
  if (member.linkname !== header.linkname && header.linkname !== '')
    told['ustar linkname'] = shownValue(header.linkname);
  if (member.mtime !== header.mtime) told['ustar mtime'] = header.mtime ?? '';
  if (header.size !== String(member.size + (sparse?.mapBytes ?? 0))) told['ustar size'] = header.size ?? '';
  for (const extension of member.extensions) {
    const name = `${extension.header.type} header`;
    const text = extensionText(extension);
    told[name] = told[name] === undefined ? text : `${told[name]}; ${text}`;
  }
  for (const [key, same] of Map.groupBy(records, (record) => record.key))
    told[`pax ${shownValue(key)}`] =
      same.length === 1 ? paxRecordText(same[0] as TarRecord) : shownValue(same.map(({ value }) => value).join(','));
  if (records.length > 1) told['order of pax records'] = shownValue(records.map(({ key }) => key).join(' '));
  if (sparse !== undefined) {
    told['sparse map'] = shownValue(sparse.map.join(','));
    told['size with holes'] = shownValue(sparse.size);
  }
  return told;
}

function ownFields(header: TarHeader, mtime: string | undefined): Record<string, string> {
  const { devmajor, devminor, mode } = header;
  const device = `${devmajor ?? ''}:${devminor ?? ''}`;
  const fields: Record<string, string> = {
    mode: mode === undefined ? '' : `0${BigInt(mode).toString(8)}`,
    uid: header.uid ?? '',
    gid: header.gid ?? '',
    uname: shownValue(header.uname),
    gname: shownValue(header.gname),
    mtime: mtime === undefined ? 'not a time' : timeText(mtime),
  };
  if (device !== ':') fields.device = device;
  for (const [name, value] of Object.entries(header.oddities))
    fields[`stored ${name}`] = shownValue(NUMBERS.has(name) ? storedForm(value) : value);
  return fields;
}

/** The header before an extended header's records: writers name it after themselves and give it times. */
export function extensionText({ header, text }: TarExtension): string {
  const { name, linkname } = header;
  const fields = Object.entries({
    name,
    linkname,
    format: header.format,
    ...ownFields(header, header.mtime),
    size: header.size,
  });
  const shown = fields.filter(([, value]) => value).map(([key, value]) => `${key} ${shownValue(value ?? '')}`);
  // The text of a long name ends in a NUL; the rest of it is the member's name, or records that are told apart.
  const long = header.type === 'L' || header.type === 'K' ? `, ${shownValue(text)}` : '';
  return `${shown.join(', ')}${long}`;
}

export function recordsText(records: readonly TarRecord[]): string {
  return records.map(({ key, value }) => `${shownValue(key)}=${shownValue(value)}`).join(', ');
}
