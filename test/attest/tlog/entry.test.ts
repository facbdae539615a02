import { describe, expect, it } from 'vitest';
import { type Bundle, bundleOf, type Envelope, PAYLOAD_TYPE, signEnvelope } from '../../../attest/index.ts';
import { signCheckpoint } from '../../../attest/tlog/checkpoint.ts';
import { cosign } from '../../../attest/tlog/cosignature.ts';
import { bundleEntry, entryOf, type LogProof, readEntry, trustedRoot, writeEntry } from '../../../attest/tlog/entry.ts';
import { rawEd25519, verifierKey } from '../../../attest/tlog/note-key.ts';
import { canonicalJson } from '../../../model/index.ts';
import { numberedEntries, referencePath, referenceRoot } from '../../helpers/reference-tree.ts';
import { verifyLoggedBySigstore } from '../../helpers/sigstore-log.ts';
import { sampleLogSigner, sampleSigner } from '../../helpers/statement-keys.ts';

const signer = sampleSigner();
const logSigner = sampleLogSigner();
const logKey = verifierKey('log.example', 1, rawEd25519(logSigner.publicKey));
const root = trustedRoot([{ key: logKey, start: '2026-01-01T00:00:00Z' }]);
const INDEX = 2;

async function logged(): Promise<{ envelope: Envelope; body: Uint8Array; proof: LogProof }> {
  const envelope = await signEnvelope(PAYLOAD_TYPE, Buffer.from('{"a":1}'), signer);
  const body = entryOf(envelope, signer);
  const entries: Uint8Array[] = numberedEntries(5);
  entries[INDEX] = body;
  const checkpoint = { origin: logKey.name, size: 5, rootHash: referenceRoot(entries), extensions: [] };
  const proof = {
    index: INDEX,
    proof: referencePath(INDEX, entries),
    signed: await signCheckpoint(checkpoint, logSigner),
  };
  return { envelope, body, proof };
}

async function loggedBundle(): Promise<Bundle> {
  const { envelope, body, proof } = await logged();
  return bundleOf(envelope, signer, [bundleEntry(body, proof, logKey)]);
}

describe('a log entry of an envelope', () => {
  it('says what signature of what key is over what digest, in one spelling', async () => {
    const { envelope, body } = await logged();
    const entry = readEntry(body);
    expect(Buffer.from(entry.signature).toString('base64')).toBe(envelope.signatures[0]?.sig);
    expect(Buffer.from(entry.publicKey)).toEqual(Buffer.from(signer.publicKey));
    expect(Buffer.from(writeEntry(entry))).toEqual(Buffer.from(body));
    expect(canonicalJson(JSON.parse(Buffer.from(body).toString()))).toBe(Buffer.from(body).toString());
  });

  it('is refused for a key that signs no digest', async () => {
    const envelope = await signEnvelope(PAYLOAD_TYPE, Buffer.from('{}'), logSigner);
    expect(() => entryOf(envelope, logSigner)).toThrow(expect.objectContaining({ code: 'LOG_MALFORMED' }));
  });

  it.each([
    ['with a blank', (text: string) => text.replace(':', ': ')],
    ['with an unknown member', (text: string) => text.replace('{"apiVersion"', '{"a":1,"apiVersion"')],
    ['of another version', (text: string) => text.replace('0.0.2', '0.0.1')],
    ['of another kind', (text: string) => text.replace('hashedrekord', 'dsse')],
    ['with a short digest', (text: string) => text.replace(/"digest":"[^"]+"/, '"digest":"AAAA"')],
    ['with an empty signature', (text: string) => text.replace(/"content":"[^"]+"/, '"content":""')],
    [
      'with a member out of order',
      (text: string) =>
        text.replace('"apiVersion":"0.0.2","kind":"hashedrekord"', '"kind":"hashedrekord","apiVersion":"0.0.2"'),
    ],
  ])('%s is refused', async (_, change) => {
    const text = Buffer.from((await logged()).body).toString();
    expect(change(text)).not.toBe(text);
    expect(() => readEntry(Buffer.from(change(text)))).toThrow(expect.objectContaining({ code: 'LOG_MALFORMED' }));
  });

  it.each([
    [
      'with a key that is none',
      (text: string) => text.replace(/"rawBytes":"[^"]+"/, '"rawBytes":"AAAA"'),
      'KEY_INVALID',
    ],
    [
      'with a member twice',
      (text: string) => text.replace('{"apiV', '{"kind":"hashedrekord","apiV'),
      'EVIDENCE_MALFORMED',
    ],
    ['that is no JSON', () => 'no', 'EVIDENCE_MALFORMED'],
  ] as const)('%s is refused', async (_, change, code) => {
    const text = Buffer.from((await logged()).body).toString();
    expect(() => readEntry(Buffer.from(change(text)))).toThrow(expect.objectContaining({ code }));
  });
});

describe('a bundle with an entry of a log', () => {
  it("is right to sigstore's verifier, by the log's trusted root", async () => {
    const bundle = await loggedBundle();
    expect(() => verifyLoggedBySigstore(bundle, signer, root)).not.toThrow();
  });

  it("is right to sigstore's verifier with cosignatures of witnesses in its checkpoint", async () => {
    const { envelope, body, proof } = await logged();
    const { note } = proof.signed;
    const line = await cosign(note.text, 'witness.example', { signer: logSigner, seconds: 1_700_000_000n });
    const cosigned = { ...proof.signed, note: { ...note, signatures: [...note.signatures, line] } };
    const bundle = bundleOf(envelope, signer, [bundleEntry(body, { ...proof, signed: cosigned }, logKey)]);
    expect(() => verifyLoggedBySigstore(bundle, signer, root)).not.toThrow();
  });

  it("is wrong to sigstore's verifier with anything of its proof changed", async () => {
    const bundle = await loggedBundle();
    const entry = bundle.verificationMaterial.tlogEntries[0]!;
    const note = entry.inclusionProof.checkpoint.envelope;
    const changes: readonly object[] = [
      { inclusionProof: { ...entry.inclusionProof, logIndex: '1' } },
      { inclusionProof: { ...entry.inclusionProof, hashes: entry.inclusionProof.hashes.toReversed() } },
      { inclusionProof: { ...entry.inclusionProof, checkpoint: { envelope: note.replace('\n5\n', '\n6\n') } } },
      { canonicalizedBody: Buffer.from('{}').toString('base64') },
      { logId: { keyId: Buffer.alloc(32).toString('base64') } },
    ];
    for (const change of changes) {
      const wrong = bundleOf(bundle.dsseEnvelope, signer, [{ ...entry, ...change }]);
      expect(() => verifyLoggedBySigstore(wrong, signer, root), JSON.stringify(change)).toThrow();
    }
    const key = verifierKey('other.example', 1, logKey.publicKey);
    const other = trustedRoot([{ key, start: '2026-01-01T00:00:00Z' }]);
    expect(() => verifyLoggedBySigstore(bundle, signer, other)).toThrow();
  });
});
