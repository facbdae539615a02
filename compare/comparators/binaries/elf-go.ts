import type { GoBuildInfo } from '../../../formats/index.ts';
import type { Reason } from '../../../model/index.ts';
import { escapeName, shorten } from '../../escape.ts';
import { byBytes } from '../../pairing.ts';

const SHOWN_CHARACTERS = 200;

/** Options and environment that Go's linker wrote down (runtime/debug.BuildSetting); of version control is the code. */
export function otherSettings(left: GoBuildInfo, right: GoBuildInfo): readonly Reason[] {
  const [old, now] = [new Set(settingsOf(left)), new Set(settingsOf(right))];
  const [gone, added] = [[...old].filter((one) => !now.has(one)), [...now].filter((one) => !old.has(one))];
  if (gone.length + added.length === 0) return [];
  const names = [...new Set([...gone, ...added].map((setting) => setting.replace(/=.*/s, '')))].sort(byBytes);
  const shown = (text: string): string => escapeName(shorten(text, SHOWN_CHARACTERS));
  const side = (settings: readonly string[]): string => shown(settings.join(' ') || 'none');
  const evidence = `settings of the build differ: ${shown(names.join(' '))}`;
  return [{ kind: 'metadata', evidence, left: side(gone), right: side(added) }];
}

function settingsOf({ lines }: GoBuildInfo): readonly string[] {
  return lines.flatMap((line) => /^build\t(?!vcs)(.*)$/s.exec(line)?.[1] ?? []);
}

export const OTHER_LINK: Reason = {
  kind: 'metadata',
  evidence: 'hashes of what Go was given differ, not those of what it made',
};

/**
 * True where two notes differ in what Go hashed before it linked, and not in what came out. The build id of a program
 * is four hashes (buildid.go of cmd/go): what it is linked from and how, the same of its main package, what
 * this became, and what the program became.
 */
export function isOtherLink(lines: readonly string[]): boolean {
  const [old, now] = lines.map((line) => (line.startsWith('Go build id: ') ? line.split('/') : []));
  return lines.length === 2 && old?.length === 4 && now?.length === 4 && old[2] === now[2] && old[3] === now[3];
}
