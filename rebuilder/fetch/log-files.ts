import { isReproofError } from '../../model/index.ts';
import { parseAddress } from './address.ts';
import { readAll } from './document.ts';
import { openDispatcher, type ProxySettings } from './proxy.ts';
import { get } from './request.ts';
import { retrying } from './retry.ts';

export type LogFilesOptions = {
  readonly signal: AbortSignal;
  /** How long a server may be silent before a try is given up. 30 when not given. */
  readonly stallSeconds?: number;
  /** Tries of one file, the first included. 4 when not given. */
  readonly tries?: number;
  /** None when not given. */
  readonly proxy?: ProxySettings;
};

/** The files of a transparency log below an address. They are not kept: whoever asks checks them. */
export interface LogFiles {
  /** A file's bytes; undefined where the server has none. Throws FETCH_*, INTERRUPTED. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

const BACKOFF_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 20_000;

/** Opens the log at an http or https address; a slash at its end does not matter. Throws FETCH_FAILED, SETTINGS_INVALID. */
export function openLogFiles(address: string, options: LogFilesOptions): LogFiles {
  const base = parseAddress(address, 'a transparency log');
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const client = {
    dispatcher: openDispatcher(options.proxy ?? {}),
    stallMillis: (options.stallSeconds ?? 30) * 1000,
  };
  const policy = {
    tries: options.tries ?? 4,
    backoffMillis: BACKOFF_MILLIS,
    longestWaitMillis: LONGEST_WAIT_MILLIS,
  };
  const { signal } = options;
  return {
    read: async (path, maxBytes) => {
      const url = new URL(path, base);
      try {
        return await retrying(policy, { name: path, signal }, async () => {
          const answer = await get(client, {
            name: path,
            url,
            // What stands between may keep a checkpoint longer than it is the newest.
            headers: path === 'checkpoint' ? { 'cache-control': 'no-cache' } : {},
            accept: [],
            signal,
          });
          return await readAll(answer, { name: path, url: answer.url }, maxBytes);
        });
      } catch (error) {
        if (isReproofError(error, 'FETCH_NOT_FOUND')) return undefined;
        throw error;
      }
    },
    close: () => client.dispatcher.destroy(),
  };
}
