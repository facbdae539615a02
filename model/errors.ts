/**
 * Every code an error of ours can carry, with the exit status the command line gives it. The list is closed:
 * docs/errors.md describes each code and a test holds the two together. 1 and 2 are answers of
 * `reproof verify`: a policy does not hold, and somebody says otherwise. Exit statuses from 64 up follow
 * sysexits.h(3head): 64 usage, 65 data that failed a check, 69 something outside is unavailable, 70 our own
 * defect, 74 input or output failed, 77 not
 * allowed, 130 interrupted.
 */
export const ERROR_EXIT_STATUS = {
  LOG_CHECKPOINT_STALE: 1,
  POLICY_AGE: 1,
  POLICY_KEY_NOT_VALID: 1,
  POLICY_NOT_LOGGED: 1,
  POLICY_TOO_FEW: 1,
  POLICY_WITNESSES_MISSING: 1,
  LOG_FORKED: 2,
  POLICY_CONTRADICTION: 2,
  POLICY_DISAGREEMENT: 2,
  USAGE: 64,
  JOB_UNKNOWN: 64,
  REQUEST_INVALID: 64,
  REQUEST_TOO_LARGE: 64,
  SETTINGS_INVALID: 64,
  TARGET_SYNTAX: 64,
  TARGET_UNKNOWN: 64,
  RECORD_UNKNOWN: 64,
  RESOURCE_UNKNOWN: 64,
  ARCHIVE_LIMIT: 65,
  ARCHIVE_MALFORMED: 65,
  ARCHIVE_UNSUPPORTED: 65,
  BUILDINFO_INVALID: 65,
  DEB822_LIMIT: 65,
  DEB822_SYNTAX: 65,
  DSC_INVALID: 65,
  ELF_LIMIT: 65,
  ELF_MALFORMED: 65,
  ENVIRONMENT_MISMATCH: 65,
  EVIDENCE_KEY_ID: 65,
  EVIDENCE_LIMIT: 65,
  EVIDENCE_MALFORMED: 65,
  EVIDENCE_SIGNATURE_INVALID: 65,
  EVIDENCE_TYPE: 65,
  FETCH_DIGEST_MISMATCH: 65,
  FETCH_REDIRECT_REFUSED: 65,
  FETCH_SIZE_MISMATCH: 65,
  FETCH_TOO_LARGE: 65,
  FORMAT_LIMIT: 65,
  FORMAT_MALFORMED: 65,
  INDEX_MALFORMED: 65,
  KEY_INVALID: 65,
  LOG_CORRUPT: 65,
  LOG_MALFORMED: 65,
  LOG_PROOF_INVALID: 65,
  LOG_SIGNATURE_INVALID: 65,
  PLAN_INVALID: 65,
  POLICY_INVALID: 65,
  RELEASE_EXPIRED: 65,
  RELEASE_MALFORMED: 65,
  RELEASE_SIGNATURE_INVALID: 65,
  VERSION_SYNTAX: 65,
  CACHE_MISSING: 69,
  DATABASE_UNAVAILABLE: 69,
  ENGINE_FAILED: 69,
  ENGINE_UNAVAILABLE: 69,
  ENVIRONMENT_FAILED: 69,
  FETCH_FAILED: 69,
  FETCH_NOT_FOUND: 69,
  FETCH_TIMEOUT: 69,
  KEYRING_MISSING: 69,
  LEASE_LOST: 69,
  LISTEN_FAILED: 69,
  PROGRAM_MISSING: 69,
  RATE_LIMITED: 69,
  SERVER_UNAVAILABLE: 69,
  INTERNAL: 70,
  PROGRAM_FAILED: 70,
  PROGRAM_LIMIT: 70,
  BLOB_CORRUPT: 74,
  STORE_BUSY: 74,
  STORE_CORRUPT: 74,
  STORE_FAILED: 74,
  STORE_VERSION: 74,
  ACCESS_DENIED: 77,
  ACCESS_REQUIRED: 77,
  KEY_EXPOSED: 77,
  KEY_LOCKED: 77,
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof ERROR_EXIT_STATUS;

/** Facts that go with an error: numbers, names, digests. Never secrets. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The only error this product throws on purpose. `code` is what callers match on; `message` says what was being
 * done, to what, and where ("reading member size of ar archive at byte 8"), in one line.
 */
export class ReproofError extends Error {
  readonly code: ErrorCode;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, message: string, options: { context?: ErrorContext; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ReproofError';
    this.code = code;
    this.context = options.context ?? {};
  }
}

/** True when `error` is ours and carries one of `codes` (any code when none is given). */
export function isReproofError(error: unknown, ...codes: readonly ErrorCode[]): error is ReproofError {
  return error instanceof ReproofError && (codes.length === 0 || codes.includes(error.code));
}
