import { type ErrorCode, isReproofError, ReproofError } from '../../model/index.ts';
import { displayAddress, displayName } from './address.ts';

/** What is fetched, and from where: the subject of every message. */
export type Subject = { readonly name: string; readonly url: URL };

/** An error of one request. `passes`: the same request may well succeed later. */
export function failure(
  code: ErrorCode,
  why: string,
  subject: Subject & {
    readonly passes?: boolean;
    readonly retryAfterMillis?: number;
    /** A digest or a size in bytes, of what was wanted and of what came. */
    readonly expected?: string | number;
    readonly found?: string | number;
    readonly cause?: unknown;
  },
): ReproofError {
  const address = displayAddress(subject.url);
  return new ReproofError(code, `fetching ${displayName(subject.name)} from ${address}: ${why}`, {
    context: {
      url: address,
      passes: subject.passes ?? false,
      ...(subject.expected === undefined ? {} : { expected: subject.expected, found: subject.found }),
      ...(subject.retryAfterMillis === undefined ? {} : { retryAfterMillis: subject.retryAfterMillis }),
    },
    cause: subject.cause,
  });
}

/** The error of a caller that gave up. */
export function interrupted(name: string): ReproofError {
  return new ReproofError('INTERRUPTED', `fetching ${displayName(name)}: interrupted`);
}

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
]);
const CUT_SHORT = new Set(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_STREAM_PREMATURE_CLOSE']);
/** True for the failure of a body whose connection closed before its end: see clientFailure. */
export function isCutShort(error: unknown): error is ReproofError {
  return (
    isReproofError(error, 'FETCH_SIZE_MISMATCH') && CUT_SHORT.has((error.cause as NodeJS.ErrnoException)?.code ?? '')
  );
}

const LASTING = /^(ENOTFOUND|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_INVALID|UND_ERR_INVALID)/;

/**
 * What an error of the HTTP client means. `reading`: the answer's head was read, so that an end of the connection is
 * an answer cut short: FETCH_SIZE_MISMATCH, which may pass.
 */
export function clientFailure(error: unknown, subject: Subject & { readonly reading: boolean }): ReproofError {
  if (isReproofError(error)) return error;
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const about = { ...subject, passes: !LASTING.test(code), cause: error };
  if (TIMEOUTS.has(code)) return failure('FETCH_TIMEOUT', `no answer in time (${code})`, about);
  if (subject.reading && CUT_SHORT.has(code))
    return failure('FETCH_SIZE_MISMATCH', 'the connection closed before the end', about);
  return failure('FETCH_FAILED', displayName(message === '' ? code : message), about);
}

/**
 * An answer's status that is not a success: FETCH_NOT_FOUND for 404 and 410; a failure that passes for 408, 425, 429 and 5xx,
 * with the server's Retry-After (seconds or a date, RFC 9110 10.2.3) in milliseconds from `now`; final for others.
 */
export function statusFailure(
  answer: { readonly status: number; readonly retryAfter: string | undefined; readonly now: number },
  subject: Subject,
): ReproofError {
  const { status, retryAfter, now } = answer;
  const why = `the server answered ${status}`;
  if (status === 404 || status === 410) return failure('FETCH_NOT_FOUND', why, subject);
  if (status < 500 && ![408, 425, 429].includes(status)) return failure('FETCH_FAILED', why, subject);
  const millis =
    retryAfter === undefined
      ? Number.NaN
      : /^\d+$/.test(retryAfter)
        ? Number(retryAfter) * 1000
        : Date.parse(retryAfter) - now;
  return failure('FETCH_FAILED', why, {
    ...subject,
    passes: true,
    ...(Number.isFinite(millis) ? { retryAfterMillis: Math.max(0, millis) } : {}),
  });
}
