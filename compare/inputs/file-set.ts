import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseParagraphs, splitClearSigned } from '../../formats/index.ts';
import { isSha256, ReproofError } from '../../model/index.ts';
import { byBytes } from '../by-bytes.ts';
import type { ByteSource } from '../byte-source.ts';
import type { MemberInput, OpenedFor } from '../compare.ts';
import { escapeText } from '../escape.ts';
import { fileSource } from '../file-source.ts';
import type { ListedMember } from '../members.ts';
import { readWhole } from '../read-whole.ts';
import { entrySource, unreadableSource } from './entry-source.ts';
import { listSource, memberSet } from './folder.ts';

/** A file that a list names. `pairAs` is its name without the version. */
export type NamedFile = { readonly name: string; readonly sha256: string | undefined; readonly pairAs: string };

const LIST_BYTES = 16 * 2 ** 20;
const FILES = 10_000;
/** Fields that name files, SHA-256 first; old lists have the last alone, in which the name comes after all else. */
const LISTS = ['Checksums-Sha256', 'Checksums-Sha1', 'Files'] as const;

/**
 * A .changes, .dsc or .buildinfo (deb-changes(5), dsc(5), deb-buildinfo(5)) with the files it names, which are looked
 * for beside it. A file that is not there, or is not what the list states, is said. Throws DEB822_*, FORMAT_MALFORMED.
 */
export async function fileSetInput(path: string): Promise<MemberInput> {
  const list = await fileSource(path);
  const bytes = await readWhole(list, LIST_BYTES);
  if (bytes === undefined)
    throw new ReproofError('FORMAT_LIMIT', `reading ${list.name}: more than ${LIST_BYTES} bytes`);
  const files = namedFiles(bytes.toString('utf8'), list.name);
  const kind = /[^.]*$/.exec(list.name)?.[0] ?? 'set';
  const own = { source: list, pairAs: `*.${kind}`, sha256: undefined };
  const open = (opened: OpenedFor): ReturnType<MemberInput['open']> =>
    memberSet(kind, async () => {
      const wanted = files.filter(({ name }) => !opened.leftOut.takesMember(name));
      const beside = wanted.map(async (file) => ({ ...file, source: await besideSource(dirname(path), file.name) }));
      const members: ListedMember[] = [];
      for (const { source, pairAs, sha256 } of [own, ...(await Promise.all(beside))]) {
        const place = { key: `1/${pairAs}`, index: members.length, header: {} };
        const member = await listSource(source, place, opened);
        if (sha256 !== undefined && member.sha256 !== undefined && member.sha256 !== sha256)
          opened.notes.push(`${source.name}: not what ${list.name} states: SHA-256 ${member.sha256}, stated ${sha256}`);
        members.push(member);
      }
      return members;
    });
  return { kind: 'set', name: list.name, list, open };
}

/** The files a list names, each once, in the order of what they are paired by. Throws DEB822_*, FORMAT_MALFORMED. */
export function namedFiles(text: string, listName: string): readonly NamedFile[] {
  const signed = splitClearSigned(text)?.signed ?? text;
  const limits = { paragraphBytes: LIST_BYTES, fields: FILES, paragraphs: 1 };
  const paragraph = parseParagraphs(Buffer.from(signed), limits)[0];
  const version = /^(?:\d+:)?(.*)$/.exec(paragraph?.get('Version') ?? '')?.[1] ?? '';
  const lines = LISTS.flatMap((list) => (paragraph?.lines(list) ?? []).map((line) => [list, line.trim()] as const));
  if (lines.length > LISTS.length * FILES)
    throw new ReproofError('FORMAT_LIMIT', `reading ${listName}: more than ${FILES} files`);
  const files = new Map<string, NamedFile>();
  const digested = new Set<string>();
  for (const [list, line] of lines) {
    const words = line.split(/\s+/);
    const name = (list === 'Files' ? words.at(-1) : words[2]) ?? '';
    const sha256 = list === 'Checksums-Sha256' ? (words[0] ?? '') : undefined;
    // A base name and nothing else: it is looked for beside the list, and nowhere else.
    if ((sha256 !== undefined && !isSha256(sha256)) || !/^[^/\0]+$/.test(name) || name === '.' || name === '..')
      throw new ReproofError(
        'FORMAT_MALFORMED',
        `reading files of ${listName}: a line of ${list} is no digest, size and name without a folder: ${escapeText(line)}`,
      );
    if (sha256 === undefined && digested.has(name)) continue;
    digested.add(name);
    const taken = files.has(withoutVersion(name, version));
    const pairAs = taken ? name : withoutVersion(name, version);
    files.set(pairAs, { name, sha256, pairAs });
  }
  return [...files.values()].sort((one, other) => byBytes(one.pairAs, other.pairAs));
}

/** `hello_2.10-3_amd64.deb` as `hello_*_amd64.deb`; the upstream version goes, too, and how a tar is compressed. */
function withoutVersion(name: string, version: string): string {
  const upstream = version.replace(/-[^-]*$/, '');
  const masked = [version, upstream].find((each) => each !== '' && new RegExp(`_${escaped(each)}[_.]`).test(name));
  const bare = masked === undefined ? name : name.replace(`_${masked}`, '_*');
  return bare.replace(/\.tar\.(?:gz|xz|bz2|zst|lzma)$/, '.tar.*');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

async function besideSource(folder: string, name: string): Promise<ByteSource> {
  const shown = escapeText(name);
  const path = join(folder, basename(name));
  try {
    const stats = await lstat(path);
    if (stats.isFile()) return entrySource(Buffer.from(path), shown, stats.size);
    return unreadableSource(shown, `reading ${shown}: not a regular file`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return unreadableSource(shown, `reading ${shown}: ${code === 'ENOENT' ? 'named, but not there' : code}`);
  }
}
