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
  const entries: string[][] = [];
  for (const line of text.split('\n')) {
    if (isChangelogHeading(line)) entries.push([line]);
    else if (!line.startsWith('#')) entries.at(-1)?.push(line);
  }
  return entries.map((lines) => {
    const heading = lines[0] ?? '';
    return {
      heading,
      version: HEADING.exec(heading)?.[1] ?? '',
      signature: lines.findLast((line) => line.startsWith(' -- '))?.slice(4) ?? '',
      text: lines.join('\n').trimEnd(),
    };
  });
}
