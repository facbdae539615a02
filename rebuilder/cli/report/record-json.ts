import { canonicalJson, type RebuildRecord } from '../../../model/index.ts';

/** A record as canonical JSON and a newline: the bytes of record.json among the evidence. */
export function recordJson(record: RebuildRecord): string {
  return `${canonicalJson(record)}\n`;
}
