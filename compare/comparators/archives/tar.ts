import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import { escapeName, escapeText, shorten } from '../../escape.ts';
import type { ContainerComparator, Member, MemberHeader } from '../../types.ts';

const MAGIC_OFFSET = 257;
const SHOWN_CHARACTERS = 200;

/** tar archives, ustar, GNU and pax: members by name, with every field that tar(5) gives them. */
export const tar: ContainerComparator = {
  kind: 'container',
  id: 'tar',
  recognizes: (head) => Buffer.from(head.subarray(MAGIC_OFFSET, MAGIC_OFFSET + 5)).toString('latin1') === 'ustar',
  members: (source) => members(source.open(), source.name),
};

async function* members(source: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Member> {
  // latin1 keeps the bytes of names; an unknown format is left to be an error.
  const options = { filenameEncoding: 'latin1' } as object;
  const unpacked = extract(options);
  const input = Readable.from(source, { objectMode: false });
  let inputError: unknown;
  input.on('error', (error) => {
    inputError = error;
    unpacked.destroy(error);
  });
  input.pipe(unpacked);
  try {
    for await (const entry of unpacked) {
      const pieces = entry[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      const header = entry.header as TarHeader;
      const memberName = rawBytes(header.name, header.pax?.path);
      yield {
        name: memberName,
        pairAs: memberName,
        header: headerOf(header),
        content: { [Symbol.asyncIterator]: () => unended(pieces) },
      };
      // The rest of an entry must be read, and never be given up: ending it early ends the whole archive's stream.
      while (!(await pieces.next()).done);
    }
  } catch (error) {
    throw asArchiveError(inputError ?? error, name);
  } finally {
    unpacked.destroy();
    input.destroy();
  }
  if (inputError !== undefined) throw asArchiveError(inputError, name);
}

type TarHeader = Header & { readonly pax?: Readonly<Record<string, string>> | null };

function unended(pieces: AsyncIterator<Uint8Array>): AsyncIterator<Uint8Array> {
  return { next: () => pieces.next() };
}

function headerOf(header: TarHeader): MemberHeader {
  const pax = Object.entries(header.pax ?? {}).filter(([key]) => key !== 'path' && key !== 'linkpath');
  const told = (text: string): string => shorten(escapeText(text), SHOWN_CHARACTERS);
  const linkname = header.linkname ? rawBytes(header.linkname, header.pax?.linkpath) : '';
  return {
    type: header.type ?? 'unknown',
    mode: `0${(header.mode ?? 0).toString(8)}`,
    uid: String(header.uid),
    gid: String(header.gid),
    uname: told(header.uname ?? ''),
    gname: told(header.gname ?? ''),
    mtime: timeText(header.mtime),
    ...(linkname === '' ? {} : { linkname: escapeName(linkname) }),
    ...(header.devmajor || header.devminor ? { device: `${header.devmajor}:${header.devminor}` } : {}),
    ...Object.fromEntries(pax.map(([key, value]) => [`pax ${told(key)}`, told(value)])),
  };
}

/** tar-stream gives a pax name decoded from UTF-8, any other as the latin1 it was asked for. */
function rawBytes(name: string, paxName: string | undefined): string {
  return name === paxName ? Buffer.from(name, 'utf8').toString('latin1') : name;
}

function timeText(time: Date | undefined): string {
  if (time === undefined || Number.isNaN(time.getTime())) return 'not a time';
  return time.toISOString().replace('.000Z', 'Z');
}

function asArchiveError(error: unknown, name: string): unknown {
  if (isReproofError(error) || !(error instanceof Error)) return error;
  return new ReproofError('ARCHIVE_MALFORMED', `reading tar archive ${name}: ${escapeText(error.message)}`, {
    cause: error,
  });
}
