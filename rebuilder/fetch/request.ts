import { type Dispatcher, request } from 'undici';
import type { ReproofError } from '../../model/index.ts';
import { authorization, bareAddress, redirectTarget } from './address.ts';
import { clientFailure, failure, interrupted, statusFailure } from './failure.ts';

/** What requests go out through, and after how long without a byte one is given up. */
export type Client = { readonly dispatcher: Dispatcher; readonly stallMillis: number };

/** The answer to a GET after redirects. Either its body is read to an end or left by `return`, or discard() is called. */
export type Answer = {
  readonly status: number;
  readonly url: URL;
  header(name: string): string | undefined;
  readonly body: AsyncGenerator<Uint8Array, void>;
  discard(): Promise<void>;
};

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

type Watch = {
  readonly signal: AbortSignal;
  arm(): void;
  disarm(): void;
  end(): void;
  reason(): ReproofError | undefined;
};

/** Turns the caller's signal and silence of the server into one signal. Silence counts only while armed. */
function watch(about: { name: string; url: URL; signal: AbortSignal; stallMillis: number }): Watch {
  const controller = new AbortController();
  let reason: ReproofError | undefined;
  const stop = (error: ReproofError): void => {
    reason ??= error;
    controller.abort(reason);
  };
  const onAbort = (): void => stop(interrupted(about.name));
  about.signal.addEventListener('abort', onAbort, { once: true });
  if (about.signal.aborted) onAbort();
  let timer: NodeJS.Timeout | undefined;
  const disarm = (): void => clearTimeout(timer);
  return {
    signal: controller.signal,
    arm() {
      disarm();
      timer = setTimeout(() => {
        const seconds = about.stallMillis / 1000;
        stop(failure('FETCH_TIMEOUT', `nothing came for ${seconds} s`, { ...about, passes: true }));
      }, about.stallMillis);
    },
    disarm,
    end() {
      disarm();
      about.signal.removeEventListener('abort', onAbort);
    },
    reason: () => reason,
  };
}

type ResponseBody = Dispatcher.ResponseData['body'];

async function* readBody(
  body: ResponseBody,
  guard: Watch,
  subject: { name: string; url: URL },
): AsyncGenerator<Uint8Array, void> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      guard.arm();
      const next = await chunks.next();
      guard.disarm();
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw guard.reason() ?? clientFailure(error, { ...subject, reading: true });
  } finally {
    guard.end();
    body.destroy();
  }
}

function answerOf(response: Dispatcher.ResponseData, guard: Watch, subject: { name: string; url: URL }): Answer {
  // A body that is destroyed unread reports that as an error, to a listener or else to the whole process.
  response.body.on('error', () => {});
  return {
    status: response.statusCode,
    url: subject.url,
    header(name) {
      const value = response.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body: readBody(response.body, guard, subject),
    async discard() {
      guard.arm();
      // A short body is read to its end so that the connection can serve the next request.
      await response.body.dump({ limit: 16_384, signal: guard.signal }).catch(() => {});
      guard.end();
    },
  };
}

/**
 * The client hears an abort only once it is connected, which behind a silent proxy is never: this does not wait for it.
 * An answer that comes too late is thrown away.
 */
async function orAborted(
  asked: Promise<Dispatcher.ResponseData>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // Beside the race, which is over by then: nobody else hears how the request ended.
  aborted.catch(() => asked.then(({ body }) => body.on('error', () => {}).destroy())).catch(() => {});
  return await Promise.race([asked, aborted]);
}

async function send(
  client: Client,
  what: { name: string; url: URL; headers: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<Answer> {
  const guard = watch({ ...what, stallMillis: client.stallMillis });
  const credentials = authorization(what.url);
  guard.arm();
  try {
    const asked = request(bareAddress(what.url), {
      dispatcher: client.dispatcher,
      signal: guard.signal,
      headers: {
        'user-agent': 'reproof',
        accept: '*/*',
        'accept-encoding': 'identity',
        ...what.headers,
        ...(credentials === undefined ? {} : { authorization: credentials }),
      },
    });
    const response = await orAborted(asked, guard.signal);
    guard.disarm();
    return answerOf(response, guard, { name: what.name, url: what.url });
  } catch (error) {
    guard.end();
    throw guard.reason() ?? clientFailure(error, { name: what.name, url: what.url, reading: false });
  }
}

/**
 * Sends one GET and follows at most 5 redirects of the same scheme. Gives answers of status 200 and those listed in
 * `accept`; other statuses throw as statusFailure says. An answer whose bytes are encoded throws FETCH_FAILED: identity
 * was asked for, and digests name the file's own bytes. Credentials stay with the origin they were given for.
 * Throws FETCH_TIMEOUT, FETCH_REDIRECT_REFUSED, FETCH_NOT_FOUND, FETCH_FAILED, INTERRUPTED.
 */
export async function get(
  client: Client,
  what: {
    readonly name: string;
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly accept: readonly number[];
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  let url = what.url;
  for (let redirects = 0; ; redirects++) {
    const answer = await send(client, { ...what, url });
    const subject = { name: what.name, url };
    const encoding = answer.header('content-encoding')?.trim().toLowerCase() ?? 'identity';
    if (answer.status === 200 || what.accept.includes(answer.status)) {
      if (encoding === 'identity' || encoding === '') return answer;
      await answer.discard();
      throw failure('FETCH_FAILED', `the answer is encoded (${encoding}) though identity was asked for`, subject);
    }
    await answer.discard();
    if (!REDIRECTS.has(answer.status))
      throw statusFailure(
        { status: answer.status, retryAfter: answer.header('retry-after'), now: Date.now() },
        subject,
      );
    if (redirects === MAX_REDIRECTS)
      throw failure('FETCH_REDIRECT_REFUSED', `redirected more than ${MAX_REDIRECTS} times`, {
        name: what.name,
        url: what.url,
      });
    url = redirectTarget(url, answer.header('location'), what.name);
  }
}
