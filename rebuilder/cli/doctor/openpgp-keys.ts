import { createHash } from 'node:crypto';

const PUBLIC_KEY_TAG = 6;

/**
 * The fingerprints (upper-case hexadecimal) of the primary keys in a binary OpenPGP keyring, in its order; undefined
 * when it is none. Reads packet heads only (RFC 9580 4.2, 5.5.4): which keys are there, not whether they are good.
 */
export function keyFingerprints(bytes: Uint8Array): readonly string[] | undefined {
  const found: string[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const head = readHead(bytes, offset);
    if (head === undefined || head.end > bytes.length) return undefined;
    if (head.tag === PUBLIC_KEY_TAG) {
      const fingerprint = fingerprintOf(bytes.subarray(head.start, head.end));
      if (fingerprint === undefined) return undefined;
      found.push(fingerprint);
    }
    offset = head.end;
  }
  return found.length === 0 ? undefined : found;
}

function fingerprintOf(body: Uint8Array): string | undefined {
  if (body[0] === 4) {
    const prefix = Uint8Array.of(0x99, body.length >> 8, body.length & 0xff);
    return createHash('sha1').update(prefix).update(body).digest('hex').toUpperCase();
  }
  if (body[0] !== 6) return undefined;
  const prefix = Buffer.alloc(5, 0x9b);
  prefix.writeUInt32BE(body.length, 1);
  return createHash('sha256').update(prefix).update(body).digest('hex').toUpperCase();
}

function readHead(bytes: Uint8Array, offset: number): { tag: number; start: number; end: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint8(offset);
  if ((first & 0x80) === 0) return undefined;
  const sized = (tag: number, lengthBytes: number, length: number) => {
    const start = offset + 1 + lengthBytes;
    return { tag, start, end: start + length };
  };
  const left = bytes.length - offset - 1;
  if ((first & 0x40) === 0) {
    const tag = (first >> 2) & 0x0f;
    const lengthBytes = [1, 2, 4][first & 3];
    // Packets of indeterminate length have no place in a keyring.
    if (lengthBytes === undefined || left < lengthBytes) return undefined;
    const at = offset + 1;
    const length = lengthBytes === 1 ? view.getUint8(at) : lengthBytes === 2 ? view.getUint16(at) : view.getUint32(at);
    return sized(tag, lengthBytes, length);
  }
  const tag = first & 0x3f;
  if (left < 1) return undefined;
  const one = view.getUint8(offset + 1);
  if (one < 192) return sized(tag, 1, one);
  if (one < 224) return left < 2 ? undefined : sized(tag, 2, ((one - 192) << 8) + view.getUint8(offset + 2) + 192);
  return one === 255 && left >= 5 ? sized(tag, 5, view.getUint32(offset + 2)) : undefined;
}
