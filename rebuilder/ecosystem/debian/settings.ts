import type { BuildInfo, BuildSettings, Published } from '../../../model/index.ts';
import { upstreamOf } from './version.ts';

const SAFE_LOCALE = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/;
const OPTION = /^[a-z][a-z0-9_-]*(?:=\S*)?$/;
const PROFILE = /^[a-z0-9][a-z0-9.+-]*$/;

// dpkg's list of variables that a .buildinfo may record (Dpkg::BuildInfo, get_build_env_allowed), without those that
// have a place of their own in BuildSettings. PATH, HOME and USER are not on it and never taken.
const VARIABLES = new Set(
  [
    'CC CPP CXX OBJC OBJCXX PC FC M2C AS LD AR RANLIB MAKE AWK LEX YACC',
    'ASFLAGS CFLAGS CPPFLAGS CXXFLAGS OBJCFLAGS OBJCXXFLAGS GCJFLAGS DFLAGS FFLAGS LDFLAGS ARFLAGS MAKEFLAGS',
    'LD_LIBRARY_PATH LANG LC_ALL LC_CTYPE LC_NUMERIC LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES LC_PAPER LC_NAME',
    'LC_ADDRESS LC_TELEPHONE LC_MEASUREMENT LC_IDENTIFICATION DEB_VENDOR DPKG_ROOT DPKG_ADMINDIR DPKG_DATADIR',
    'DPKG_ORIGINS_DIR DPKG_GENSYMBOLS_CHECK_LEVEL',
  ]
    .join(' ')
    .split(' '),
);
// What dpkg-genbuildinfo records of dpkg-buildflags(1).
const BUILD_FLAG = /^DEB_[A-Z]+_SET$/;

/**
 * The settings a build gets, and what a reader should know of them. Inferred: the fixed ones below, which are those
 * Debian's own builders use. Recorded, by this rule:
 * - Build-Path's parent and last part are buildRoot and sourceFolder.
 * - DEB_BUILD_OPTIONS keeps its words in their order, but parallel=N, which `cpus` decides; DEB_BUILD_PROFILES likewise.
 * - locale is LC_ALL, else LANG, else C.UTF-8; TZ, which no .buildinfo records unless by hand, is the time zone.
 * - variables holds the rest of dpkg's list, and wins over locale: LANG where it is not the locale, every LC_*, and an
 *   empty LC_ALL (which means none, POSIX XBD 8.2) where the builder set LANG or LC_* without it.
 * - SOURCE_DATE_EPOCH is in published.sourceDateEpoch already; everything else is left out and named in a note.
 */
export function buildSettings(
  published: Published,
  wanted: { readonly checks: boolean; readonly cpus: number },
): { readonly settings: BuildSettings; readonly notes: readonly string[] } {
  const info = published.recorded?.buildInfo;
  const recorded = recordedSettings(info);
  const { source, version } = published.target;
  const path = info?.buildPath ?? `/build/reproducible-path/${source}-${upstreamOf(version)}`;
  const cut = path.lastIndexOf('/');
  const options = wanted.checks ? recorded.options : [...recorded.options, 'nocheck'];
  return {
    settings: {
      user: 'build',
      uid: 1001,
      home: '/nonexistent',
      locale: recorded.locale,
      timeZone: recorded.timeZone,
      umask: '022',
      path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      hostname: 'reproof',
      cpus: wanted.cpus,
      buildRoot: cut <= 0 ? '/' : path.slice(0, cut),
      sourceFolder: path.slice(cut + 1),
      sourceDateEpoch: published.sourceDateEpoch,
      buildOptions: [...new Set(options)],
      buildProfiles: recorded.profiles,
      variables: recorded.variables,
    },
    notes: recorded.notes,
  };
}

type Recorded = Pick<BuildSettings, 'locale' | 'timeZone' | 'variables'> & {
  readonly options: readonly string[];
  readonly profiles: readonly string[];
  readonly notes: readonly string[];
};

function recordedSettings(info: BuildInfo | undefined): Recorded {
  const { DEB_BUILD_OPTIONS, DEB_BUILD_PROFILES, SOURCE_DATE_EPOCH: _, TZ, ...rest } = info?.environment ?? {};
  const words = (text: string | undefined): readonly string[] =>
    (text ?? '').split(/\s+/).filter((word) => word !== '');
  const options = words(DEB_BUILD_OPTIONS);
  const profiles = words(DEB_BUILD_PROFILES);
  const odd = [...options.filter((word) => !OPTION.test(word)), ...profiles.filter((word) => !PROFILE.test(word))];
  const locale = [rest.LC_ALL, rest.LANG].find((value) => value !== undefined && value !== '') ?? 'C.UTF-8';
  const usable = SAFE_LOCALE.test(locale);
  const variables = new Map<string, string>();
  const ignored: string[] = [];
  for (const [name, value] of Object.entries(rest).sort(([left], [right]) => (left < right ? -1 : 1))) {
    if (!VARIABLES.has(name) && !BUILD_FLAG.test(name)) ignored.push(name);
    else if ((name !== 'LANG' && name !== 'LC_ALL') || (usable && value !== locale)) variables.set(name, value);
  }
  const sets = Object.keys(rest).some((name) => name === 'LANG' || name.startsWith('LC_'));
  if (sets && !rest.LC_ALL) variables.set('LC_ALL', '');
  const zone = TZ !== undefined && /^[A-Za-z0-9][A-Za-z0-9_+/-]{0,63}$/.test(TZ) ? TZ : undefined;
  return {
    locale: usable ? locale : 'C.UTF-8',
    timeZone: zone ?? 'UTC',
    options: options.filter((word) => OPTION.test(word) && !word.startsWith('parallel=')),
    profiles: [...new Set(profiles.filter((word) => PROFILE.test(word)))],
    variables: Object.fromEntries([...variables].sort(([left], [right]) => (left < right ? -1 : 1))),
    notes: [
      ...ignored.map((name) => `the recorded variable ${name} is not one that dpkg records, and is not set`),
      ...odd.map(
        (word) => `the recorded build option or profile ${JSON.stringify(word)} is malformed, and is not used`,
      ),
      ...(usable ? [] : [`the recorded locale ${JSON.stringify(locale)} is malformed; C.UTF-8 is used`]),
      ...(TZ !== undefined && zone === undefined ? [`the recorded time zone is malformed; UTC is used`] : []),
    ],
  };
}
