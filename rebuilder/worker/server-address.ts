import { ReproofError, sha256Of } from '../../model/index.ts';

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** Where a server is: its address without a slash at the end, a name for its folder, and whether others may listen in. */
export type ServerAddress = { readonly base: string; readonly folderName: string; readonly open: boolean };

/**
 * Reads the address of a server, such as https://rebuilds.example or https://example.org/reproof. Throws
 * SETTINGS_INVALID.
 */
export function serverAddress(text: string): ServerAddress {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new ReproofError(
      'SETTINGS_INVALID',
      `reading the server's address ${JSON.stringify(text)}: it has to be http:// or https:// and a host, with a path or none`,
    );
  if (url.username !== '' || url.password !== '')
    throw new ReproofError(
      'SETTINGS_INVALID',
      "reading the server's address: a worker is known by its key, and sends no password",
    );
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return {
    base,
    folderName: sha256Of(base).slice(0, 16),
    open: url.protocol === 'http:' && !LOOPBACK.test(url.hostname),
  };
}
