import { createGunzip } from 'node:zlib';
import { type ArMember, ByteReader, readAr, TarReader } from '../../formats/index.ts';
import { isReproofError, ReproofError } from '../../model/index.ts';
import { streamProgram } from '../../programs/index.ts';

/** Upper limits of reading one .deb. Passing one throws ARCHIVE_LIMIT. */
export type DebLimits = {
  /** Bytes of either of its archives when unpacked. */
  readonly unpackedBytes: number;
  /** Members of its payload. */
  readonly members: number;
  /** Bytes of all names of its payload together: what is kept in memory grows with them. */
  readonly nameBytes: number;
  /** Bytes of its control file. */
  readonly controlBytes: number;
  /** Bytes of its copyright file: of a longer one no licence is read. */
  readonly copyrightBytes: number;
  readonly wallSeconds: number;
};

/**
 * Far more than any package of Debian. Each file takes about 5 KB of memory until its SBOM is written, and the worst of
 * names, escaped and written twice, still fit into one text of JavaScript (2^29 characters).
 */
export const DEB_LIMITS: DebLimits = {
  unpackedBytes: 64 * 1024 ** 3,
  members: 500_000,
  nameBytes: 32 * 1024 ** 2,
  controlBytes: 1024 ** 2,
  copyrightBytes: 8 * 1024 ** 2,
  wallSeconds: 3600,
};

/** A .deb's two archives, in order; each is read to its end before the next, or passed over. */
export type DebPart = { readonly part: 'control' | 'data'; readonly tar: AsyncIterable<Uint8Array> };

/** What a .deb is read by: `name` is for messages. */
export type DebReading = { readonly name: string; readonly limits: DebLimits; readonly signal: AbortSignal };

/**
 * The parts of a .deb (deb(5)): its archives unpacked, and when its first member was made, in seconds since 1970. A
 * missing, repeated or misplaced part throws ARCHIVE_MALFORMED; further members are passed over only where their names
 * begin with an underscore, as dpkg does.
 */
export async function* debParts(
  bytes: AsyncIterable<Uint8Array>,
  reading: DebReading,
): AsyncGenerator<DebPart | { readonly part: 'version'; readonly madeAt: number | undefined }> {
  const wanted = ['debian-binary', 'control.tar', 'data.tar'];
  const limits = { members: 100, nameBytes: 4096, memberBytes: Number.MAX_SAFE_INTEGER };
  for await (const member of readAr(bytes, limits)) {
    const name = member.name.replace(/\/$/, '');
    const next = wanted[0];
    if (next !== undefined && (name === next || (next.endsWith('.tar') && name.startsWith(`${next}.`)))) {
      wanted.shift();
      if (next === 'debian-binary') {
        await checkVersion(member, reading.name);
        yield { part: 'version', madeAt: member.mtime };
      } else yield { part: next === 'data.tar' ? 'data' : 'control', tar: unpacked(member.content, name, reading) };
    } else if (!name.startsWith('_') || next === 'debian-binary') {
      throw malformed(
        reading.name,
        next === undefined ? 'a member follows its data' : `its next member is not ${next}`,
      );
    }
  }
  if (wanted[0] !== undefined) throw malformed(reading.name, `it has no ${wanted[0]}`);
}

async function checkVersion(member: ArMember, name: string): Promise<void> {
  if (member.size > 100) throw malformed(name, 'debian-binary is too long');
  const text = Buffer.concat(await Array.fromAsync(member.content)).toString('latin1');
  if (!/^2\.[0-9]+\n/.test(text)) throw malformed(name, 'its format is not 2.x');
}

/** The members of a tar archive, which is read to its end: only then is it known to be whole. */
export async function* tarItems(tar: AsyncIterable<Uint8Array>) {
  const bytes = new ByteReader(tar);
  const reader = new TarReader(bytes, { headerBytes: 1024 ** 2 });
  try {
    for (let item = await reader.next(); item !== undefined; item = await reader.next()) {
      if (item.kind === 'member') yield { member: item, content: reader.content() };
      if (item.kind === 'end') for await (const _piece of item.trailing);
    }
  } finally {
    await bytes.close();
  }
}

const PROGRAMS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  xz: ['xz', '-dc', '-T1', '--memlimit-decompress=1GiB', '--format=xz'],
  lzma: ['xz', '-dc', '-T1', '--memlimit-decompress=1GiB', '--format=lzma'],
  bz2: ['bzip2', '-dc'],
  zst: ['zstd', '-dcq', '--memory=1024MiB'],
};

async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  member: string,
  { name, limits, signal }: DebReading,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  try {
    for await (const chunk of unpacking(packed, member, { name, limits, signal })) {
      signal.throwIfAborted();
      total += chunk.length;
      if (total > limits.unpackedBytes) throw passed(name, 'unpackedBytes', limits.unpackedBytes);
      yield chunk;
    }
  } catch (error) {
    if (signal.aborted) throw new ReproofError('INTERRUPTED', `reading ${name}: interrupted`, { cause: error });
    if (isReproofError(error) && error.code !== 'PROGRAM_FAILED') throw error;
    throw new ReproofError('ARCHIVE_MALFORMED', `unpacking ${member} of ${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function unpacking(
  packed: AsyncIterable<Uint8Array>,
  member: string,
  { name, limits, signal }: DebReading,
): AsyncIterable<Uint8Array> {
  if (member.endsWith('.tar')) return packed;
  const kind = member.slice(member.lastIndexOf('.') + 1);
  if (kind === 'gz') return gunzipped(packed);
  const argv = Object.hasOwn(PROGRAMS, kind) ? PROGRAMS[kind] : undefined;
  if (argv === undefined)
    throw malformed(name, `${JSON.stringify(member.slice(0, 80))} is compressed in an unknown way`);
  // One more than may be: passing the limit is told above, by its name.
  const run = { wallSeconds: limits.wallSeconds, outputBytes: limits.unpackedBytes + 1024 ** 2 };
  return streamProgram(argv, { limits: run, input: packed, signal });
}

async function* gunzipped(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const feed = async (): Promise<void> => {
    for await (const chunk of packed)
      await new Promise<void>((resolve, reject) => gunzip.write(chunk, (error) => (error ? reject(error) : resolve())));
    gunzip.end();
  };
  const fed = feed().catch((error: Error) => void gunzip.destroy(error));
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
    await fed;
  } finally {
    gunzip.destroy();
  }
}

export function malformed(name: string, why: string): ReproofError {
  return new ReproofError('ARCHIVE_MALFORMED', `reading ${name}: ${why}`);
}

export function passed(name: string, limit: keyof DebLimits, value: number): ReproofError {
  return new ReproofError('ARCHIVE_LIMIT', `reading ${name}: more than ${value} ${limit}`, {
    context: { limit, value },
  });
}
