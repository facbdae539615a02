import {
  ByteReader,
  DISK_IMAGE_START_BYTES,
  type DiskImageFormat,
  diskImageFormat,
  hasSystemUse,
  ISO_DESCRIPTORS_BYTES,
  ISO_SYSTEM_AREA_BYTES,
  isoDescriptors,
  isoRootOffset,
  readDiskImage,
  UIMAGE_HEADER_BYTES,
} from '../../../formats/index.ts';
import { isReproofError, type Reason, type ReasonKind } from '../../../model/index.ts';
import { rangeSource } from '../../byte-source.ts';
import { noteOf } from '../../error-notes.ts';
import { escapeName } from '../../escape.ts';
import type { HelperFile } from '../../helpers/helper-runner.ts';
import { TOOLS } from '../../helpers/tools.ts';
import { bothOf, identical, ofBoth } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import type { ByteSource, Context, Explanation, LeafComparator } from '../../types.ts';
import { bytes } from '../binaries/bytes.ts';
import { type ImageFiles, openImageFiles } from './image-files.ts';

/** Of a root folder: its first entry and the beginning of what extends it. */
const ROOT_BYTES = 64;

/** Fields whose values say why they differ. */
const REASONS: readonly (readonly [RegExp, ReasonKind])[] = [
  [/^(?:made|last (?:mounted|written|checked)|(?:creation|modification|expiration|effective) date)$/, 'timestamp'],
  [/^(?:UUID|journal UUID|hash seed|serial number)$/, 'random'],
  [/^checksum/, 'checksum'],
  [/^compression$/, 'compression'],
];

/** Squashfs: superblock and, by sqfs2tar(1), the files; without it, by unsquashfs(1), the list of files. */
export const squashfs = diskImage('squashfs');
/** ext2, ext3 and ext4 that could not be read as a whole: the superblock. */
export const ext = diskImage('ext');
/** ISO 9660: the primary volume descriptor, the system area and, by bsdtar(1), the files. */
export const iso9660 = diskImage('iso9660');
/** FAT file systems that could not be read as a whole: the boot sector. */
export const fat = diskImage('fat');
/** U-Boot's uImage: the header, and the image behind it as a part. */
export const uimage = diskImage('uimage');

function diskImage(format: DiskImageFormat): LeafComparator {
  return {
    kind: 'leaf',
    id: format,
    recognizes: (head) => diskImageFormat(head) === format,
    async *explain(left, right, context) {
      const [old, now] = await bothOf(startOf(left), startOf(right));
      const fields = ofBoth(old, now, (start) => readDiskImage(start, format));
      yield* explainFields(...fields, format);
      if (format === 'iso9660') yield* explainNames(old, now, { left, right });
      if (format === 'uimage') {
        yield { kind: 'part', name: 'image', left: imageOf(left), right: imageOf(right) };
        return;
      }
      if (format === 'iso9660') {
        const start = { name: 'system area', offset: 0, size: ISO_SYSTEM_AREA_BYTES };
        yield { kind: 'part', name: start.name, left: rangeSource(left, start), right: rangeSource(right, start) };
      }
      if (yield* explainFiles({ left, right, format }, context)) return;
      if (format === 'squashfs') yield* explainListing(left, right, context);
      yield { kind: 'note', text: 'the contents of the files in the image were not compared one by one' };
      yield* bytes.explain(left, right, context);
    },
  };
}

/** The ways in which an image names its files: programs that read one of them say nothing of the others. */
async function* explainNames(
  old: Buffer,
  now: Buffer,
  { left, right }: { readonly left: ByteSource; readonly right: ByteSource },
): AsyncGenerator<Explanation> {
  const namesOf = async (start: Buffer, source: ByteSource): Promise<readonly [string, string]> => {
    const root = isoRootOffset(start);
    const folder =
      source.size !== undefined && root < source.size ? await bytesOf(source, ROOT_BYTES, root) : undefined;
    const rockRidge = folder === undefined ? 'not known' : hasSystemUse(folder) ? 'yes' : 'no';
    return [isoDescriptors(start).join(', '), rockRidge];
  };
  const [one, other] = await bothOf(namesOf(old, left), namesOf(now, right));
  const names = ['volume descriptors', 'system use entries, as of Rock Ridge'] as const;
  const fields = names.map((name, at) => ({
    name,
    left: escapeName(one[at] as string),
    right: escapeName(other[at] as string),
  }));
  yield { kind: 'fields', fields };
}

