import { ReproofError } from '../../../model/index.ts';

/** A Debian version in its three parts (deb-version(7)). `revision` is undefined for a native package's version. */
export type DebianVersion = {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string | undefined;
};

const MAX_LENGTH = 512;
// dpkg reads the epoch into an int.
const MAX_EPOCH = 2_147_483_647;
const UPSTREAM_PATTERN = /^[0-9][A-Za-z0-9.+~:-]*$/;
const REVISION_PATTERN = /^[A-Za-z0-9.+~]+$/;

/** Splits a version into its parts, as deb-version(7) says. Throws VERSION_SYNTAX. */
export function parseVersion(text: string): DebianVersion {
  if (text.length === 0 || text.length > MAX_LENGTH) throw syntax(text, `it has ${text.length} characters`);
  const colon = text.indexOf(':');
  const epochText = colon < 0 ? '0' : text.slice(0, colon);
  if (!/^[0-9]+$/.test(epochText) || Number(epochText) > MAX_EPOCH) throw syntax(text, 'its epoch is not a number');
  const rest = text.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  const upstream = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const revision = hyphen < 0 ? undefined : rest.slice(hyphen + 1);
  if (!UPSTREAM_PATTERN.test(upstream)) {
    throw syntax(text, 'its upstream part must begin with a digit and hold only letters, digits and . + - ~ :');
  }
  if (revision !== undefined && !REVISION_PATTERN.test(revision)) {
    throw syntax(text, 'its revision must hold only letters, digits and . + ~');
  }
  return { epoch: Number(epochText), upstream, revision };
}

/** True when `text` is a version by deb-version(7). */
export function isVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}

/** Orders two versions as dpkg does: epoch, then upstream, then revision. Throws VERSION_SYNTAX. */
export function compareVersions(left: string, right: string): -1 | 0 | 1 {
  const [a, b] = [parseVersion(left), parseVersion(right)];
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1;
  return compareParts(a.upstream, b.upstream) || compareParts(a.revision ?? '', b.revision ?? '');
}

/** The version as file names carry it: without the epoch. Throws VERSION_SYNTAX. */
export function withoutEpoch(version: string): string {
  const { upstream, revision } = parseVersion(version);
  return revision === undefined ? upstream : `${upstream}-${revision}`;
}

/** The upstream part alone, as dpkg-source names the folder it unpacks to. Throws VERSION_SYNTAX. */
export function upstreamOf(version: string): string {
  return parseVersion(version).upstream;
}

/** Compares upstream parts or revisions: runs of other characters and runs of digits in turn (deb-version(7), Sorting algorithm). */
function compareParts(left: string, right: string): -1 | 0 | 1 {
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    while ((i < left.length && !isDigit(left, i)) || (j < right.length && !isDigit(right, j))) {
      const [a, b] = [weight(left, i), weight(right, j)];
      if (a !== b) return a < b ? -1 : 1;
      i += 1;
      j += 1;
    }
    const [a, b] = [digits(left, i), digits(right, j)];
    i += a.taken;
    j += b.taken;
    if (a.value.length !== b.value.length) return a.value.length < b.value.length ? -1 : 1;
    if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  }
  return 0;
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 48 && code <= 57;
}

/** A tilde sorts before the end, the end and digits before letters, letters before everything else. */
function weight(text: string, index: number): number {
  if (index >= text.length || isDigit(text, index)) return 0;
  const character = text[index] as string;
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

/** A run of digits without its leading zeros: compared by length, since it may be longer than a number can hold. */
function digits(text: string, start: number): { readonly value: string; readonly taken: number } {
  let end = start;
  while (end < text.length && isDigit(text, end)) end += 1;
  return { value: text.slice(start, end).replace(/^0+/, ''), taken: end - start };
}

function syntax(text: string, why: string): ReproofError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new ReproofError('VERSION_SYNTAX', `reading version ${JSON.stringify(shown)}: ${why}`);
}
