import { capabilitiesText, type PosixAclVersion, posixAclText } from '../formats/index.ts';
import { shownValue } from './shown-value.ts';

/**
 * The value of an extended attribute in words, xattr(7): capabilities by name, access control lists in their text form,
 * anything else as it is. Different values are never told the same.
 */
export function attributeText(name: string, value: Buffer, acl: PosixAclVersion): string {
  switch (name) {
    case 'security.capability':
      return capabilitiesText(value) ?? unreadable(value);
    case 'system.posix_acl_access':
    case 'system.posix_acl_default':
      return posixAclText(value, acl) ?? unreadable(value);
    default:
      return value.length === 0 ? 'empty' : `"${shownValue(value.toString('latin1'))}"`;
  }
}

function unreadable(value: Buffer): string {
  return `not such a value: ${shownValue(value.toString('hex'))}`;
}
