import { ERROR_EXIT_STATUS, type ErrorCode, ReproofError } from '../../model/index.ts';
import { errorResponse } from '../worker-protocol/index.ts';

type Answer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly now: number;
};

const LONGEST = 500;

/**
 * What an answer that is no success means: the server's own code and message where it has one, else SERVER_UNAVAILABLE.
 * Passes: 408, 425, 429, 5xx, and what is not an answer of ours.
 */
export function answerFailure(doing: string, answer: Answer): ReproofError {
  const { statusCode, headers } = answer;
  const told = readError(answer.text);
  const retryAfterMillis = retryAfter(headers['retry-after'], answer.now);
  const context = { status: statusCode, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) };
  if (told === undefined) {
    const place = statusCode >= 300 && statusCode < 400 ? ` and sent us to ${shown(String(headers.location))}` : '';
    return new ReproofError(
      'SERVER_UNAVAILABLE',
      `${doing}: something answered ${statusCode}${place}, and not as a server of reproof does`,
      {
        context: { ...context, passes: true },
      },
    );
  }
  const passes = statusCode >= 500 || [408, 425, 429].includes(statusCode);
  return new ReproofError(told.code, `${doing}: ${told.message}`, { context: { ...context, passes } });
}

/** What an error of the HTTP client means. */
export function connectionFailure(
  doing: string,
  cause: unknown,
  reason: 'interrupted' | 'silent' | undefined,
): ReproofError {
  if (reason === 'interrupted') return new ReproofError('INTERRUPTED', `${doing}: interrupted`, { cause });
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = reason === 'silent' ? 'the server says nothing' : shown(message || code || String(cause));
  return new ReproofError('SERVER_UNAVAILABLE', `${doing}: ${why}`, { context: { passes: true }, cause });
}

function readError(text: string): { readonly code: ErrorCode; readonly message: string } | undefined {
  try {
    const { error } = errorResponse.parse(JSON.parse(text));
    return Object.hasOwn(ERROR_EXIT_STATUS, error.code)
      ? { code: error.code as ErrorCode, message: shown(error.message) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Retry-After in milliseconds from now: seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const millis = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(millis) ? Math.max(0, millis) : undefined;
}

/** One line, cut: what comes from outside may be long and hold anything. */
function shown(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
