import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosign, cosignedAt } from '../../../attest/tlog/cosignature.ts';
import {
  readNote,
  readSignatureLines,
  signNote,
  verifyNote,
  writeNote,
  writeSignatureLine,
} from '../../../attest/tlog/note.ts';
import { rawEd25519, readVerifierKey, verifierKey, writeVerifierKey } from '../../../attest/tlog/note-key.ts';
import { isReproofError } from '../../../model/index.ts';
import { sampleLogSigner } from '../../helpers/statement-keys.ts';

/** Key and note that c2sp.org/signed-note gives as its example. */
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const EXAMPLE =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

const signer = sampleLogSigner();
const key = verifierKey('log.example/one', 1, rawEd25519(signer.publicKey));
const witness = verifierKey('witness.example', 4, rawEd25519(signer.publicKey));
const bytes = (text: string): Uint8Array => Buffer.from(text);
const malformed = expect.objectContaining({ code: 'LOG_MALFORMED' });
const unsigned = expect.objectContaining({ code: 'LOG_SIGNATURE_INVALID' });

describe('a signed note', () => {
  it('of the specification is read, verified and written back', () => {
    const note = readNote(bytes(EXAMPLE));
    expect(note.text).toBe('This is an example message.\n');
    expect(verifyNote(note, [readVerifierKey(EXAMPLE_KEY)])).toHaveLength(1);
    expect(writeNote(note)).toBe(EXAMPLE);
    expect(writeVerifierKey(readVerifierKey(EXAMPLE_KEY))).toBe(EXAMPLE_KEY);
  });

  it('signed here is verified here, and is parted at its last blank line', async () => {
    const note = await signNote('one\n\ntwo\n', key.name, signer);
    expect(readNote(bytes(writeNote(note)))).toEqual({
      text: 'one\n\ntwo\n',
      signatures: note.signatures.map((each) => ({ ...each, signature: expect.anything() })),
    });
    expect(verifyNote(readNote(bytes(writeNote(note))), [key])).toEqual([key]);
  });

  it.each([
    ['without a signature', 'text\n\n'],
    ['without a blank line', 'text\n— a AAAAAAA=\n'],
    ['whose last line has no end', EXAMPLE.slice(0, -1)],
    ['with CR LF', EXAMPLE.replaceAll('\n', '\r\n')],
    ['with a tab', EXAMPLE.replace(' an ', '\t')],
    ['with a zero byte', EXAMPLE.replace(' an ', '\0')],
    ['with a blank name', EXAMPLE.replace('example.com/foo ', ' ')],
    ['with a plus in a name', EXAMPLE.replace('.com', '+com')],
    ['with a no-break space in a name', EXAMPLE.replace('.com', '\u00a0com')],
    ['with a hyphen for a dash', EXAMPLE.replace('—', '-')],
    ['with a third word in a signature line', EXAMPLE.replace('QM=\n', 'QM= x\n')],
    ['with base64 of another spelling', EXAMPLE.replace('QM=\n', 'QN=\n')],
    ['with base64 without padding', EXAMPLE.replace('QM=\n', 'QM\n')],
    ['with a signature of an id alone', 'text\n\n— a Uw2QOg==\n'],
  ])('%s is refused', (_, text) => {
    expect(() => readNote(bytes(text))).toThrow(malformed);
  });

  it('that is not UTF-8, too long, or signed too often is refused', () => {
    expect(() => readNote(Buffer.from(EXAMPLE, 'utf16le'))).toThrow(malformed);
    expect(() => readNote(Buffer.concat([Uint8Array.of(0xff), bytes(EXAMPLE)]))).toThrow(malformed);
    const line = EXAMPLE.slice(EXAMPLE.indexOf('—'));
    expect(() => readNote(bytes(EXAMPLE), { bytes: EXAMPLE.length, signatures: 64 })).toThrow(malformed);
    const limits = { bytes: 10_000, signatures: 16 };
    expect(readNote(bytes(EXAMPLE + line.repeat(15)), limits).signatures).toHaveLength(16);
    expect(() => readNote(bytes(EXAMPLE + line.repeat(16)), limits)).toThrow(malformed);
  });

  it('of which a byte is changed is malformed or not signed', () => {
    const good = bytes(EXAMPLE);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = Uint8Array.from(good);
        bad[at]! ^= change;
        expect(() => verifyNote(readNote(bad), [readVerifierKey(EXAMPLE_KEY)])).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^LOG_(MALFORMED|SIGNATURE_INVALID)$/) }),
        );
      }),
    );
  });

  it('is read or refused, whatever its bytes are', () => {
    const text = fc.array(fc.constantFrom('— ', 'a', ' ', '\n', '\n\n', 'AAAAAAA=', '+', '=', '\u2003', '\ud800'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          text.map((each) => bytes(each.join(''))),
        ),
        (input) => {
          try {
            const note = readNote(input);
            expect(Buffer.from(writeNote(note))).toEqual(Buffer.from(input));
          } catch (error) {
            expect(isReproofError(error, 'LOG_MALFORMED')).toBe(true);
          }
        },
      ),
    );
  });

  it('is not verified by a key of the same name, or of the same id, or by none', async () => {
    const note = await signNote('text\n', key.name, signer);
    expect(() => verifyNote(note, [])).toThrow(unsigned);
    expect(() => verifyNote(note, [verifierKey('other.example', 1, key.publicKey)])).toThrow(unsigned);
    expect(() => verifyNote(note, [{ ...key, publicKey: Buffer.alloc(32, 7) }])).toThrow(unsigned);
    expect(() => verifyNote(note, [{ ...key, keyId: '00000000' }])).toThrow(unsigned);
  });

  it('with a right and a wrong signature of one key is refused', async () => {
    const note = await signNote('text\n', key.name, signer);
    const other = await signNote('other\n', key.name, signer);
    const both = { ...note, signatures: [...note.signatures, ...other.signatures] };
    expect(() => verifyNote(both, [key])).toThrow(unsigned);
  });
});

