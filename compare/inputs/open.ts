import { stat } from 'node:fs/promises';
import { ReproofError } from '../../model/index.ts';
import type { CompareInput } from '../compare.ts';
import { escapeText } from '../escape.ts';
import { fileSource } from '../file-source.ts';
import { folderInput } from './folder.ts';
import { pipeStream } from './pipe.ts';
import { type SpoolOptions, spool } from './spool.ts';

export type InputOptions = {
  /** What is read where a path is `-`. */
  readonly standardInput?: AsyncIterable<Uint8Array>;
  /** Mode, owner and times of what is in folders: compared when absent. */
  readonly directoryMetadata?: boolean;
  /** Bytes that are taken from standard input or a pipe. */
  readonly spoolBytes?: number;
  readonly signal?: AbortSignal;
};

/** Two inputs that can be compared; close() removes what was written to be able to read them again. */
export type OpenedInputs = { readonly left: CompareInput; readonly right: CompareInput; close(): Promise<void> };

/**
 * Opens two paths: of files, of folders, or `-`. Two that are each a .changes, .dsc or .buildinfo stand for all they name. Links given are followed, those inside folders never. Throws USAGE for
 * what cannot be compared, such as a folder with a file or a device, ARCHIVE_LIMIT, and Node's own errors.
 */
export async function openInputs(left: string, right: string, options: InputOptions = {}): Promise<OpenedInputs> {
  if (left === '-' && right === '-') throw new ReproofError('USAGE', 'only one side can be standard input');
  const kinds = [await kindOf(left), await kindOf(right)] as const;
  if ((kinds[0] === 'folder') !== (kinds[1] === 'folder')) {
    const [folder, other] = kinds[0] === 'folder' ? [left, right] : [right, left];
    throw new ReproofError('USAGE', `${escapeText(folder)} is a folder and ${escapeText(other)} is not`);
  }
  const sets = kinds.every((kind) => kind === 'file') && [left, right].every((path) => SET_NAME.test(path));
  const spooled: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const source of spooled) await source.close();
  };
  const open = async (path: string, kind: Kind): Promise<CompareInput> => {
    if (kind === 'folder') return folderInput(path, { metadata: options.directoryMetadata ?? true });
    if (sets) return (await import('./file-set.ts')).fileSetInput(path);
    if (kind === 'file') return fileSource(path);
    const source = await spool(
      kind === 'pipe' ? pipeStream(path) : standardInput(options),
      spoolOptions(path, options),
    );
    spooled.push(source);
    return source;
  };
  try {
    return { left: await open(left, kinds[0]), right: await open(right, kinds[1]), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const SET_NAME = /\.(?:changes|dsc|buildinfo)$/;

type Kind = 'file' | 'folder' | 'pipe' | 'standard input';

async function kindOf(path: string): Promise<Kind> {
  if (path === '-') return 'standard input';
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file or folder' : cause.message;
    throw new ReproofError('USAGE', `${escapeText(path)}: ${why}`, { cause });
  });
  if (stats.isDirectory()) return 'folder';
  if (stats.isFile()) return 'file';
  if (stats.isFIFO()) return 'pipe';
  throw new ReproofError('USAGE', `${escapeText(path)} is neither a file nor a folder`);
}

function standardInput({ standardInput }: InputOptions): AsyncIterable<Uint8Array> {
  if (standardInput === undefined) throw new ReproofError('USAGE', 'there is no standard input to read');
  return standardInput;
}

function spoolOptions(path: string, { spoolBytes, signal }: InputOptions): SpoolOptions {
  return {
    name: path === '-' ? 'standard input' : 'pipe',
    ...(spoolBytes === undefined ? {} : { limitBytes: spoolBytes }),
    ...(signal === undefined ? {} : { signal }),
  };
}
