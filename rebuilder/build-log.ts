import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import type { FileDigest } from '../model/index.ts';
import type { BlobStore } from './store/types.ts';

/** A line without an end is cut into pieces of this size, so that no build can make us hold its output. */
const LINE_BYTES = 16 * 1024;
const NEWLINE = Buffer.from('\n');

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

  // One write for all the lines of a chunk: a compressor's call costs more than compressing a short line.
  const emit = async (lines: readonly Buffer[]): Promise<void> => {
    const stamp = `[${options.elapsed().toFixed(3).padStart(9)}] `;
    const text = Buffer.concat(lines.flatMap((line) => [Buffer.from(stamp), line, NEWLINE]));
    bytes += text.length;
    for (const line of lines) options.onLine(line.toString('utf8'));
    if (!gzip.write(text)) await Promise.race([once(gzip, 'drain'), stored]);
  };

  return {
    write: async (chunk) => {
      const lines: Buffer[] = [];
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = data.indexOf(10); end >= 0 || data.length - start > LINE_BYTES; end = data.indexOf(10, start)) {
        const whole = end >= 0 && end - start <= LINE_BYTES;
        const stop = whole ? end : start + LINE_BYTES;
        lines.push(data.subarray(start, stop));
        start = whole ? stop + 1 : stop;
      }
      rest = Buffer.from(data.subarray(start));
      if (lines.length > 0) await emit(lines);
    },
    close: async (lastLine) => {
      const lines = [...(rest.length > 0 ? [rest] : []), ...(lastLine === undefined ? [] : [Buffer.from(lastLine)])];
      if (lines.length > 0) await emit(lines);
      gzip.end();
      return { blob: await stored, bytes };
    },
    abandon: async () => {
      gzip.destroy();
      await stored.catch(() => {});
    },
  };
}
