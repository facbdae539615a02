import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  openCheckpoint,
  readCheckpoint,
  signCheckpoint,
  witnessesOf,
  writeCheckpoint,
} from '../../../attest/tlog/checkpoint.ts';
import { cosign } from '../../../attest/tlog/cosignature.ts';
import { EMPTY_ROOT } from '../../../attest/tlog/merkle.ts';
import { writeNote } from '../../../attest/tlog/note.ts';
import { rawEd25519, verifierKey } from '../../../attest/tlog/note-key.ts';
import { isReproofError } from '../../../model/index.ts';
import { sampleLogSigner } from '../../helpers/statement-keys.ts';

const signer = sampleLogSigner();
const origin = 'log.example';
const key = verifierKey(origin, 1, rawEd25519(signer.publicKey));
const root = Buffer.alloc(32, 9);
const text = `${origin}\n7\n${root.toString('base64')}\n`;
const malformed = expect.objectContaining({ code: 'LOG_MALFORMED' });

describe('a checkpoint', () => {
  it('of the specification is read', () => {
    const example = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    expect(readCheckpoint(example)).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
    expect(writeCheckpoint(readCheckpoint(example))).toBe(example);
  });

  it('keeps lines that it does not know', () => {
    expect(readCheckpoint(`${text}more\n`).extensions).toEqual(['more']);
    expect(writeCheckpoint(readCheckpoint(`${text}more\n`))).toBe(`${text}more\n`);
  });

  it.each([
    ['of two lines', `${origin}\n7\n`],
    ['without an origin', `\n7\n${root.toString('base64')}\n`],
    ['with an empty line', `${text}\n`],
    ['without an end', text.slice(0, -1)],
    ['with a size in hexadecimal', text.replace('7', '0x7')],
    ['with a leading zero', text.replace('\n7', '\n07')],
    ['with a negative size', text.replace('\n7', '\n-7')],
    ['with a size past what can be counted', text.replace('\n7', '\n9007199254740992')],
    ['with a size without a value', text.replace('\n7', '\n')],
    ['with a short root', text.replace(root.toString('base64'), Buffer.alloc(31).toString('base64'))],
    ['with a root in another spelling', text.replace('=\n', '\n')],
    ['of an empty tree with another root', text.replace('\n7', '\n0')],
  ])('%s is refused', (_, wrong) => {
    expect(() => readCheckpoint(wrong)).toThrow(malformed);
  });

  it('of an empty tree has the root of nothing', () => {
    expect(readCheckpoint(`a\n0\n${Buffer.from(EMPTY_ROOT).toString('base64')}\n`).size).toBe(0);
  });

  it('is read or refused, whatever its text is', () => {
    const parts = fc.array(fc.constantFrom('\n', '0', '7', 'a', root.toString('base64'), '+', '='), { maxLength: 12 });
    fc.assert(
      fc.property(parts, (some) => {
        const input = some.join('');
        try {
          expect(writeCheckpoint(readCheckpoint(input))).toBe(input);
        } catch (error) {
          expect(isReproofError(error, 'LOG_MALFORMED')).toBe(true);
        }
      }),
    );
  });

  it('is opened by the key of its log alone', async () => {
    const signed = await signCheckpoint(readCheckpoint(text), signer);
    const bytes = Buffer.from(writeNote(signed.note));
    expect(openCheckpoint(bytes, key).checkpoint.size).toBe(7);
    const other = verifierKey('other.example', 1, key.publicKey);
    expect(() => openCheckpoint(bytes, other)).toThrow(expect.objectContaining({ code: 'LOG_SIGNATURE_INVALID' }));
    const renamed = await signCheckpoint({ ...signed.checkpoint, origin: 'other.example' }, signer);
    const lying = { ...renamed.note, signatures: (await signCheckpoint(readCheckpoint(text), signer)).note.signatures };
    expect(() => openCheckpoint(Buffer.from(writeNote(lying)), key)).toThrow(
      expect.objectContaining({ code: 'LOG_SIGNATURE_INVALID' }),
    );
  });

  it('says who cosigned it, each witness once, and refuses a wrong cosignature', async () => {
    const signed = await signCheckpoint(readCheckpoint(text), signer);
    const witness = verifierKey('witness.example', 4, key.publicKey);
    const absent = verifierKey('absent.example', 4, key.publicKey);
    const line = await cosign(signed.note.text, witness.name, { signer, seconds: 3n });
    const cosigned = { ...signed, note: { ...signed.note, signatures: [...signed.note.signatures, line, line] } };
    expect(witnessesOf(cosigned, [witness, absent])).toEqual([witness]);
    expect(witnessesOf(signed, [witness])).toEqual([]);
    const wrong = { ...line, signature: Buffer.alloc(72) };
    expect(() => witnessesOf({ ...signed, note: { ...signed.note, signatures: [wrong] } }, [witness])).toThrow(
      expect.objectContaining({ code: 'LOG_SIGNATURE_INVALID' }),
    );
  });
});
