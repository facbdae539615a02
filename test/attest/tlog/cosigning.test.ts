import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../attest/tlog/checkpoint.ts';
import { cosign } from '../../../attest/tlog/cosignature.ts';
import { verifyConsistency } from '../../../attest/tlog/merkle.ts';
import { writeSignatureLine } from '../../../attest/tlog/note.ts';
import { rawEd25519, verifierKey } from '../../../attest/tlog/note-key.ts';
import { folderSource } from '../../../attest/tlog/reader/tile-source.ts';
import { verifyLog } from '../../../attest/tlog/reader/verify-log.ts';
import { writeWitnessRequest } from '../../../attest/tlog/witness-request.ts';
import { filledLog, openTestLog, SAMPLE_ORIGIN, sampleEntry } from '../../helpers/sample-log.ts';
import { sampleLogSigner } from '../../helpers/statement-keys.ts';

const signer = sampleLogSigner();
const key = verifierKey(SAMPLE_ORIGIN, 1, rawEd25519(signer.publicKey));

describe('cosignatures of witnesses', () => {
  const witness = verifierKey('witness.example', 4, rawEd25519(signer.publicKey));

  it('are kept with the checkpoint they are over, and go with the next', async () => {
    const folder = await filledLog(3);
    const log = await openTestLog(folder);
    const { note } = await log.checkpoint();
    const line = await cosign(note.text, witness.name, { signer, seconds: 1_700_000_000n });
    const stranger = await cosign(note.text, 'stranger.example', { signer, seconds: 1n });
    const lines = Buffer.from(writeSignatureLine(line) + writeSignatureLine(stranger));
    const cosigned = await log.addCosignatures(lines, [witness]);
    expect(cosigned.note.signatures.map(({ name }) => name)).toEqual([SAMPLE_ORIGIN, 'witness.example']);
    await log.addCosignatures(lines, [witness]);
    expect((await verifyLog(folderSource(folder), { key, witnesses: [witness] })).witnesses).toEqual([
      'witness.example',
    ]);
    expect((await log.append(sampleEntry(1))).signed.note.signatures).toHaveLength(2);
    expect((await log.append(sampleEntry(3))).signed.note.signatures).toHaveLength(1);
    expect((await verifyLog(folderSource(folder), { key })).faults).toEqual([]);
  });

  it('over another checkpoint, or of nobody who was named, are refused', async () => {
    const log = await openTestLog(await filledLog(3));
    const old = await log.checkpoint();
    const line = Buffer.from(writeSignatureLine(await cosign(old.note.text, witness.name, { signer, seconds: 5n })));
    await expect(log.addCosignatures(line, [])).rejects.toMatchObject({ code: 'LOG_SIGNATURE_INVALID' });
    await log.append(sampleEntry(3));
    await expect(log.addCosignatures(line, [witness])).rejects.toMatchObject({ code: 'LOG_SIGNATURE_INVALID' });
    expect((await log.checkpoint()).note.signatures).toHaveLength(1);
  });

  it('are asked for with the newest checkpoint and the proof that it grew from what the witness knows', async () => {
    const log = await openTestLog(await filledLog(3));
    const old = await log.checkpoint();
    await log.append(sampleEntry(3));
    const text = writeWitnessRequest(3, await log.proveGrowth(3));
    const blank = text.indexOf('\n\n');
    const [first, ...proof] = text.slice(0, blank).split('\n');
    expect(first).toBe('old 3');
    const { checkpoint } = openCheckpoint(Buffer.from(text.slice(blank + 2)), key);
    verifyConsistency({
      from: { size: 3, root: old.checkpoint.rootHash },
      to: { size: checkpoint.size, root: checkpoint.rootHash },
      proof: proof.map((line) => Buffer.from(line, 'base64')),
    });
    expect(writeWitnessRequest(0, await log.proveGrowth(0))).toMatch(/^old 0\n\nlog\.example\n4\n/);
    await expect(log.proveGrowth(5)).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
  });
});
