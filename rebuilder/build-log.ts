import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import type { FileDigest } from '../model/index.ts';
import type { BlobStore } from './store/types.ts';

/** A line without an end is cut into pieces of this size, so that no build can make us hold its output. */
const LINE_BYTES = 16 * 1024;

/** A build's log on its way: stamped by line, compressed, into the blob store; `line` sees each line as it comes. */
export type BuildLog = {
  readonly write: (chunk: Buffer) => Promise<void>;
  /** Ends the log, with a last line of ours when given, and gives the blob and the bytes before compression. */
  readonly close: (lastLine?: string) => Promise<{ readonly blob: FileDigest; readonly bytes: number }>;
  /** Gives the log of a build that was interrupted up, and leaves nothing of it on the disk. */
  readonly abandon: () => Promise<void>;
};

/**
 * Opens a log. `elapsed` gives seconds since the build began; each line is kept as "[SECONDS] TEXT", SECONDS with three
 * decimals. gzip without a name or time in its header, so that equal logs are equal blobs.
 */
export function openBuildLog(
  blobs: BlobStore,
  options: { readonly elapsed: () => number; readonly maxBytes: number; readonly onLine: (line: string) => void },
): BuildLog {
  const gzip = createGzip({ level: 6 });
  // Stamps make a log longer than what the build wrote: at most by one stamp for each byte.
  const stored = blobs.put('build.log.gz', gzip, options.maxBytes * 16 + 1_000_000);
  stored.catch(() => gzip.destroy());
  let bytes = 0;
  let rest = Buffer.alloc(0);

  const emit = async (line: Buffer): Promise<void> => {
    const text = `[${options.elapsed().toFixed(3).padStart(9)}] ${line.toString('utf8')}\n`;
    bytes += Buffer.byteLength(text);
    options.onLine(line.toString('utf8'));
    if (!gzip.write(text)) await Promise.race([once(gzip, 'drain'), stored]);
  };

  return {
    write: async (chunk) => {
      let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        const end = data.indexOf(10);
        if (end >= 0 && end <= LINE_BYTES) {
          await emit(data.subarray(0, end));
          data = data.subarray(end + 1);
        } else if (data.length > LINE_BYTES) {
          await emit(data.subarray(0, LINE_BYTES));
          data = data.subarray(LINE_BYTES);
        } else break;
      }
      rest = Buffer.from(data);
    },
    close: async (lastLine) => {
      if (rest.length > 0) await emit(rest);
      if (lastLine !== undefined) await emit(Buffer.from(lastLine));
      gzip.end();
      return { blob: await stored, bytes };
    },
    abandon: async () => {
      gzip.destroy();
      await stored.catch(() => {});
    },
  };
}
