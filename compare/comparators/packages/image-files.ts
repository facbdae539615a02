import { type DiskImageFormat, ISO_SYSTEM_AREA_BYTES } from '../../../formats/index.ts';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import { dropBytes } from '../../byte-source.ts';
import { fileSource } from '../../file-source.ts';
import type { Helper, HelperFile } from '../../helpers/helper-runner.ts';
import { TOOLS } from '../../helpers/tools.ts';
import type { ByteSource, Context } from '../../types.ts';

/** What is in it, up to this, is read from a file, more by running the program again for each pass. */
const KEPT_BYTES = 2 * 2 ** 30;

/** A program that gives what is in an image as a tar archive. */
type Reader = {
  readonly helper: Helper;
  arguments(path: string): readonly string[];
  /** Bytes of the image's start that the program is given as NULs. */
  readonly hiddenBytes: number;
};

/** bsdtar(1) and sqfs2tar(1), which read an image as a whole, and write no file. */
const READERS: Readonly<Partial<Record<DiskImageFormat, Reader>>> = {
  iso9660: {
    helper: TOOLS.bsdtar,
    arguments: (path) => ['-c', '--format=pax', '-f', '-', `@${path}`],
    // libarchive takes what begins as an mtree list for one, and adds the files of this machine that it names.
    hiddenBytes: ISO_SYSTEM_AREA_BYTES,
  },
  squashfs: {
    helper: TOOLS.sqfs2tar,
    // It fails for what has no place in a tar archive, such as a socket, and tells the root folder, too.
    arguments: (path) => ['--no-skip', '--root-becomes', '.', path],
    hiddenBytes: 0,
  },
};

/** What is in an image as a tar archive that can be opened again until it is closed. */
export type ImageFiles = { readonly tar: ByteSource; close(): Promise<void> };

/** The files of an image, or why there are none: a sentence, escaped. Undefined for formats that no program reads. */
export async function openImageFiles(
  image: ByteSource,
  format: DiskImageFormat,
  context: Context,
): Promise<ImageFiles | string | undefined> {
  const reader = READERS[format];
  if (reader === undefined) return undefined;
  const { budget, helpers } = context;
  const { copyBytes } = budget.limits;
  let copy: HelperFile | undefined;
  let keptCopy = false;
  try {
    copy = await helpers.file(withoutStart(image, reader.hiddenBytes), copyBytes);
    if (copy === undefined) return `the files in the image were not read: longer than ${copyBytes} bytes`;
    const { path, remove } = copy;
    const streamed = tarOf(path, reader, context);
    const kept = await helpers.file(streamed, Math.min(KEPT_BYTES, copyBytes));
    keptCopy = kept === undefined;
    const tar = kept === undefined ? streamed : { ...(await fileSource(kept.path)), name: streamed.name };
    return { tar: budget.metered(tar), close: kept?.remove ?? remove };
  } catch (error) {
    if (isReproofError(error, 'PROGRAM_MISSING')) return error.message;
    if (!isReproofError(error) || !error.code.startsWith('PROGRAM_')) throw error;
    return `the files in the image were not read: ${error.message}`;
  } finally {
    if (!keptCopy) await copy?.remove();
  }
}

function tarOf(path: string, reader: Reader, { budget, helpers }: Context): ByteSource {
  const { helper } = reader;
  return {
    name: '(files)',
    size: undefined,
    async *open(start = 0) {
      if (!budget.takeProgramRun())
        throw new ReproofError('PROGRAM_LIMIT', `running ${helper.program}: no more programs may be run`);
      yield* dropBytes(helpers.stream(helper, reader.arguments(path)), start);
    },
  };
}

function withoutStart(source: ByteSource, count: number): ByteSource {
  if (count === 0) return source;
  return {
    name: source.name,
    size: source.size,
    async *open() {
      yield Buffer.alloc(count);
      yield* source.open(count);
    },
  };
}
