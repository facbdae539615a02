/** A name without what changes from one version to the next, and the tokens that were taken out of it, in order. */
export type MaskedName = { readonly mask: string; readonly tokens: readonly string[] };

/** The folder and name of a file of debug information: together they are the build-id. */
const BUILD_ID = '(?<=/\\.build-id/)[0-9a-f]{2}(?:/[0-9a-f]{6,})?(?![0-9a-z])';
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** Hash-like: six hex digits or more that stand alone, one of them a figure. */
const HASH = '(?<![0-9a-z])(?=[a-f]{0,64}[0-9])[0-9a-f]{6,}(?![0-9a-z])';
/** Version-like: numbers joined by what Debian versions and kernel releases join them with. */
const VERSION = '[0-9]+(?:(?:[.+~-]|deb|ubuntu|bpo|dfsg|rc|u|b){1,3}[0-9]+)*';
const HASHES = new RegExp(`${BUILD_ID}|${UUID}|${HASH}`, 'gi');
const BUILD_IDS = new RegExp(BUILD_ID, 'gi');
const TOKEN = new RegExp(`${BUILD_ID}|${UUID}|${HASH}|${VERSION}`, 'gi');
/** Characters of a name that are looked at; what follows is kept as it is. */
const NAME_CHARACTERS = 4_096;

/** Masks the versions, numbers and hashes of a name. Linear in its length. */
export function maskName(name: string): MaskedName {
  const tokens: string[] = [];
  const masked = name.slice(0, NAME_CHARACTERS).replace(TOKEN, (token) => {
    tokens.push(token);
    return '\n';
  });
  return { mask: masked + name.slice(NAME_CHARACTERS), tokens };
}

/** A name without its hashes, which have no order: figures alone, such as a date, have one. Linear in its length. */
export function withoutHashes(name: string): string {
  return name.slice(0, NAME_CHARACTERS).replace(HASHES, (token) => (/^[0-9]+$/.test(token) ? token : '\n'));
}

/** True where two names are the same but for the build-id that they are made from. */
export function differInBuildId(left: string, right: string): boolean {
  const masked = (name: string): string =>
    name.slice(0, NAME_CHARACTERS).replace(BUILD_IDS, '\n') + name.slice(NAME_CHARACTERS);
  return left !== right && left.length === right.length && masked(left) === masked(right);
}

/** The name that belongs to a mask, with each token replaced as told. */
export function replaceTokens({ mask, tokens }: MaskedName, replacements: ReadonlyMap<string, string>): string {
  const pieces = mask.split('\n');
  return pieces
    .map((piece, index) => {
      const token = tokens[index] ?? '';
      return `${piece}${replacements.get(token) ?? token}`;
    })
    .join('');
}
