/** A value of a file of keys and values: INI, desktop entries, Java properties, simple TOML. */
export type KeyValue = {
  /** The key, after its section and a dot. */
  readonly name: string;
  readonly value: string;
};

const MOST_KEYS = 50_000;
const SECTION = /^\[\[?([^\]]*)\]\]?$/;

/**
 * Keys and values line by line, in file order; a backslash at the end goes on with the next line. Undefined when a line
 * is neither that, a section, a comment nor blank, and for more keys than people write.
 */
export function readKeyValues(text: string): readonly KeyValue[] | undefined {
  const found: KeyValue[] = [];
  let section = '';
  for (const line of wholeLines(text)) {
    if (line === '' || /^[#;!]/.test(line)) continue;
    const named = SECTION.exec(line)?.[1];
    const split = line.search(/[=:]/);
    if (named !== undefined) section = `${named.trim()}.`;
    else if (split < 1 || found.length >= MOST_KEYS) return undefined;
    else found.push({ name: `${section}${line.slice(0, split).trim()}`, value: line.slice(split + 1).trim() });
  }
  return found;
}

function* wholeLines(text: string): Generator<string> {
  let pieces: string[] = [];
  for (const written of text.split('\n')) {
    const line = written.trim();
    const goesOn = /(?<!\\)(?:\\\\)*\\$/.test(line) && !/^[#;!]/.test(pieces[0] ?? line);
    pieces.push(goesOn ? line.slice(0, -1) : line);
    if (goesOn) continue;
    yield pieces.join('');
    pieces = [];
  }
  if (pieces.length > 0) yield pieces.join('');
}

/** The date that Java's Properties.store writes as the first or second comment. */
export function readPropertiesDate(text: string): string | undefined {
  return PROPERTIES_DATE.exec(text)?.[1];
}
const PROPERTIES_DATE =
  /^(?:#[^\n]{0,1000}\n)?#((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \S{1,9} \d{4})\r?(?:\n|$)/;
