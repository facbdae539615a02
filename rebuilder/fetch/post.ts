import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { ReproofError } from '../../model/index.ts';
import { displayAddress, parseAddress } from './address.ts';

/** Networks that are this machine's or this site's own (IANA's special-purpose registries, RFC 6890). */
const OWN_NETWORKS = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
] as const;

const ANSWER_BYTES = 64 * 1024;

export type PosterOptions = {
  /** Whether addresses of this machine and its own network may be told. */
  readonly allowOwnNetworks: boolean;
  readonly timeoutSeconds: number;
};

/** Sends messages to addresses that users name. */
export interface Poster {
  /**
   * Sends a message and gives the answer's status, whatever it is. Nothing is followed, and no credentials are sent.
   * Throws FETCH_FAILED where the address is none, is of this network, or cannot be reached; FETCH_TIMEOUT.
   */
  post(
    address: string,
    message: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<number>;
  close(): Promise<void>;
}

/** Opens a poster. The address that a name turns out to be is looked at when connecting, so that no name changes it. */
export function openPoster(options: PosterOptions): Poster {
  const own = new BlockList();
  for (const [network, prefix, family] of OWN_NETWORKS) own.addSubnet(network, prefix, family);
  const refuses = (address: string): boolean =>
    !options.allowOwnNetworks && own.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  const millis = options.timeoutSeconds * 1000;
  const dispatcher = new Agent({
    connect: { lookup: guardedLookup(refuses), timeout: millis },
    headersTimeout: millis,
    bodyTimeout: millis,
    connections: 4,
  });
  return {
    post: async (address, message, signal) => {
      const url = parseAddress(address, 'a webhook');
      const doing = `telling ${displayAddress(url)}`;
      const literal = url.hostname.replace(/^\[|\]$/g, '');
      if (isIP(literal) !== 0 && refuses(literal)) throw refused(doing);
      const timeout = AbortSignal.timeout(millis);
      try {
        const answer = await request(url, {
          method: 'POST',
          dispatcher,
          body: message.body,
          headers: { 'content-type': 'application/json', 'user-agent': 'reproof', ...message.headers },
          signal: AbortSignal.any([signal, timeout]),
        });
        await answer.body.dump({ limit: ANSWER_BYTES });
        return answer.statusCode;
      } catch (cause) {
        if (timeout.aborted)
          throw new ReproofError('FETCH_TIMEOUT', `${doing}: no answer in ${options.timeoutSeconds} s`, { cause });
        throw new ReproofError('FETCH_FAILED', `${doing}: ${(cause as Error).message}`, { cause });
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function guardedLookup(refuses: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: readonly LookupAddress[]) => {
      if (error !== null) return callback(error, '', 0);
      const open = addresses.filter(({ address }) => !refuses(address));
      const [first] = open;
      if (first === undefined) return callback(refused('looking up its name'), '', 0);
      if (options.all === true) return callback(null, [...open]);
      callback(null, first.address, first.family);
    });
  };
}

function refused(doing: string): ReproofError {
  return new ReproofError('FETCH_FAILED', `${doing}: the address is of this machine or its own network`);
}
