import type { TarRecord } from '../../../formats/index.ts';
import { attributeText } from '../../extended-attributes.ts';
import { shownValue } from '../../shown-value.ts';

/** Names of extended attributes that are told in words; the values of others are shown as they are. */
const TOLD: ReadonlySet<string> = new Set([
  'security.capability',
  'system.posix_acl_access',
  'system.posix_acl_default',
]);
const SCHILY = 'SCHILY.xattr.';
const LIBARCHIVE = 'LIBARCHIVE.xattr.';

/**
 * A pax record's value for display. Extended attributes are records of their own: star, GNU tar and libarchive write
 * SCHILY.xattr.NAME and the value as it is, libarchive also LIBARCHIVE.xattr.NAME and the value in base64, tar(5).
 */
export function paxRecordText({ key, value }: TarRecord): string {
  if (key.startsWith(SCHILY) && TOLD.has(key.slice(SCHILY.length)))
    return attributeText(key.slice(SCHILY.length), Buffer.from(value, 'latin1'), 2);
  if (!key.startsWith(LIBARCHIVE)) return shownValue(value);
  const bytes = Buffer.from(value, 'base64');
  // What is written otherwise would be told the same.
  if (bytes.toString('base64').replace(/=+$/, '') !== value) return `not in base64: ${shownValue(value)}`;
  return attributeText(key.slice(LIBARCHIVE.length), bytes, 2);
}
