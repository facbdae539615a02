import { canonicalJson } from '../../model/index.ts';
import type { Statement } from './types.ts';

/** The one spelling of a statement, which is what is signed: canonical JSON (RFC 8785) in UTF-8. */
export function statementBytes(statement: Statement): Uint8Array {
  return Buffer.from(canonicalJson(statement));
}
