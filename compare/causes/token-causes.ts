import type { Reason, ReasonKind } from '../../model/index.ts';
import { escapeText, shorten } from '../escape.ts';
import type { Cause, Evidence } from './cause.ts';
import { areAmbiguousDays, haveKnownZones, readDate, secondsBetween, zoneOf } from './dates.ts';
import { isOtherCount } from './other-counts.ts';
import type { TokenPair } from './tokens.ts';

const SHOWN_CHARACTERS = 200;
const DAY_HOURS = 26;

/** Digest lengths in hex digits: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512. */
const DIGESTS: ReadonlySet<number> = new Set([32, 40, 56, 64, 96, 128]);
const DIGEST_WORDS = /(?:md5|sha-?\d|digest|checksum|hash)/i;
/** A line of md5sums(1) and its like: a digest, and a file. */
const DIGEST_LINE = /^[0-9a-f]{32,128}[ *]+\S/;
/** A file and its digest in YAML, as checksums.yaml of a gem has them. */
const DIGEST_OF_FILE = /^\s*[\w+-][\w.+-]*\.\w+: *["']?[0-9a-f]{32,128}["']?$/;
/** In manifest.json of docker save, which names files by digests: image-spec v1.2 of Docker. */
const IMAGE_CONFIG = /"Config":\s*"[0-9a-f]{64}\.json"/;
/** What follows digits in the name of a file that a page loads: bundlers name such files after what they hold. */
const LOADED_FILE =
  /^(?:[.-][a-z]{1,20})?\.(?:[cm]?js|css|map|json|wasm|html?|svg|png|jpe?g|gif|webp|woff2?|ttf|otf|eot)\b/;
/** What names a state of sources, as git and Mercurial do: SHA-1, or its beginning. */
const COMMIT_WORDS = /commit|revision|changeset|\brev\b|git[-_ ]?(?:sha|hash|id|rev|head)/i;
const COMMIT_DIGITS = 40;
const SECTION_WORDS = /\b(?:sections?|chapters?|clauses?|figures?|tables?)\b|§/i;
/** Of an object identifier (X.660), for which versions have too few. */
const IDENTIFIER_PARTS = 6;
/** Words of tools that stand in any line, too. */
const ANY_WORDS = /\b(?:created|built|using|generated)\b/gi;
const BUILD_ID_WORDS = /build[- ]?id/i;
/**
 * A unit of code of Rust, which has the crate's id in its name: a hash of the crate's name, of `-C metadata`, which
 * cargo makes of all that it is given, and of the compiler's version (rustc_span: StableCrateId).
 */
const RUST_UNIT = /\.[0-9a-f]{8,16}-cgu\.\d/;
const TOOL_WORDS =
  /version|generat|compil|producer|created|built|using|gcc|clang|llvm|rust|\bgo\d|python|perl|ruby|java|jdk|debhelper|dh_|cmake|doxygen|sphinx|pod2man|ident/i;

/** Dates of both sides that stand opposite each other and are not the same moment. */
const timestamp: Cause = {
  id: 'timestamp',
  find: (evidence) =>
    told(evidence, {
      kind: 'timestamp',
      what: 'dates',
      filter: (pair) => isDate(pair) && !isZone(pair),
      distance: true,
    }),
};

/** Dates that differ by whole hours: another time zone. */
const timezone: Cause = {
  id: 'timezone',
  find: (evidence) =>
    told(evidence, {
      kind: 'timestamp',
      what: 'whole hours of a date, as time zones do',
      filter: isZone,
      distance: true,
    }),
};

/** The year alone, which documentation takes from the clock. */
const copyrightYear: Cause = {
  id: 'copyright-year',
  find: (evidence) =>
    told(evidence, { kind: 'timestamp', what: 'the year of a copyright', filter: ({ kind }) => kind === 'year' }),
};

const buildPath: Cause = {
  id: 'build-path',
  find: (evidence) =>
    told(evidence, { kind: 'path', what: 'paths', filter: (pair) => pair.kind === 'path' && !isHashedName(pair) }),
};

const versionText: Cause = {
  id: 'version-text',
  find: (evidence) => told(evidence, { kind: 'version-text', what: 'versions', filter: isVersion }),
};

const commits: Cause = {
  id: 'commits',
  find: (evidence) => told(evidence, { kind: 'version-text', what: 'commits of sources', filter: isCommit }),
};

const buildId: Cause = {
  id: 'build-id',
  find: (evidence) =>
    told(evidence, {
      kind: 'build-id',
      what: 'build-ids',
      filter: (pair) => isHex(pair) && BUILD_ID_WORDS.test(pair.line),
    }),
};

/** Where Linux maps programs, libraries and the stack on x86-64 and arm64: not the same from run to run. */
const addresses: Cause = {
  id: 'addresses',
  find: (evidence) =>
    told(evidence, {
      kind: 'addresses',
      what: 'addresses of memory',
      filter: ({ kind, left, right }) =>
        kind === 'address' &&
        [left, right].every((text) => /^0x(?:0000)?(?:7f|7e|55|56|aaaa|ffff)[0-9a-f]{8,10}$/.test(text)),
    }),
};

const fileNames: Cause = {
  id: 'file-names',
  find: (evidence) => told(evidence, { kind: 'checksum', what: 'hex digits that name files', filter: isOfFile }),
};

const crateIds: Cause = {
  id: 'crate-ids',
  find: (evidence) =>
    told(evidence, {
      kind: 'metadata',
      what: 'hashes of what rustc was given',
      filter: isOfCrate,
    }),
};

const randomTokens: Cause = {
  id: 'random',
  find: (evidence) =>
    told(evidence, { kind: 'random', what: 'tokens of hex digits as long, as random ones are', filter: isRandom }),
};

const digests: Cause = {
  id: 'checksum',
  find: (evidence) => told(evidence, { kind: 'checksum', what: 'digests', filter: isDigest }),
};

export const tokenCauses: readonly Cause[] = [
  timestamp,
  timezone,
  copyrightYear,
  buildPath,
  versionText,
  commits,
  buildId,
  addresses,
  digests,
  fileNames,
  crateIds,
  randomTokens,
];

function isDate(pair: TokenPair): boolean {
  if (pair.kind !== 'date' || isOtherCount(pair)) return false;
  const [one, other] = [readDate(pair.left), readDate(pair.right)];
  return one !== undefined && other !== undefined && secondsBetween(one, other) !== 0;
}

function isZone(pair: TokenPair): boolean {
  if (
    pair.kind !== 'date' ||
    isOtherCount(pair) ||
    /^[\d.]+$/.test(pair.left) ||
    areAmbiguousDays(pair.left, pair.right)
  )
    return false;
  const [left, right] = [readDate(pair.left), readDate(pair.right)];
  if (!left?.hasClock || !right?.hasClock || left.hasDay !== right.hasDay) return false;
  const distance = Math.abs(secondsBetween(left, right));
  // The same moment is that of another zone only where one is written: else it is spelled otherwise.
  if (distance === 0) return zoneOf(pair.left) !== zoneOf(pair.right);
  // Zones a whole day apart are islands: it is the next day.
  const asZonesDo = distance % 3_600 === 0 && distance <= DAY_HOURS * 3_600 && distance !== 24 * 3_600;
  return asZonesDo && !haveKnownZones(pair.left, pair.right);
}

function isVersion({ kind, left, right, line }: TokenPair): boolean {
  if (kind !== 'version') return false;
  // An address of the network reads like a version, and so do an object identifier and the number of a section.
  const isAddress = [left, right].every((text) => /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text));
  if (TOOL_WORDS.test(isAddress ? line.replace(ANY_WORDS, '') : line)) return true;
  if (isAddress || SECTION_WORDS.test(line)) return false;
  return [left, right].every((text) => text.split('.').length > 2 && text.split('.').length < IDENTIFIER_PARTS);
}

