import { parseParagraphs } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';

const FORMAT = /^https?:\/\/(?:www\.)?debian\.org\/doc\/packaging-manuals\/copyright-format\/1\.[0-9]+\/?$/;
const MOST_PARAGRAPHS = 20_000;

/**
 * The short names of the licences in a machine-readable copyright file, one for each set of files, each once and sorted
 * (machine-readable debian/copyright 1.0). Undefined for a file that is not machine-readable: most say so by their first
 * line, and a broken one says nothing that could be relied on.
 */
export function readCopyright(bytes: Uint8Array): readonly string[] | undefined {
  try {
    const limits = { paragraphBytes: bytes.length + 1, fields: 100, paragraphs: MOST_PARAGRAPHS, comments: true };
    const [header, ...paragraphs] = parseParagraphs(bytes, limits);
    if (header === undefined || !FORMAT.test(header.get('Format') ?? '')) return undefined;
    const licences = [header, ...paragraphs.filter((paragraph) => paragraph.has('Files'))].map(
      (paragraph) => paragraph.lines('License')?.[0]?.trim() ?? '',
    );
    const named = [...new Set(licences.filter((licence) => licence !== ''))].sort();
    return named.length === 0 ? undefined : named;
  } catch (error) {
    if (isReproofError(error, 'DEB822_SYNTAX', 'DEB822_LIMIT')) return undefined;
    throw error;
  }
}
