import { ReproofError } from '../../../model/index.ts';

/** The part of a PostgreSQL client's error that is looked at: SQLSTATE, or the operating system's code. */
type DatabaseError = Error & { readonly code: string };

/** Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html, and what they are to us. */
const SERIALIZATION = ['40001', '40P01'];
const WAITED_TOO_LONG = ['55P03', '57014', '53300'];
const UNREACHABLE =
  /^(08...|57P0[123]|28...|3D000|E(CONNREFUSED|CONNRESET|PIPE|NOENT|ACCES|HOSTUNREACH|NETUNREACH|TIMEDOUT|NOTFOUND|AI_AGAIN))$/;
const NOT_TEXT = ['22021', '22P05'];

/** Whether a transaction ran into another and has to be done again from its beginning. */
export function isSerializationFailure(error: unknown): boolean {
  return isDatabaseError(error) && SERIALIZATION.includes(error.code);
}

/** Our error for one of PostgreSQL's or of its client; anything else comes back as it is. `place` is without a password. */
export function translatePostgresError(error: unknown, doing: string, place: string): unknown {
  if (!(error instanceof Error) || error instanceof ReproofError) return error;
  const code = isDatabaseError(error) ? error.code : codeOfClient(error);
  if (code === undefined) return error;
  const options = { context: { database: place, postgres: code }, cause: error };
  const message = reason(error);
  if (UNREACHABLE.test(code))
    return new ReproofError('DATABASE_UNAVAILABLE', `${doing}: the database ${place}: ${message}`, options);
  if (SERIALIZATION.includes(code) || WAITED_TOO_LONG.includes(code))
    return new ReproofError('STORE_BUSY', `${doing}: ${place} is too busy: ${message}; try again later`, options);
  if (/^(XX00[12]|58P01)$/.test(code))
    return new ReproofError(
      'STORE_CORRUPT',
      `${doing}: ${place} is damaged (${message}); restore it from a backup`,
      options,
    );
  if (code.startsWith('23'))
    return new ReproofError('STORE_CORRUPT', `${doing}: ${place} refuses it: ${message}`, options);
  if (NOT_TEXT.includes(code))
    return new ReproofError('REQUEST_INVALID', `${doing}: a text holds a character that cannot be stored`, options);
  return new ReproofError('STORE_FAILED', `${doing}: ${place}: ${message}`, options);
}

function isDatabaseError(error: unknown): error is DatabaseError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^([0-9A-Z]{5}|E[A-Z_]+)$/.test(error.code)
  );
}

/** The client tells some ends of a connection by their words alone. */
function codeOfClient(error: Error): string | undefined {
  if (/^timeout exceeded when trying to connect|^Connection terminated|not queryable/.test(error.message))
    return '08006';
  if (/^SASL: |password must be a string/.test(error.message)) return '28P01';
  return undefined;
}

/** Several addresses of a name that were all tried come as an error of errors without a message. */
function reason(error: Error): string {
  return error.message || ('code' in error ? String(error.code) : error.name);
}