describe('a key in text', () => {
  it.each([
    ['of two parts', 'a+00000000'],
    ['with a wrong id', EXAMPLE_KEY.replace('530d', '530e')],
    ['with an id in capitals', EXAMPLE_KEY.replace('530d903a', '530D903A')],
    ['of another type', 'a+00000000+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'],
    ['that is short', 'a+00000000+Aekye'],
    ['that is empty', ''],
    ['with a blank name', EXAMPLE_KEY.replace('.com', ' com')],
  ])('%s is refused', (_, text) => {
    expect(() => readVerifierKey(text)).toThrow(malformed);
  });
});

describe('a cosignature', () => {
  it('is over its time and the text, and counts once', async () => {
    const note = await signNote('log\n1\nroot\n', key.name, signer);
    const line = await cosign(note.text, witness.name, { signer, seconds: 1_679_315_147n });
    expect(cosignedAt(line.signature)).toBe(1_679_315_147n);
    const cosigned = { ...note, signatures: [...note.signatures, line, line] };
    expect(verifyNote(cosigned, [key, witness])).toEqual([key, witness]);
    expect(readSignatureLines(bytes(writeSignatureLine(line)))).toEqual([
      { ...line, signature: Uint8Array.from(line.signature) },
    ]);
  });

  it('with another time, over another text, or cut short is refused', async () => {
    const line = await cosign('log\n1\nroot\n', witness.name, { signer, seconds: 5n });
    const later = Buffer.from(line.signature);
    later.writeBigUInt64BE(6n);
    const never = Buffer.from(line.signature);
    never.writeBigUInt64BE(2n ** 63n);
    for (const [text, signature] of [
      ['log\n1\nroot\n', later],
      ['log\n1\nroot\n', never],
      ['log\n2\nroot\n', line.signature],
      ['log\n1\nroot\n', line.signature.subarray(0, 71)],
      ['log\n1\nroot\n', line.signature.subarray(8)],
    ] as const)
      expect(() => verifyNote({ text, signatures: [{ ...line, signature }] }, [witness])).toThrow(unsigned);
  });

  it('is no signature of the note, and the note no cosignature', async () => {
    const note = await signNote('text\n', key.name, signer);
    const line = await cosign('text\n', key.name, { signer, seconds: 5n });
    const swapped = { text: note.text, signatures: [{ ...line, keyId: key.keyId }] };
    expect(() => verifyNote(swapped, [key])).toThrow(unsigned);
  });
});
