import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { type ErrorCode, isReproofError, ReproofError } from '../../model/index.ts';
import type { ServerContext, ServerLog } from './context.ts';

/** What the status line says of each code; every other code is a fault of ours: 500, told as INTERNAL. */
const HTTP_STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  REQUEST_INVALID: 400,
  TARGET_SYNTAX: 400,
  VERSION_SYNTAX: 400,
  ACCESS_REQUIRED: 401,
  ACCESS_DENIED: 403,
  JOB_UNKNOWN: 404,
  RECORD_UNKNOWN: 404,
  RESOURCE_UNKNOWN: 404,
  TARGET_UNKNOWN: 404,
  LEASE_LOST: 409,
  FETCH_TOO_LARGE: 413,
  REQUEST_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  DATABASE_UNAVAILABLE: 503,
  INTERRUPTED: 503,
  SERVER_UNAVAILABLE: 503,
  STORE_BUSY: 503,
};

/** A failure as a client is told it. */
export type ToldError = { readonly status: number; readonly code: ErrorCode; readonly message: string };

/** Any failure in a client's words: faults of ours and places of this machine are not named. */
export function tellError(error: unknown): ToldError {
  if (isReproofError(error)) return tellOurs(error);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation;
    const path = (first?.instancePath ?? '').replaceAll('/', '.').replace(/\.$/, '');
    const field = `${error.validationContext ?? 'body'}${path}`;
    return invalid(400, `reading the request: ${field}: ${first?.message ?? 'it is not as described'}`);
  }
  const { statusCode, code, message } = error as Partial<FastifyError>;
  if (statusCode === 413 || code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return { status: 413, code: 'REQUEST_TOO_LARGE', message: 'reading the request: its body is too large' };
  if (statusCode === 503) return unavailable();
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return invalid(statusCode, `reading the request: ${message ?? 'it is not as described'}`);
  return { status: 500, code: 'INTERNAL', message: 'something failed in this service; its log says more' };
}

function tellOurs(error: ReproofError): ToldError {
  const status = HTTP_STATUS[error.code];
  if (status === undefined) return tellError(undefined as unknown);
  if (status === 503) return unavailable();
  if (error.code === 'FETCH_TOO_LARGE')
    return { status, code: 'REQUEST_TOO_LARGE', message: 'reading the request: its body is too large' };
  return { status, code: error.code, message: error.message.slice(0, 500) };
}

function invalid(status: number, message: string): ToldError {
  return { status, code: 'REQUEST_INVALID', message: message.slice(0, 500) };
}

function unavailable(): ToldError {
  return { status: 503, code: 'SERVER_UNAVAILABLE', message: 'this service is busy or stopping; try again' };
}

/** Answers with a failure as a page for people. Status and headers of the failure are set already. */
export type ErrorPage = (request: FastifyRequest, reply: FastifyReply, told: ToldError) => FastifyReply;
export type ErrorPages = (context: ServerContext) => ErrorPage;

/**
 * The one place where failures become answers: {"error": {"code", "message"}}, or a page where there are pages and one
 * is asked for. The API answers JSON whoever asks.
 */
export function errorHandler(log: ServerLog, pages?: { readonly basePath: string; readonly show: ErrorPage }) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const told = tellError(error);
    if (told.status >= 500)
      log({
        level: 'error',
        message: 'a request failed',
        facts: {
          method: request.method,
          route: request.routeOptions.url ?? 'none',
          code: isReproofError(error) ? error.code : told.code,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        },
      });
    if (told.status === 413) reply.header('connection', 'close');
    if (told.status === 401) reply.header('www-authenticate', 'Bearer');
    if ((told.status === 429 || told.status === 503) && !reply.hasHeader('retry-after'))
      reply.header('retry-after', told.status === 429 ? '60' : '5');
    reply.code(told.status).header('cache-control', 'no-store');
    if (pages !== undefined && wantsPage(request, pages.basePath)) return pages.show(request, reply, told);
    return reply
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send({ error: { code: told.code, message: told.message } });
  };
}

/** Browsers name text/html; programs take anything. */
function wantsPage({ url, headers }: FastifyRequest, basePath: string): boolean {
  return !url.startsWith(`${basePath}/api/`) && /\btext\/html\b/.test(headers.accept ?? '');
}

/** For what no route is. */
export async function notFound(): Promise<never> {
  throw new ReproofError('RESOURCE_UNKNOWN', 'looking for what was asked: there is no such address');
}
