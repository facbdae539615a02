/** A manifest's lines with their continuations joined, in order; an empty one ends a section. */
export type ManifestLines = {
  readonly lines: readonly string[];
  /** How lines end: CR LF, LF, CR, in the order they first occur. */
  readonly endings: readonly string[];
};

/**
 * The lines of a JAR file's manifest or signature file, JAR File Specification, "Manifest Specification": a line that
 * begins with a blank continues the one before. Bytes as latin1.
 */
export function manifestLines(text: string): ManifestLines {
  const lines: string[] = [];
  const endings = new Set<string>();
  let pieces: string[] | undefined;
  const flush = (): void => {
    if (pieces !== undefined) lines.push(pieces.join(''));
    pieces = undefined;
  };
  for (const [, line = '', ending = ''] of text.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)) {
    if (line === '' && ending === '') break;
    if (ending !== '') endings.add(ending === '\r\n' ? 'CR LF' : ending === '\n' ? 'LF' : 'CR');
    if (line.startsWith(' ') && pieces !== undefined) pieces.push(line.slice(1));
    else {
      flush();
      pieces = [line];
    }
  }
  flush();
  return { lines, endings: [...endings] };
}
