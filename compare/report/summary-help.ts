import type { Reason, ReasonKind } from '../../model/index.ts';
import { helpAgainstPath, SAME_FOLDER } from './summary-help-path.ts';

/** A kind of reason: in how many files, and where it is first. */
export type Cause = {
  readonly kind: ReasonKind;
  readonly files: number;
  readonly first: Reason;
  /** What the node is called that has it, and what it was read as. */
  readonly at: string;
  readonly readAs: string;
};

/** A linker leaves what it is given in that order, and that is often the one of a folder. */
const LINKED = 'build with the same compiler and linker, given its objects in the same order';
/** Each file of these is what a compiler made of one source. */
const UNLINKED: ReadonlySet<string> = new Set(['java-class', 'pyc']);
const SAME_SEED = 'give the same seed, or none';
const DATES = 'take dates from SOURCE_DATE_EPOCH';
const ONE_DAY_AND_ZONE = 26 * 3_600;

/**
 * What usually helps, said of a build that did not give the same again. What others come from stands first: numbers that
 * look random may be made from the time.
 */
const HELP: Readonly<Partial<Record<ReasonKind, string>>> = {
  timestamp: DATES,
  path: SAME_FOLDER,
  'version-text': 'build with the same versions of the tools that are named',
  // Of metadata this is of what a build was given.
  metadata: 'give the compiler the same options, and the build the same environment',
  order: 'sort what is listed or hashed',
  random: SAME_SEED,
  mode: 'set the umask',
  owner: 'write owners as numbers, root as 0',
  code: LINKED,
  compression: 'use the same compressor and settings',
};

/** Causes that something helps against come first, in the order above. */
export function byHelp(one: ReasonKind, other: ReasonKind): number {
  const place = (kind: ReasonKind): number =>
    kind in HELP ? Object.keys(HELP).indexOf(kind) : Number.MAX_SAFE_INTEGER;
  return place(one) - place(other);
}

/** What would help against the commonest cause; undefined where that is not known. */
export function helpAgainst(causes: readonly Cause[]): string | undefined {
  for (const cause of causes) {
    const help = particular(cause) ?? (isOtherMetadata(cause) ? undefined : HELP[cause.kind]);
    if (help !== undefined) return help;
  }
  return undefined;
}

/** Metadata that says with what it was built: options in debug information, the environment in a .buildinfo, crates. */
const GIVEN =
  /^(?:options of the compiler|settings of the build|variables of (?:the build|an environment)) differ|\bwhat (?:the )?\w+ was given/;

export function wasGiven({ kind, evidence }: Reason): boolean {
  return kind === 'metadata' && GIVEN.test(evidence);
}

function isOtherMetadata({ kind, first }: Cause): boolean {
  return kind === 'metadata' && !wasGiven(first);
}

function particular({ kind, readAs, at, first }: Cause): string | undefined {
  if (kind === 'order' && readAs.startsWith('elf')) return LINKED;
  if (kind === 'code' && UNLINKED.has(readAs)) return 'build with the same compiler';
  if (kind === 'mode' && !isOfUmask(first)) return 'give files their modes (install -m)';
  if (kind === 'path') return helpAgainstPath(first, at);
  if (kind === 'metadata' && readAs === 'gzip' && first.evidence.startsWith('file name '))
    return 'leave it out (gzip -n)';
  if (kind === 'metadata') return helpAgainstGiven(first);
  if (kind === 'version-text' && first.evidence.endsWith(' commits of sources')) return 'build from the same commit';
  if (kind === 'random' && isOfDigits(first)) return `find what the digits are a digest of, or ${SAME_SEED}`;
  if (kind !== 'timestamp') return undefined;
  // gzip(1) reads no SOURCE_DATE_EPOCH.
  if (readAs === 'gzip') return `${DATES}, or leave them out (gzip -n)`;
  // Members of a static library have the times of their files, but for ar's deterministic mode.
  if (/^ar(?:-member)?$/.test(readAs)) return `${DATES}, or leave them out (ar with D)`;
  // Info-ZIP writes a time of access, too, which no build sets.
  if (/^(?:local )?extra /.test(first.evidence)) return `${DATES}, or leave extra fields out (zip -X)`;
  // TeX's \today is that of the clock in spite of SOURCE_DATE_EPOCH (The TeX Live Guide).
  if (readAs === 'view' && at.startsWith('text (')) return `${DATES} (of TeX with FORCE_SOURCE_DATE=1)`;
  return isOfZone(first) ? `set the time zone (TZ=UTC), and ${DATES}` : undefined;
}

function helpAgainstGiven({ evidence }: Reason): string | undefined {
  if (evidence.startsWith('what the linker was given'))
    return 'link with the same options, and against the same libraries';
  return evidence.startsWith('variables of ') ? 'give the build the same environment' : undefined;
}

/** A digest of what else differs looks as random as what is; a UUID is seldom one. */
function isOfDigits({ left = '', right = '' }: Reason): boolean {
  const digits = /[0-9a-f]{8,}/i;
  return [left, right].every((text) => digits.test(text) && !/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-/i.test(text));
}

/** A umask takes no bit from the owner that is usual, and none of set-user-ID and the like. */
function isOfUmask({ left = '', right = '' }: Reason): boolean {
  const octal = /^[0-7]{3,7}$/;
  if (!octal.test(left) || !octal.test(right)) return true;
  return ((Number.parseInt(left, 8) ^ Number.parseInt(right, 8)) & 0o7700) === 0;
}

/** True where dates without a zone, as in zip archives, are whole hours apart. */
function isOfZone({ evidence, left = '', right = '' }: Reason): boolean {
  if (evidence.includes('as time zones do')) return true;
  const seconds = Number(/\bby (\d+) s\b/.exec(evidence)?.[1] ?? 1);
  return [left, right].every((date) => /\d:\d\d$/.test(date)) && seconds % 3_600 === 0 && seconds <= ONE_DAY_AND_ZONE;
}