function* explainFields(
  old: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  format: string,
): Generator<Explanation> {
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort(byBytes)) {
    const [left, right] = [old.get(name), now.get(name)];
    if (left === right) continue;
    const sides = {
      ...(left === undefined ? {} : { left: escapeName(left) }),
      ...(right === undefined ? {} : { right: escapeName(right) }),
    };
    yield { kind: 'fields', fields: [{ name, ...sides }] };
    const reason = fieldReason(name, format);
    if (reason !== undefined) yield { kind: 'reason', reason: { ...reason, ...sides } };
  }
}

/** What it says where such a field of an image differs, if anything. */
export function fieldReason(name: string, format: string): Pick<Reason, 'kind' | 'evidence'> | undefined {
  const kind = REASONS.find(([pattern]) => pattern.test(name))?.[1];
  return kind === undefined ? undefined : { kind, evidence: `field "${name}" of the ${format} image` };
}

/** Compares the files of both images where a program gives them; true when that shows how the images differ. */
async function* explainFiles(
  { left, right, format }: { readonly left: ByteSource; readonly right: ByteSource; readonly format: DiskImageFormat },
  context: Context,
): AsyncGenerator<Explanation, boolean> {
  const opened: ImageFiles[] = [];
  const notes = new Set<string>();
  try {
    for (const image of [left, right]) {
      const files = await openImageFiles(image, format, context);
      if (files === undefined) return false;
      if (typeof files === 'string') notes.add(files);
      else opened.push(files);
    }
    for (const text of [...notes].sort(byBytes)) yield { kind: 'note', text };
    const [old, now] = opened.map(({ tar }) => tar);
    if (old === undefined || now === undefined) return false;
    if (await identical(old, now)) {
      yield { kind: 'note', text: 'the files that a program finds in the images are equal, and in the same order' };
      yield* bytes.explain(left, right, context);
      return true;
    }
    yield { kind: 'part', name: old.name, left: old, right: now };
    yield { kind: 'note', text: 'of what the images hold beside their files, only the fields above were compared' };
    return true;
  } finally {
    for (const files of opened) await files.close();
  }
}

async function* explainListing(left: ByteSource, right: ByteSource, context: Context): AsyncGenerator<Explanation> {
  const [old, now] = await bothOf(listing(left, context), listing(right, context));
  const notes = new Set([old, now].filter((one) => typeof one === 'string'));
  for (const text of [...notes].sort(byBytes)) yield { kind: 'note', text };
  if (typeof old === 'string' || typeof now === 'string') return;
  yield { kind: 'lines', title: 'list of files', left: old, right: now };
}

/** The lines of the list, or why there are none. */
async function listing(source: ByteSource, { budget, helpers }: Context): Promise<readonly string[] | string> {
  if (!budget.takeProgramRun()) return 'the files were not listed: no more programs may be run';
  const { copyBytes } = budget.limits;
  let file: HelperFile | undefined;
  try {
    file = await helpers.file(source, copyBytes);
    if (file === undefined) {
      budget.refuseRun();
      return `the files were not listed: longer than ${copyBytes} bytes`;
    }
    const result = await helpers.run(TOOLS.unsquashfs, ['-UTC', '-lln', file.path]);
    if (result.kind === 'missing') return result.note;
    if (result.status !== 0) return 'the files were not listed: unsquashfs could not read an image';
    return result.stdout.toString('utf8').trimEnd().split('\n');
  } catch (error) {
    if (!isReproofError(error, 'PROGRAM_FAILED', 'PROGRAM_LIMIT')) throw error;
    if (error.code === 'PROGRAM_LIMIT') budget.refuseRun();
    return `the files were not listed: ${noteOf(error)}`;
  } finally {
    await file?.remove();
  }
}

function startOf(source: ByteSource): Promise<Buffer> {
  return bytesOf(source, Math.max(DISK_IMAGE_START_BYTES, ISO_DESCRIPTORS_BYTES));
}

async function bytesOf(source: ByteSource, size: number, offset = 0): Promise<Buffer> {
  const reader = new ByteReader(source.open(offset));
  try {
    return await reader.read(size);
  } finally {
    await reader.close();
  }
}

function imageOf(source: ByteSource): ByteSource {
  return {
    name: 'image',
    size: source.size === undefined ? undefined : Math.max(0, source.size - UIMAGE_HEADER_BYTES),
    seekable: source.seekable === true,
    open: (start = 0, chunks) => source.open(UIMAGE_HEADER_BYTES + start, chunks),
  };
}
