import { request } from 'undici';
import { isReproofError, ReproofError } from '../../model/index.ts';
import { authorization, bareAddress, displayAddress, parseAddress } from './address.ts';
import { openDispatcher, type ProxySettings } from './proxy.ts';

export type Question = {
  readonly body: string;
  /** Of the body. */
  readonly type: string;
  /** A service's token. */
  readonly token?: string;
  /** Of the answer. */
  readonly maxBytes: number;
  readonly timeoutSeconds: number;
  readonly proxy: ProxySettings;
};

/**
 * Asks a service that the user names, once, and gives the body of its answer. Nothing is followed. Throws FETCH_FAILED
 * where it cannot be reached or does not answer 200, FETCH_TOO_LARGE, FETCH_TIMEOUT, INTERRUPTED, ACCESS_REQUIRED,
 * SETTINGS_INVALID.
 */
export async function askService(address: string, question: Question, signal: AbortSignal): Promise<Buffer> {
  const url = parseAddress(address, 'a service');
  const doing = `asking ${displayAddress(url)}`;
  const timeout = AbortSignal.timeout(question.timeoutSeconds * 1000);
  const basic = authorization(url);
  const credentials = question.token === undefined ? basic : `Bearer ${question.token}`;
  const dispatcher = openDispatcher(question.proxy);
  try {
    const answer = await request(bareAddress(url), {
      dispatcher,
      method: 'POST',
      body: question.body,
      headers: {
        'content-type': question.type,
        'user-agent': 'reproof',
        accept: 'application/json',
        ...(credentials === undefined ? {} : { authorization: credentials }),
      },
      signal: AbortSignal.any([signal, timeout]),
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > question.maxBytes)
        throw new ReproofError('FETCH_TOO_LARGE', `${doing}: the answer has more than ${question.maxBytes} bytes`);
      chunks.push(chunk);
    }
    if (answer.statusCode === 401 || answer.statusCode === 403)
      throw new ReproofError(
        'ACCESS_REQUIRED',
        `${doing}: it answers only whoever has a valid token; REPROOF_TOKEN gives it`,
      );
    if (answer.statusCode !== 200)
      throw new ReproofError('FETCH_FAILED', `${doing}: it answered with status ${answer.statusCode}`);
    return Buffer.concat(chunks);
  } catch (cause) {
    if (isReproofError(cause)) throw cause;
    if (signal.aborted) throw new ReproofError('INTERRUPTED', `${doing}: interrupted`, { cause });
    if (timeout.aborted)
      throw new ReproofError('FETCH_TIMEOUT', `${doing}: no answer in ${question.timeoutSeconds} s`, { cause });
    throw new ReproofError('FETCH_FAILED', `${doing}: ${(cause as Error).message}`, { cause });
  } finally {
    await dispatcher.destroy();
  }
}