function isHex({ kind, left, right }: TokenPair): boolean {
  return kind === 'hex' && left.length === right.length;
}

function isCommit(pair: TokenPair): boolean {
  return isHex(pair) && pair.left.length <= COMMIT_DIGITS && COMMIT_WORDS.test(pair.line);
}

/** True of a file in one folder whose name differs in random digits alone, as what a bundler writes. */
function isHashedName({ kind, left, right }: TokenPair): boolean {
  if (kind !== 'path') return false;
  const [[folder, name], [otherFolder, otherName]] = [splitPath(left), splitPath(right)];
  return folder === otherFolder && /\.[a-z]\w{0,4}$/.test(name) && maskedDigits(name) === maskedDigits(otherName);
}

function splitPath(path: string): readonly [folder: string, name: string] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, at), path.slice(at)];
}

function maskedDigits(name: string): string {
  return name.replace(/[0-9a-f]{8,128}/g, (digits) => (isMixed(digits, 8) ? '*'.repeat(digits.length) : digits));
}

function isMixed(text: string, least: number): boolean {
  return text.length >= least && /[a-f]/i.test(text) && /\d/.test(text);
}

function isDigest(pair: TokenPair): boolean {
  if (!isHex(pair) || isCommit(pair) || !DIGESTS.has(pair.left.length) || BUILD_ID_WORDS.test(pair.line)) return false;
  return [DIGEST_WORDS, DIGEST_LINE, DIGEST_OF_FILE, IMAGE_CONFIG].some((pattern) => pattern.test(pair.line));
}

