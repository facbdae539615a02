import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import { streamProgram } from '../../../programs/index.ts';

/** Upper limits of looking for one member. */
export type MemberLimits = {
  /** Bytes of the uncompressed archive to go through. */
  readonly archiveBytes: number;
  /** Bytes to keep of the member's beginning. */
  readonly memberBytes: number;
  readonly wallSeconds: number;
};

/** A member found: its name as the archive spells it (never a path of ours) and its beginning. */
export type Member = { readonly name: string; readonly head: Buffer };

/**
 * The first regular file among a tar archive's members whose name satisfies `wanted` ("./" at its beginning left out),
 * or undefined when there is none. Reading stops as soon as it is found. Throws ARCHIVE_MALFORMED, ARCHIVE_LIMIT when
 * the archive goes on past archiveBytes, and what `source` throws.
 */
export async function findMember(
  source: AsyncIterable<Uint8Array>,
  wanted: (name: string) => boolean,
  search: { readonly name: string; readonly limits: MemberLimits },
): Promise<Member | undefined> {
  const tar = extract();
  let failure: unknown;
  const bytes = Readable.from(bounded(source, search.name, search.limits.archiveBytes), { objectMode: false });
  bytes.on('error', (error) => {
    failure = error;
    tar.destroy(error);
  });
  bytes.pipe(tar);
  try {
    for await (const entry of tar) {
      const name = entry.header.name.replace(/^\.\//, '');
      if (entry.header.type === 'file' && wanted(name)) {
        const head = await takeHead(entry as AsyncIterable<Uint8Array>, search.limits.memberBytes);
        if (failure !== undefined) throw failure;
        return { name, head };
      }
      entry.resume();
    }
    if (failure !== undefined) throw failure;
    return undefined;
  } catch (error) {
    if (isReproofError(failure)) throw failure;
    if (isReproofError(error)) throw error;
    throw new ReproofError('ARCHIVE_MALFORMED', `reading tar archive ${search.name}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    bytes.destroy();
    tar.destroy();
  }
}

/** A file's bytes, decompressed by the ending of its name: .xz, .lzma, .gz, .bz2 or none of them. Throws ARCHIVE_MALFORMED. */
export async function* decompressed(
  file: { readonly path: string; readonly name: string },
  limits: MemberLimits,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const argv = decompressor(file.name);
  const input = createReadStream(file.path, { signal });
  try {
    if (argv === undefined) yield* input;
    else if (argv === 'gunzip') yield* input.pipe(createGunzip()).on('error', () => input.destroy());
    else {
      const run = { wallSeconds: limits.wallSeconds, outputBytes: limits.archiveBytes + 1 };
      yield* streamProgram(argv, { limits: run, input, signal });
    }
  } catch (error) {
    if (isReproofError(error) && error.code !== 'PROGRAM_FAILED') throw error;
    if (signal.aborted) throw new ReproofError('INTERRUPTED', `reading ${file.name}: interrupted`, { cause: error });
    throw new ReproofError('ARCHIVE_MALFORMED', `decompressing ${file.name}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    input.destroy();
  }
}

function decompressor(name: string): readonly [string, ...string[]] | 'gunzip' | undefined {
  if (name.endsWith('.gz')) return 'gunzip';
  if (name.endsWith('.xz')) return ['xz', '-dc', '-T1', '--memlimit-decompress=1GiB', '--format=xz'];
  if (name.endsWith('.lzma')) return ['xz', '-dc', '-T1', '--memlimit-decompress=1GiB', '--format=lzma'];
  return name.endsWith('.bz2') ? ['bzip2', '-dc'] : undefined;
}

async function* bounded(source: AsyncIterable<Uint8Array>, name: string, max: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > max) {
      throw new ReproofError('ARCHIVE_LIMIT', `reading ${name}: more than ${max} bytes when decompressed`, {
        context: { name, max },
      });
    }
    yield chunk;
  }
}

async function takeHead(stream: AsyncIterable<Uint8Array>, max: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let kept = 0;
  for await (const chunk of stream) {
    chunks.push(chunk.subarray(0, max - kept));
    kept += chunk.length;
    if (kept >= max) break;
  }
  return Buffer.concat(chunks);
}
