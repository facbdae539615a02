/** How the lines of a text end. */
export type LineEndings = {
  /** How often each way to end a line occurs, in words for display. */
  readonly endings: string;
  /** The only way to end a line that occurs; undefined where there are several, or none. */
  readonly ending: string | undefined;
};

/** Lines without their ends. `open`: the last one has none. */
export type SplitLines = { readonly lines: readonly string[]; readonly open: boolean };

const KINDS = [
  { name: 'CRLF', ending: '\r\n' },
  { name: 'LF', ending: '\n' },
  { name: 'CR', ending: '\r' },
] as const;

/** Counts how the lines of a text end, given as bytes where each line end is one of these. Linear. */
export function lineEndings(text: string | Uint8Array): LineEndings {
  const counts = [0, 0, 0];
  const codeAt =
    typeof text === 'string' ? (index: number) => text.charCodeAt(index) : (index: number) => text[index] as number;
  for (let index = 0; index < text.length; index++) {
    const code = codeAt(index);
    if (code !== 10 && code !== 13) continue;
    const kind = code === 10 ? 1 : codeAt(index + 1) === 10 ? 0 : 2;
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (kind === 0) index++;
  }
  const found = KINDS.map((kind, index) => ({ ...kind, count: counts[index] ?? 0 })).filter(({ count }) => count > 0);
  return {
    endings: found.map(({ name, count }) => `${count} ${name}`).join(', '),
    ending: found.length === 1 ? found[0]?.ending : undefined,
  };
}

/** The lines of a text that ends them with `ending`. */
export function splitLines(text: string, ending: string): SplitLines {
  if (text === '') return { lines: [], open: false };
  const open = !text.endsWith(ending);
  return { lines: (open ? text : text.slice(0, -ending.length)).split(ending), open };
}
