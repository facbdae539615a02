import {
  ByteReader,
  type CpioEntry,
  type CpioPiece,
  cpioVariant,
  readCpio,
  readRpmPayload,
  STRIPPED_CPIO_MAGIC,
} from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import { headOf } from '../../identity.ts';
import { shownValue } from '../../shown-value.ts';
import type { ByteSource, ContainerComparator, ContainerFact, Context, Member, MemberHeader } from '../../types.ts';
import { cpioCommon, FILE_TYPES } from './common-headers.ts';
import { timeText } from './header-text.ts';

const NAME_BYTES = 64 * 1024;
const PADDINGS_TOLD = 3;
const AFTER = '(what follows the archive)';

/**
 * cpio archives: newc, crc, odc, binary, and payloads of RPM that name files by number. In an initrd, what follows the first archive is a member, which may be an
 * archive again, compressed or not.
 */
export const cpio: ContainerComparator = {
  kind: 'container',
  id: 'cpio',
  recognizes: (head) => {
    if (isStripped(head)) return true;
    const variant = cpioVariant(head);
    if (variant === undefined || !variant.startsWith('bin')) return variant !== undefined && isDigits(head, 6, 76);
    const nameBytes = (head[variant === 'bin-le' ? 20 : 21] ?? 0) + 256 * (head[variant === 'bin-le' ? 21 : 20] ?? 0);
    return nameBytes > 1 && nameBytes <= 4096 && head[26 + nameBytes - 1] === 0;
  },
  members,
  common: cpioCommon,
};

async function* members(source: ByteSource, context: Context, chunks?: 'lent'): AsyncGenerator<Member | ContainerFact> {
  if (source.payloadFiles !== undefined && isStripped(await headOf(source))) yield* payloadMembers(source);
  else yield* archiveMembers(new ByteReader(source, 0, chunks), context);
}

function isStripped(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, STRIPPED_CPIO_MAGIC.length)).toString('latin1') === STRIPPED_CPIO_MAGIC;
}

/** The payload of a package, whose header tells what its entries do not. */
async function* payloadMembers(source: ByteSource): AsyncGenerator<Member | ContainerFact> {
  yield { fact: 'variant', value: 'files by number' };
  for await (const { number, file, content, contentOffset } of readRpmPayload(
    source.open(),
    source.payloadFiles?.() ?? [],
  )) {
    const { name, mode, payloadBytes: size, facts } = file;
    const told = Object.entries(facts).map(([fact, value]) => [fact, shownValue(value)]);
    const header = {
      type: typeOf(mode),
      mode: modeText(mode),
      ...Object.fromEntries(told),
      'file number': String(number),
    };
    yield { name, pairAs: name, header, content, offset: contentOffset, size };
  }
}

async function* archiveMembers(reader: ByteReader, { budget }: Context): AsyncGenerator<Member | ContainerFact> {
  const limits = { members: budget.limits.members, nameBytes: NAME_BYTES };
  const links = new Map<string, string>();
  let last = '';
  let padded = 0;
  let trailer = false;
  const variants = new Set<string>();
  for await (const piece of readCpio(reader, limits)) {
    if (piece.kind === 'padding') {
      // A fact for each of many would take memory: their number is the last of them.
      const value = `${piece.bytes.toString('hex')} after ${last}`;
      if (++padded <= PADDINGS_TOLD) yield { fact: 'padding', value };
      continue;
    }
    if (piece.kind === 'end') {
      yield { fact: 'zeros after the trailer', value: String(piece.zeros) };
      yield* following(piece);
      continue;
    }
    if (!variants.has(piece.variant)) yield { fact: 'variant', value: piece.variant };
    variants.add(piece.variant);
    if (piece.kind === 'trailer') {
      trailer = true;
      yield { fact: 'trailer', value: shownValue(piece.header) };
      continue;
    }
    last = escapeName(piece.name);
    const { name, content, contentOffset: offset } = piece;
    yield { name, pairAs: name, header: headerOf(piece, links), content, offset };
  }
  if (padded > PADDINGS_TOLD) yield { fact: 'members padded with other than NUL', value: String(padded) };
  if (!trailer) yield { fact: 'trailer', value: 'missing' };
}

function* following({ content, offset }: Extract<CpioPiece, { kind: 'end' }>): Generator<Member> {
  if (content !== undefined) yield { name: AFTER, pairAs: AFTER, header: {}, content, offset };
}

/** `links` holds the first name of every inode that has more than one. */
function headerOf({ name, fields, variant, unusual }: CpioEntry, links: Map<string, string>): MemberHeader {
  const { mode, device, inode } = fields;
  const file = `${device} ${inode}`;
  const first = links.get(file);
  const linkable = fields.links > 1 && mode >> 12 !== 0o04;
  if (linkable && first === undefined) links.set(file, escapeName(name));
  return {
    type: linkable && isEmptyLink(variant, fields) ? 'hard link without content here' : typeOf(mode),
    mode: modeText(mode),
    uid: String(fields.uid),
    gid: String(fields.gid),
    mtime: timeText(String(fields.mtime)),
    inode: String(inode),
    device,
    rdevice: fields.rdevice,
    links: String(fields.links),
    ...(linkable && first !== undefined ? { 'hard link to': first } : {}),
    ...(variant === 'crc' || fields.check !== 0 ? { check: fields.check.toString(16).padStart(8, '0') } : {}),
    ...(unusual === undefined ? {} : { 'header as written': shownValue(unusual) }),
  };
}

/** newc and crc store what several names share with the last of them alone: early-userspace/buffer-format.rst. */
function isEmptyLink(variant: CpioEntry['variant'], { mode, size }: CpioEntry['fields']): boolean {
  return (variant === 'newc' || variant === 'crc') && mode >> 12 === 0o10 && size === 0;
}

function typeOf(mode: number): string {
  return FILE_TYPES.get(mode >> 12) ?? `unknown ${(mode >> 12).toString(8)}`;
}

function modeText(mode: number): string {
  return `0${(mode & 0o7777).toString(8)}`;
}

function isDigits(head: Uint8Array, from: number, to: number): boolean {
  return head.length >= to && /^[0-9a-f]+$/i.test(Buffer.from(head.subarray(from, to)).toString('latin1'));
}
