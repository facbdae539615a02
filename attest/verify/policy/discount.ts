import type { ErrorCode } from '../../../model/index.ts';
import type { LogPlace, Voice } from '../answer.ts';
import type { PolicyKey, PolicyRebuilder } from './policy.ts';

/** Clocks of others may be a little ahead. */
const AHEAD_MILLISECONDS = 10 * 60 * 1000;
const DAY_MILLISECONDS = 86_400_000;

/** What is known of a statement whose signature is right. Times in milliseconds since 1970. */
export type Signed = {
  readonly rebuilder: PolicyRebuilder;
  readonly key: PolicyKey;
  readonly time: number | undefined;
  readonly log: LogPlace | undefined;
  readonly at: number;
};

/** Why a statement does not count under its rebuilder's rules, or undefined where it does. */
export function discountOf({ rebuilder, key, time, log, at }: Signed): Voice['discounted'] {
  const asked = rebuilder.log;
  const signedAt = time ?? at;
  if (signedAt < key.from || signedAt > key.until)
    return because('POLICY_KEY_NOT_VALID', `its key was not valid at ${iso(signedAt)}`);
  if (key.untilIndex !== undefined && (log === undefined || log.index >= key.untilIndex))
    return because('POLICY_KEY_NOT_VALID', `its key counts for entries of the log before ${key.untilIndex} only`);
  if (asked !== undefined && log === undefined)
    return because('POLICY_NOT_LOGGED', `it is in no log, and has to be in ${asked.key.name}`);
  if (asked !== undefined && log !== undefined) {
    if (log.treeSize < asked.minimumSize)
      return because(
        'LOG_CHECKPOINT_STALE',
        `its checkpoint is of ${log.treeSize} entries, and the log had ${asked.minimumSize} before`,
      );
    if (log.witnesses.length < asked.witnesses)
      return because(
        'POLICY_WITNESSES_MISSING',
        `${log.witnesses.length} witnesses cosigned its checkpoint, and ${asked.witnesses} have to`,
      );
  }
  if (time !== undefined && time > at + AHEAD_MILLISECONDS)
    return because('POLICY_AGE', `it says that it was made at ${iso(time)}, which is yet to come`);
  const oldest = rebuilder.maxAgeMilliseconds;
  if (oldest !== undefined && (time === undefined || at - time > oldest))
    return because(
      'POLICY_AGE',
      time === undefined
        ? 'it bears no time'
        : `it is of ${iso(time)}, more than ${oldest / DAY_MILLISECONDS} days before ${iso(at)}`,
    );
  return undefined;
}

function because(code: ErrorCode, why: string): { readonly code: ErrorCode; readonly why: string } {
  return { code, why };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
