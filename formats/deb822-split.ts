import { ReproofError } from '../model/index.ts';

const NEWLINE = 0x0a;

/**
 * The paragraphs of a long control document as their bytes, without the empty lines between them: for finding those worth
 * parsing. Only lines without any blank part paragraphs here. Memory is one paragraph and one chunk. Throws DEB822_LIMIT
 * for one of more than `paragraphBytes`.
 */
export async function* splitParagraphs(
  source: AsyncIterable<Uint8Array>,
  paragraphBytes: number,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
    // What was searched already holds no end, but may end in the first half of one.
    let searched = Math.max(0, rest.length - 1);
    let start = 0;
    for (let end = bytes.indexOf('\n\n', searched); end >= 0; end = bytes.indexOf('\n\n', searched)) {
      const from = afterNewlines(bytes, start, end);
      if (end - from >= paragraphBytes) throw tooLong(paragraphBytes);
      if (end > from) yield bytes.subarray(from, end + 1);
      start = end + 2;
      searched = start;
    }
    rest = bytes.subarray(start);
    if (rest.length > paragraphBytes) throw tooLong(paragraphBytes);
  }
  const from = afterNewlines(rest, 0, rest.length);
  if (rest.length > from) yield rest.subarray(from);
}

function tooLong(paragraphBytes: number): ReproofError {
  const context = { limit: 'paragraphBytes', max: paragraphBytes };
  const message = `reading a control document: more than ${paragraphBytes} paragraphBytes`;
  return new ReproofError('DEB822_LIMIT', message, { context });
}

function afterNewlines(bytes: Buffer, start: number, end: number): number {
  let from = start;
  while (from < end && bytes[from] === NEWLINE) from++;
  return from;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
