import { hash } from 'node:crypto';
import { canonicalJson, sha256Of } from '../model/index.ts';

/** The namespace for names that are URLs (RFC 9562, appendix C). */
const URL_NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/** The UUID of version 5 of a name that is a URL (RFC 9562 section 5.5). */
export function uuidOf(name: string): string {
  const digest = Buffer.from(hash('sha1', Buffer.concat([URL_NAMESPACE, Buffer.from(name)]), 'hex'), 'hex');
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A document's UUID: of what it describes and of all else it says, so that no two documents share one. */
export function documentUuid(purl: string, document: object): string {
  return uuidOf(`${purl}#${sha256Of(canonicalJson(document))}`);
}

/** An SPDX element's identifier: letters, digits, dots and hyphens, with a digest of the key that keeps it unique. */
export function spdxId(kind: 'File' | 'Package', key: string): string {
  const digest = sha256Of(key);
  if (kind === 'File') return `SPDXRef-File-${digest.slice(0, 32)}`;
  const shown = key.replace(/^pkg:deb\/debian\//, '').replace(/[^A-Za-z0-9.-]+/g, '-');
  return `SPDXRef-Package-${shown.slice(0, 80)}-${digest.slice(0, 16)}`;
}

/** The last second that ISO 8601 writes with four digits of year. */
const LAST_SECOND = 253_402_300_799;

/** A time in seconds since 1970 as both formats write it; undefined for one that they cannot write. */
export function isoTime(seconds: number | undefined): string | undefined {
  if (seconds === undefined || !Number.isInteger(seconds) || seconds < 0 || seconds > LAST_SECOND) return undefined;
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
