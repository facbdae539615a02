import { ReproofError } from '../../model/index.ts';
import type { InstalledPackage, PackageList } from './types.ts';

export type ListLimits = { readonly bytes: number; readonly packages: number };
/** Of every list that comes from outside: some times what the largest machine has. */
export const LIST_LIMITS: ListLimits = { bytes: 2 * 1024 ** 2, packages: 20_000 };

const LONGEST_LINE = 4096;
const UNREAD_LINES = 5;
const UNREAD_CHARACTERS = 120;

/** deb-control(5): a package's name; deb-version(7): a version; dpkg's names of architectures. */
const NAME = '(?<name>[a-z0-9][a-z0-9+.-]{0,199})';
const VERSION = '(?<version>[0-9][A-Za-z0-9.+:~-]{0,199})';
const ARCHITECTURE = '(?<architecture>[a-z0-9][a-z0-9-]{0,49})';
const QUALIFIED = `${NAME}(?::${ARCHITECTURE})?`;

/** The ways a package is written, each a whole line. */
const LINES: readonly RegExp[] = [
  // dpkg-query -W -f '${Package} ${Version} ${Architecture}\n'
  new RegExp(`^${NAME}\\s+${VERSION}\\s+${ARCHITECTURE}$`),
  // dpkg-query -W
  new RegExp(`^${QUALIFIED}\\s+${VERSION}$`),
  // dpkg -l: the second letter says that it is installed.
  new RegExp(`^[uihrp]i\\s+${NAME}(?::[a-z0-9-]+)?\\s+${VERSION}\\s+${ARCHITECTURE}(?:\\s.*)?$`),
  // apt list --installed
  new RegExp(`^${NAME}/\\S+\\s+${VERSION}\\s+${ARCHITECTURE}\\s+\\[installed.*\\]$`),
  // Installed-Build-Depends, deb-buildinfo(5)
  new RegExp(`^(?:Installed-Build-Depends:)?\\s*${QUALIFIED}\\s+\\(=\\s*${VERSION}\\),?$`),
];

/** What such lists have beside packages: heads, other fields of a .buildinfo, what is not installed any more. */
const NO_PACKAGE =
  /^(?:\s*$|Listing\.\.\.|Desired=|\|[ /]|\|\|\/|\+\+\+-|[uihrp][ncHUFWt]\s|#|-----|[A-Z][A-Za-z0-9-]*:|\s+\S|[A-Za-z0-9+/=]{40,}$)/;

/**
 * Reads what people have of a machine's packages: what dpkg-query, dpkg -l and apt list print, a .buildinfo, or a lock of
 * ours. A package is there once. Throws REQUEST_INVALID where it is too large, or JSON of another kind.
 */
export function readPackageList(text: string, limits: ListLimits = LIST_LIMITS): PackageList {
  if (text.length > limits.bytes)
    throw new ReproofError('REQUEST_TOO_LARGE', `reading a list of packages: it has more than ${limits.bytes} bytes`);
  const trimmed = text.trimStart();
  if (!trimmed.startsWith('{')) return readLines(text, limits);
  return { packages: distinct(lockPackages(trimmed), limits), unread: 0, unreadLines: [] };
}

function readLines(text: string, limits: ListLimits): PackageList {
  const packages: InstalledPackage[] = [];
  const unreadLines: { line: number; text: string }[] = [];
  let line = 0;
  let unread = 0;
  for (const piece of text.split('\n')) {
    line += 1;
    const tooLong = piece.length > LONGEST_LINE;
    const found = tooLong ? undefined : packageOf(piece.trimEnd());
    if (found !== undefined) packages.push(found);
    else if (tooLong || !NO_PACKAGE.test(piece)) {
      unread += 1;
      if (unread <= UNREAD_LINES) unreadLines.push({ line, text: piece.slice(0, UNREAD_CHARACTERS) });
    }
    if (packages.length > limits.packages) break;
  }
  return { packages: distinct(packages, limits), unread, unreadLines };
}

function packageOf(line: string): InstalledPackage | undefined {
  for (const pattern of LINES) {
    const { name, version, architecture } = pattern.exec(line)?.groups ?? {};
    if (name !== undefined && version !== undefined)
      return { name, version, ...(architecture === undefined ? {} : { architecture }) };
  }
  return undefined;
}

function distinct(packages: readonly InstalledPackage[], limits: ListLimits): readonly InstalledPackage[] {
  if (packages.length > limits.packages)
    throw new ReproofError(
      'REQUEST_TOO_LARGE',
      `reading a list of packages: it has more than ${limits.packages} packages`,
    );
  return [...new Map(packages.map((one) => [`${one.name} ${one.version} ${one.architecture ?? ''}`, one])).values()];
}

/** Packages of a `reproof-lock/1`, or of {"packages": [...]}. */
function lockPackages(text: string): readonly InstalledPackage[] {
  const lock = parsed(text) as { readonly layers?: unknown; readonly packages?: unknown };
  const lists = Array.isArray(lock.layers)
    ? lock.layers.map((layer: unknown) => (layer as { packages?: unknown } | null)?.packages)
    : [lock.packages];
  return lists.flatMap((list) => {
    if (!Array.isArray(list))
      throw new ReproofError('REQUEST_INVALID', 'reading a list of packages: this JSON holds no list of packages');
    return list.map(lockedPackage);
  });
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new ReproofError('REQUEST_INVALID', 'reading a list of packages: it begins as JSON and is none', { cause });
  }
  throw new ReproofError('REQUEST_INVALID', 'reading a list of packages: this JSON holds no list of packages');
}

function lockedPackage(value: unknown): InstalledPackage {
  const { name, version, architecture } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const line = [name, version, architecture].filter((word) => typeof word === 'string').join(' ');
  const found = packageOf(line);
  if (found === undefined)
    throw new ReproofError('REQUEST_INVALID', 'reading a list of packages: one in it is no package');
  return found;
}
