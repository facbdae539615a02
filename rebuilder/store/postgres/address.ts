/** Whether a store's place is a PostgreSQL address, and no folder. */
export function isPostgresAddress(place: string): boolean {
  return /^postgres(ql)?:\/\//.test(place);
}

/**
 * An address as it may be shown: without password and parameters. A password may hold any character unescaped by
 * mistake, so all between the user and the last @ is left out, and where that is not clear, everything.
 */
export function shownAddress(address: string): string {
  const text = address.replace(/^postgres(ql)?:\/\//, '');
  const at = text.lastIndexOf('@');
  const query = text.indexOf('?');
  if (query !== -1 && query < at) return 'postgres://';
  const user = /^[^:/?@]*/.exec(text)?.[0] ?? '';
  const rest = text.slice(at + 1).replace(/\?.*$/s, '');
  return `postgres://${at === -1 ? '' : `${user}@`}${rest}`;
}
