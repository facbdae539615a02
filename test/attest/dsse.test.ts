import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ENVELOPE_LIMITS,
  type Envelope,
  keySigner,
  openEnvelope,
  preAuthEncoding,
  readEnvelope,
  signEnvelope,
} from '../../attest/index.ts';
import { isReproofError } from '../../model/index.ts';
import { sampleLogSigner, sampleSigner } from '../helpers/statement-keys.ts';

const TYPE = 'application/vnd.in-toto+json';
const signer = sampleSigner();
const payload = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}');
const signed: Envelope = await signEnvelope(TYPE, payload, signer);
const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isReproofError(error)) return error.code;
    throw error;
  }
  return 'none';
}

describe('a DSSE envelope', () => {
  it('is signed over the encoding of the specification', () => {
    // github.com/secure-systems-lab/dsse, protocol.md, test vectors.
    const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('counts bytes and not characters', () => {
    expect(Buffer.from(preAuthEncoding('ü', Buffer.from('é€'))).toString()).toBe('DSSEv1 2 ü 5 é€');
  });

  it.each([
    ['ECDSA', sampleSigner()],
    ['Ed25519', sampleLogSigner()],
  ] as const)('signed by %s opens with that key', async (_, key) => {
    const envelope = readEnvelope(bytesOf(await signEnvelope(TYPE, payload, key)));
    const opened = openEnvelope(envelope, TYPE, [key, key]);
    expect(Buffer.from(opened.payload)).toEqual(payload);
    expect(opened.signedBy.map(({ keyid }) => keyid)).toEqual([key.keyid]);
  });

  it('carries no key id, and does not believe one', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const liar: Envelope = {
      ...signed,
      signatures: signed.signatures.map(({ sig }) => ({ sig, keyid: keySigner(privateKey).keyid })),
    };
    expect(signed.signatures[0]?.keyid).toBe('');
    expect(openEnvelope(liar, TYPE, [signer]).signedBy).toHaveLength(1);
    expect(codeOf(() => openEnvelope(liar, TYPE, [keySigner(privateKey)]))).toBe('EVIDENCE_SIGNATURE_INVALID');
  });

  it('does not open with another payload, another type or no key', () => {
    const other = Buffer.from(payload.toString().replace('v1', 'v2')).toString('base64');
    expect(codeOf(() => openEnvelope({ ...signed, payload: other }, TYPE, [signer]))).toBe(
      'EVIDENCE_SIGNATURE_INVALID',
    );
    expect(codeOf(() => openEnvelope(signed, 'application/json', [signer]))).toBe('EVIDENCE_TYPE');
    expect(codeOf(() => openEnvelope({ ...signed, payloadType: 'x' }, 'x', [signer]))).toBe(
      'EVIDENCE_SIGNATURE_INVALID',
    );
    expect(codeOf(() => openEnvelope(signed, TYPE, []))).toBe('EVIDENCE_SIGNATURE_INVALID');
  });

  const text = JSON.stringify(signed);
  const refused: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['nothing', '', 'EVIDENCE_MALFORMED'],
    ['a cut text', text.slice(0, -1), 'EVIDENCE_MALFORMED'],
    ['a byte order mark', `\uFEFF${text}`, 'EVIDENCE_MALFORMED'],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xc3, 0x28, 0x7d])]),
      'EVIDENCE_MALFORMED',
    ],
    ['two values', text + text, 'EVIDENCE_MALFORMED'],
    ['a doubled payload', text.replace('{', `{"payload":"${signed.payload}",`), 'EVIDENCE_MALFORMED'],
    ['a doubled payload, escaped', text.replace('{', `{"p\\u0061yload":"${signed.payload}",`), 'EVIDENCE_MALFORMED'],
    ['an unknown member', text.replace('{', '{"more":1,'), 'EVIDENCE_MALFORMED'],
    ['a member named __proto__', text.replace('{', '{"__proto__":{},'), 'EVIDENCE_MALFORMED'],
    ['an unknown member in a signature', text.replace('"keyid"', '"cert":"","keyid"'), 'EVIDENCE_MALFORMED'],
    ['no payload', JSON.stringify({ ...signed, payload: undefined }), 'EVIDENCE_MALFORMED'],
    ['a payload that is no text', JSON.stringify({ ...signed, payload: 1 }), 'EVIDENCE_MALFORMED'],
    ['no signature', JSON.stringify({ ...signed, signatures: [] }), 'EVIDENCE_MALFORMED'],
    ['base64 without padding', JSON.stringify({ ...signed, payload: 'QQ' }), 'EVIDENCE_MALFORMED'],
    [
      'base64 with a line feed',
      JSON.stringify({ ...signed, payload: `${signed.payload.slice(0, 4)}\n${signed.payload.slice(4)}` }),
      'EVIDENCE_MALFORMED',
    ],
    ['base64 for addresses', JSON.stringify({ ...signed, payload: '-_-_' }), 'EVIDENCE_MALFORMED'],
    ['base64 with stray bits', JSON.stringify({ ...signed, payload: 'QR==' }), 'EVIDENCE_MALFORMED'],
    ['half a character', text.replace(TYPE, '\\ud800'), 'EVIDENCE_MALFORMED'],
    ['a number past all doubles', text.replace('{', '{"more":1e999,'), 'EVIDENCE_MALFORMED'],
    [
      'too many signatures',
      JSON.stringify({ ...signed, signatures: Array.from({ length: 17 }, () => signed.signatures[0]) }),
      'EVIDENCE_LIMIT',
    ],
    ['a text nested too deep', '['.repeat(100_000), 'EVIDENCE_LIMIT'],
    ['a text past the limit', text.padEnd(ENVELOPE_LIMITS.bytes + 1), 'EVIDENCE_LIMIT'],
  ];
  it.each(refused)('with %s is refused', (_, given, code) => {
    expect(codeOf(() => readEnvelope(typeof given === 'string' ? Buffer.from(given) : given))).toBe(code);
  });

  it('is read up to its limits and not one past them', () => {
    const bytes = bytesOf(signed);
    expect(readEnvelope(bytes, { bytes: bytes.length, signatures: 1 })).toEqual(signed);
    expect(codeOf(() => readEnvelope(bytes, { bytes: bytes.length - 1, signatures: 1 }))).toBe('EVIDENCE_LIMIT');
    expect(codeOf(() => readEnvelope(bytes, { bytes: bytes.length, signatures: 0 }))).toBe('EVIDENCE_LIMIT');
  });

  it('holds a payload of megabytes', () => {
    const large = { ...signed, payload: Buffer.alloc(6 * 1024 * 1024, 'x').toString('base64') };
    expect(readEnvelope(bytesOf(large)).payload).toHaveLength(8 * 1024 * 1024);
  });

  it('is refused with a code or read as it was written, whatever the bytes', () => {
    const bytes = Buffer.from(text);
    const change = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255), remove: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = [...bytes];
        for (const { at, byte, remove } of changes) changed.splice(at, remove, byte);
        const code = codeOf(() => {
          const envelope = readEnvelope(Buffer.from(changed));
          const { payload: opened } = openEnvelope(envelope, TYPE, [signer]);
          // What opens is what was signed, however its JSON was spelled.
          expect(Buffer.from(opened)).toEqual(payload);
        });
        expect(code).toMatch(/^(?:none|EVIDENCE_(?:LIMIT|MALFORMED|SIGNATURE_INVALID|TYPE))$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of any JSON whatsoever is refused with a code', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(codeOf(() => readEnvelope(Buffer.from(json)))).toMatch(/^EVIDENCE_(?:LIMIT|MALFORMED)$/);
      }),
      { numRuns: 1_000 },
    );
  });
});
