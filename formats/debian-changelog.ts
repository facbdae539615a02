/** An entry of a Debian changelog. */
export type ChangelogEntry = {
  /** The first line: name, version, distribution, urgency. */
  readonly heading: string;
  readonly version: string;
  /** The signature line, from its maintainer on; empty where there is none. */
  readonly signature: string;
  /** All lines of the entry, without blank ones at its end. */
  readonly text: string;
};

const HEADING = /^[a-z0-9][a-z0-9+.-]*\s\(([^()\s]{1,255})\)[^;]*;\s*\S/i;

/** True for the first line of a changelog as deb-changelog(5) has it. */
export function isChangelogHeading(line: string): boolean {
  return HEADING.test(line);
}

/** The entries from the newest on. What stands before the first, and comments at the left margin, are left out. */
export function readDebianChangelog(text: string): readonly ChangelogEntry[] {
  const entries: ChangelogEntry[] = [];
  let start = -1;
  for (let from = 0; from <= text.length; ) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    // Most lines are indented: of a long changelog none of them is made a string of its own.
    if (text[from] !== ' ' && isChangelogHeading(text.slice(from, to))) {
      if (start >= 0) entries.push(entryOf(text.slice(start, from)));
      start = from;
    }
    from = to + 1;
  }
  if (start >= 0) entries.push(entryOf(text.slice(start)));
  return entries;
}

function entryOf(part: string): ChangelogEntry {
  const text = part.includes('\n#')
    ? part
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .join('\n')
        .trimEnd()
    : part.trimEnd();
  const heading = text.split('\n', 1)[0] ?? '';
  const signed = text.lastIndexOf('\n -- ');
  const signature = signed < 0 ? '' : (text.slice(signed + 5).split('\n', 1)[0] ?? '');
  return { heading, version: HEADING.exec(heading)?.[1] ?? '', signature, text };
}
