/** Bytes up to the next zero byte, as latin1; empty ones are left out. */
export function zeroEnded(bytes: Buffer): string[] {
  return bytes
    .toString('latin1')
    .split('\0')
    .filter((text) => text !== '');
}

/**
 * Runs of at least `least` printable bytes, as strings(1) finds them: ASCII, tab, and bytes of UTF-8 beyond it, up to a
 * zero byte. At most `limit` of them, in order, as latin1.
 */
export function printableRuns(bytes: Buffer, least: number, limit: number): string[] {
  const runs: string[] = [];
  let start = -1;
  for (let at = 0; at <= bytes.length; at++) {
    const byte = at < bytes.length ? (bytes[at] as number) : 0;
    if ((byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10) {
      if (start < 0) start = at;
      continue;
    }
    if (start >= 0 && at - start >= least) {
      runs.push(bytes.toString('latin1', start, at));
      if (runs.length >= limit) break;
    }
    start = -1;
  }
  return runs;
}
