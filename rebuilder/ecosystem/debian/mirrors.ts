import { ReproofError } from '../../../model/index.ts';
import { type AptSource, readAptSources } from './sources-list.ts';

/** The archives Debian publishes that hold what we read. */
export type ArchiveName = 'debian' | 'debian-security' | 'debian-debug';

/** Each archive's root, http or https without a trailing slash; undefined when it is not known. */
export type Mirrors = Readonly<Record<ArchiveName, string | undefined>>;

/** Mirrors, and where they were taken from. */
export type ChosenMirrors = {
  readonly mirrors: Mirrors;
  readonly origin: 'given' | 'apt' | 'snapshot';
  readonly notes: readonly string[];
};

const COMPONENTS = new Set(['main', 'contrib', 'non-free', 'non-free-firmware']);
const SUITES = new Set(
  (
    'stable oldstable oldoldstable testing unstable experimental sid rc-buggy ' +
    'wheezy jessie stretch buster bullseye bookworm trixie forky duke'
  ).split(' '),
);
const SUITE_SUFFIX = /-(updates|security|debug|backports|backports-sloppy|proposed-updates|proposed-updates-debug)$/;

/** The archive a suite of this name lives in: X-security and X-debug have their own. */
export function archiveOf(suite: string): ArchiveName {
  if (suite.endsWith('-security')) return 'debian-security';
  return suite.endsWith('-debug') ? 'debian-debug' : 'debian';
}

function isDebians(source: AptSource): boolean {
  return (
    source.components.includes('main') &&
    source.components.every((component) => COMPONENTS.has(component)) &&
    source.suites.length > 0 &&
    source.suites.every((suite) => SUITES.has(suite.replace(SUITE_SUFFIX, '')))
  );
}

/** How surely a source is this archive: its path says so, or its keyring, or only its suites. 0: it is another. */
function sureness(source: AptSource, archive: ArchiveName): number {
  const named = new URL(source.baseUrl).pathname.split('/').at(-1);
  if (named !== archive && (named === 'debian' || named?.startsWith('debian-'))) return 0;
  if (!source.suites.some((suite) => archiveOf(suite) === archive)) return 0;
  if (named === archive) return 3;
  return source.signedBy?.includes('/debian-archive-') ? 2 : source.signedBy === undefined ? 1 : 0;
}

/**
 * Which of apt's sources serve Debian's own archives. Those of others, whose suites or components are not all Debian's,
 * are passed over, though they may be named alike: which archive it is, is told by the path's last part (debian,
 * debian-security, debian-debug), else by the keyring and the suites. The first of the surest wins.
 */
export function mirrorsFrom(sources: readonly AptSource[]): Mirrors {
  const own = sources.filter(isDebians);
  const pick = (archive: ArchiveName): string | undefined =>
    own
      .map((source) => ({ source, sure: sureness(source, archive) }))
      .reduce<{ baseUrl?: string; sure: number }>(
        (best, { source, sure }) => (sure > best.sure ? { baseUrl: source.baseUrl, sure } : best),
        { sure: 0 },
      ).baseUrl;
  return { debian: pick('debian'), 'debian-security': pick('debian-security'), 'debian-debug': pick('debian-debug') };
}

function givenMirrors(mirror: string): Mirrors {
  if (!URL.canParse(mirror) || !/^https?:\/\/[^/?#]+[^?#]*$/i.test(mirror)) {
    throw new ReproofError('SETTINGS_INVALID', `reading the mirror's address: not an http or https address: ${mirror}`);
  }
  const debian = mirror.replace(/\/+$/, '');
  const sibling = (name: ArchiveName): string | undefined =>
    debian.endsWith('/debian') ? debian.replace(/debian$/, name) : undefined;
  return { debian, 'debian-security': sibling('debian-security'), 'debian-debug': sibling('debian-debug') };
}

/** A time as snapshot.debian.org writes it in addresses, such as 20261122T000000Z. */
export function snapshotTimestamp(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, '');
}

function snapshotMirrors(snapshotBase: string, time: Date): Mirrors {
  const at = (archive: ArchiveName): string =>
    `${snapshotBase.replace(/\/+$/, '')}/archive/${archive}/${snapshotTimestamp(time)}`;
  return { debian: at('debian'), 'debian-security': at('debian-security'), 'debian-debug': at('debian-debug') };
}

/**
 * The mirrors to use: the one given (with its siblings debian-security and debian-debug when its path ends in /debian),
 * else those apt on this machine uses, else snapshot.debian.org (`snapshotBase`) as it was at `now`.
 * Throws SETTINGS_INVALID when the given one is no http or https address.
 */
export async function mirrorsFor(options: {
  readonly mirror?: string | undefined;
  readonly aptFolder: string;
  readonly snapshotBase: string;
  readonly now: Date;
}): Promise<ChosenMirrors> {
  if (options.mirror !== undefined) return { mirrors: givenMirrors(options.mirror), origin: 'given', notes: [] };
  const { sources, notes } = await readAptSources(options.aptFolder);
  const mirrors = mirrorsFrom(sources);
  if (mirrors.debian !== undefined) return { mirrors, origin: 'apt', notes };
  return { mirrors: snapshotMirrors(options.snapshotBase, options.now), origin: 'snapshot', notes };
}
