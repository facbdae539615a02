/**
 * The package URL of a Debian package (purl-spec, types/deb-definition): `source` is the architecture of a source package,
 * `suite` the release it is of, such as trixie.
 */
export function debianPurl({
  name,
  version,
  architecture,
  suite,
}: {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  readonly suite?: string;
}): string {
  const qualifiers = [
    ...(architecture === undefined ? [] : [`arch=${encoded(architecture)}`]),
    ...(suite === undefined ? [] : [`distro=${encoded(suite)}`]),
  ];
  const at = version === undefined ? '' : `@${encoded(version)}`;
  return `pkg:deb/debian/${encoded(name)}${at}${qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`}`;
}

/** Percent-encoded but for letters, digits, `.`, `-`, `_`, `~` and the colon, as purl-spec asks for. */
function encoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}
