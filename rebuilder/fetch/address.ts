import { ReproofError } from '../../model/index.ts';

/** An address without what may be secret in it: user, password, fragment, and the values of a query. For messages. */
export function displayAddress(url: URL): string {
  if (url.host === '' && url.protocol !== 'file:') return `${url.protocol}…`;
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** A name fit for one line of a message; names come from indexes that others write. */
export function displayName(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?').slice(0, 200);
}

/** Parses an address to fetch `name` from. Throws FETCH_FAILED when it is none, or is neither http: nor https:. */
export function parseAddress(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The text itself stays out of the message: what cannot be parsed cannot be freed of credentials either.
  if (url === undefined) throw new ReproofError('FETCH_FAILED', `fetching ${displayName(name)}: an address is no URL`);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new ReproofError(
    'FETCH_FAILED',
    `fetching ${displayName(name)} from ${displayAddress(url)}: only http: and https: addresses are fetched`,
  );
}

/** The same address without user, password and fragment: what goes over the wire, and into records. */
export function bareAddress(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  bare.hash = '';
  return bare;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The Authorization header that an address with user and password asks for (RFC 7617), if any. */
export function authorization(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const pair = `${decoded(url.username)}:${decoded(url.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/**
 * Where a redirect from `from` leads: `location` resolved relative to it (RFC 9110 10.2.2). Throws
 * FETCH_REDIRECT_REFUSED when the scheme changes, to a safer one too: which hosts and schemes are spoken to is for the
 * user to say. Throws FETCH_FAILED when there is no address in it.
 */
export function redirectTarget(from: URL, location: string | undefined, name: string): URL {
  const doing = `fetching ${displayName(name)} from ${displayAddress(from)}`;
  if (location === undefined || !URL.canParse(location, from.href))
    throw new ReproofError('FETCH_FAILED', `${doing}: redirected without an address to go to`);
  const target = new URL(location, from);
  if (target.protocol !== from.protocol) {
    throw new ReproofError(
      'FETCH_REDIRECT_REFUSED',
      `${doing}: redirected to ${displayAddress(target)}, another scheme, which is not followed`,
      { context: { url: displayAddress(from), redirectedTo: displayAddress(target) } },
    );
  }
  if (target.origin !== from.origin) return bareAddress(target);
  return target;
}