function isOfFile(pair: TokenPair): boolean {
  if (isHashedName(pair)) return isLoadedFile(pair.left);
  if (!isHex(pair) || isDigest(pair)) return false;
  const { left, right, line } = pair;
  return [left, right].some((text) => {
    const at = line.indexOf(text);
    return at > 0 && /[\w./-]/.test(line[at - 1] as string) && LOADED_FILE.test(line.slice(at + text.length));
  });
}

function isLoadedFile(path: string): boolean {
  const digits = /[0-9a-f]{8,128}(?=[.-][^/]*$)/.exec(path);
  return digits !== null && LOADED_FILE.test(path.slice(digits.index + digits[0].length));
}

function isOfCrate({ kind, line }: TokenPair): boolean {
  return kind === 'hex' && RUST_UNIT.test(line);
}

function isRandom(pair: TokenPair): boolean {
  if (pair.kind === 'uuid') return true;
  if (isOfCrate(pair) || isOfFile(pair)) return false;
  if (isHashedName(pair)) return true;
  if (!isHex(pair) || isDigest(pair) || isCommit(pair) || BUILD_ID_WORDS.test(pair.line)) return false;
  // Eight digits may be a checksum, and letters or figures alone a word or a number.
  return isMixed(pair.left, 12) && isMixed(pair.right, 12);
}

type Wanted = {
  readonly kind: ReasonKind;
  readonly what: string;
  readonly filter: (pair: TokenPair) => boolean;
  readonly distance?: true;
};

/** One reason for all tokens that are wanted: how many lines hold one, and the first of them. */
function told({ tokens, lines, whole }: Evidence, { kind, what, filter, distance }: Wanted): readonly Reason[] {
  const found = tokens.filter(filter);
  const [first] = found;
  if (first === undefined) return [];
  const holding = new Set(found.map(({ at }) => at)).size;
  const shown = (text: string): string => shorten(escapeText(text), SHOWN_CHARACTERS);
  const by = distance ? commonDistance(found) : '';
  const evidence = `${whole ? '' : 'at least '}${holding} of ${lines} changed lines differ in ${what}${by}`;
  return [{ kind, evidence, left: shown(first.left), right: shown(first.right) }];
}

function commonDistance(pairs: readonly TokenPair[]): string {
  const distances = new Set(
    pairs.map(({ left, right }) => {
      const [one, other] = [readDate(left), readDate(right)];
      if (one === undefined || other === undefined || areAmbiguousDays(left, right)) return 0;
      return secondsBetween(one, other);
    }),
  );
  const [distance] = distances;
  return distances.size === 1 && distance !== undefined && distance !== 0 ? `, by ${Math.abs(distance)} s` : '';
}
