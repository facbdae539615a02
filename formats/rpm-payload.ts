import { ReproofError } from '../model/index.ts';
import { ByteReader } from './byte-reader.ts';
import type { RpmHeader } from './rpm.ts';

/** A file as a package's header tells it. `name` is its bytes as latin1, as payloads of named files have it. */
export type RpmFile = {
  readonly name: string;
  readonly mode: number;
  /** Bytes that it has in the payload: none for what has no content, or has it under the last of its names. */
  readonly payloadBytes: number;
  /** Beside its mode, in words: seconds since 1970, names, a target. */
  readonly facts: Readonly<Record<string, string>>;
};

/** An entry of a payload. `content` is read before the next one is asked for, or not at all. */
export type RpmPayloadEntry = {
  readonly number: number;
  readonly file: RpmFile;
  readonly contentOffset: number;
  readonly content: AsyncIterable<Uint8Array>;
};

/** What begins each entry that is a number. */
export const STRIPPED_CPIO_MAGIC = '07070X';
const ENTRY_BYTES = 14;
/** Of the entry that ends a payload, which is one of an ordinary cpio archive of the variant newc. */
const TRAILER_BYTES = 124;
const TRAILER = /^070701[0-9a-f]{104}TRAILER!!!\0{4}/i;
const ALIGNMENT = 4;
const REGULAR = 0o10;
const SYMLINK = 0o12;
const GHOST = 0x40;

/** The files of a package in the order of their numbers, as far as the header tells all that is needed of them. */
export function rpmFiles(header: RpmHeader): readonly RpmFile[] {
  const tag = (name: string): readonly string[] => header.get(name) ?? [];
  const [names, folders, places] = [tag('BASENAMES'), tag('DIRNAMES'), tag('DIRINDEXES')];
  const sizes = header.get('LONGFILESIZES') ?? tag('FILESIZES');
  const modes = tag('FILEMODES').map(Number);
  const holders = lastLinks(header, modes);
  return names.slice(0, Math.min(sizes.length, modes.length, places.length)).map((name, index) => {
    const folder = folders[Number(places[index])] ?? '';
    const mode = modes[index] ?? 0;
    const type = mode >> 12;
    const has = type === SYMLINK || (type === REGULAR && holders[index] === index);
    const facts = Object.fromEntries(
      FACTS.map(([fact, from]) => [fact, tag(from)[index] ?? ''] as const).filter(([, value]) => value !== ''),
    );
    // Sources have no folder; payloads of named files begin all other names with a dot.
    const path = folder === '' ? name : `.${folder}${name}`;
    return { name: path, mode, payloadBytes: has ? Number(sizes[index]) : 0, facts };
  });
}

const FACTS = [
  ['mtime', 'FILEMTIMES'],
  ['user', 'FILEUSERNAME'],
  ['group', 'FILEGROUPNAME'],
  ['linkname', 'FILELINKTOS'],
  ['rdevice', 'FILERDEVS'],
  ['capabilities', 'FILECAPS'],
] as const;

/** For each file the number of the last one that is a link to it, which alone has content; itself where it has none. */
function lastLinks(header: RpmHeader, modes: readonly number[]): readonly number[] {
  const [inodes, devices, flags] = ['FILEINODES', 'FILEDEVICES', 'FILEFLAGS'].map((name) => header.get(name) ?? []) as [
    readonly string[],
    readonly string[],
    readonly string[],
  ];
  const last = new Map<string, number>();
  const keys = modes.map((mode, index) => {
    const inode = inodes[index];
    const linkable = mode >> 12 === REGULAR && (Number(flags[index] ?? 0) & GHOST) === 0;
    if (!linkable || inode === undefined || inode === '0') return undefined;
    const key = `${devices[index]} ${inode}`;
    last.set(key, index);
    return key;
  });
  return keys.map((key, index) => (key === undefined ? index : (last.get(key) ?? index)));
}

/**
 * The entries of a payload that names files by their numbers in the package's header, where the sizes are: rpm writes it
 * for files of more than 4 GiB, and for every package of its format 6. In order, in one pass, up to the entry that ends
 * it. Throws ARCHIVE_MALFORMED (context `offset`). Source: rpm's docs/manual/format_v6.md, "Payload".
 */
export async function* readRpmPayload(
  source: AsyncIterable<Uint8Array>,
  files: readonly RpmFile[],
): AsyncGenerator<RpmPayloadEntry> {
  const reader = new ByteReader(source);
  try {
    for (let count = 0; ; count++) {
      const offset = reader.position;
      const start = await reader.read(ENTRY_BYTES);
      const text = start.toString('latin1');
      if (text.startsWith('070701')) {
        const trailer = Buffer.concat([start, await reader.read(TRAILER_BYTES - start.length)]);
        if (!TRAILER.test(trailer.toString('latin1'))) throw malformed('end', offset);
        if ((await reader.read(1)).length > 0) throw malformed('what follows the end', offset + TRAILER_BYTES);
        return;
      }
      const number = /^07070X[0-9a-f]{8}$/i.test(text) ? Number.parseInt(text.slice(6), 16) : -1;
      const file = files[number];
      // Each file once: else a small payload could name one for ever.
      if (file === undefined || count >= files.length) throw malformed('file number', offset);
      await zeros(reader, padding(reader.position));
      const contentOffset = reader.position;
      yield { number, file, contentOffset, content: reader.stream(file.payloadBytes) };
      const left = file.payloadBytes - (reader.position - contentOffset);
      if ((await reader.skip(left)) < left) throw malformed('content', reader.position);
      await zeros(reader, padding(reader.position));
    }
  } finally {
    await reader.close();
  }
}

function padding(position: number): number {
  return (ALIGNMENT - (position % ALIGNMENT)) % ALIGNMENT;
}

async function zeros(reader: ByteReader, count: number): Promise<void> {
  const bytes = await reader.read(count);
  if (bytes.length < count || bytes.some((byte) => byte !== 0)) throw malformed('padding', reader.position);
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of RPM payload at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}
