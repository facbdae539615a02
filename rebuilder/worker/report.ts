import { ReproofError } from '../../model/index.ts';
import type { ResultEntry } from '../store/results/types.ts';
import { type ReportedResult, reportedResult } from '../worker-protocol/index.ts';

const REASON_CHARACTERS = 200;
const DETAIL_CHARACTERS = 4000;

/** A result as it is told to a server: without what the server says itself. Throws INTERNAL for what the protocol cannot hold. */
export function reportOf(entry: ResultEntry): ReportedResult {
  const { origin: _origin, workerId: _worker, status: _status, decides: _decides, artifacts, ...rest } = entry;
  const { reason, detail, ...others } = rest;
  const parsed = reportedResult.safeParse({
    ...others,
    ...(reason === undefined ? {} : { reason: line(reason, REASON_CHARACTERS) }),
    ...(detail === undefined ? {} : { detail: line(detail, DETAIL_CHARACTERS) }),
    artifacts: artifacts.map(({ status: _s, checkedHere: _c, attestation: _a, ...artifact }) => artifact),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ReproofError('INTERNAL', `reporting a result: ${issue?.path.join('.')}: ${issue?.message}`);
}

function line(text: string, longest: number): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, longest);
}
