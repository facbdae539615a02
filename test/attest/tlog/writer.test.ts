import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keySigner } from '../../../attest/index.ts';
import { openCheckpoint, signCheckpoint } from '../../../attest/tlog/checkpoint.ts';
import type { LogProof } from '../../../attest/tlog/entry.ts';
import { leafHash, verifyConsistency, verifyInclusion } from '../../../attest/tlog/merkle.ts';
import { writeNote } from '../../../attest/tlog/note.ts';
import { rawEd25519, readVerifierKey, verifierKey } from '../../../attest/tlog/note-key.ts';
import { folderSource } from '../../../attest/tlog/reader/tile-source.ts';
import { openTree } from '../../../attest/tlog/reader/verified-tree.ts';
import { verifyLog } from '../../../attest/tlog/reader/verify-log.ts';
import { filledLog, openSampleLog, openTestLog, SAMPLE_ORIGIN, sampleEntry } from '../../helpers/sample-log.ts';
import { sampleLogSigner } from '../../helpers/statement-keys.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const signer = sampleLogSigner();
const key = verifierKey(SAMPLE_ORIGIN, 1, rawEd25519(signer.publicKey));

function prove(entry: Uint8Array, { index, proof, signed }: LogProof): void {
  const { size, rootHash } = signed.checkpoint;
  verifyInclusion({ index, size, leaf: leafHash(entry), proof, root: rootHash });
}

async function expectSound(folder: string, size: number): Promise<void> {
  const report = await verifyLog(folderSource(folder), { key });
  expect(report.faults).toEqual([]);
  expect(report.size).toBe(size);
}

describe('a log', () => {
  it('begins empty, under a checkpoint of its own, with its key beside it', async () => {
    const folder = await temporaryFolder();
    await openTestLog(folder);
    expect(openCheckpoint(await readFile(join(folder, 'checkpoint')), key).checkpoint.size).toBe(0);
    expect(readVerifierKey((await readFile(join(folder, 'log.vkey'), 'utf8')).trim())).toEqual({
      ...key,
      publicKey: Uint8Array.from(key.publicKey),
    });
    await expectSound(folder, 0);
  });

  it('gives each entry the next place, and a proof of it', async () => {
    const folder = await temporaryFolder();
    const log = await openTestLog(folder);
    for (let number = 0; number < 5; number++) {
      const place = await log.append(sampleEntry(number));
      expect(place.index).toBe(number);
      expect(place.signed.checkpoint.size).toBe(number + 1);
      prove(sampleEntry(number), place);
    }
    await expectSound(folder, 5);
  });

  it.each([255, 256, 257, 1000])('writes %i that wait together under one checkpoint', async (count) => {
    const folder = await temporaryFolder();
    const log = await openTestLog(folder);
    const places = await Promise.all(Array.from({ length: count }, (_, number) => log.append(sampleEntry(number))));
    expect(places.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, number) => number));
    expect(new Set(places.map(({ signed }) => writeNote(signed.note))).size).toBe(1);
    for (const [number, place] of places.entries()) prove(sampleEntry(number), place);
    await expectSound(folder, count);
    // What is partial of a tile that is full is of no more use.
    if (count >= 256) expect(await readdir(join(folder, 'tile/0'))).not.toContain('000.p');
  });

  it('grows past a full tile of tiles one batch at a time, each consistent with all before', async () => {
    const folder = await temporaryFolder();
    const log = await openTestLog(folder, { batch: { entries: 101, bytes: 2 ** 20 } });
    const places = await Promise.all(Array.from({ length: 1500 }, (_, number) => log.append(sampleEntry(number))));
    for (const [number, place] of places.entries()) prove(sampleEntry(number), place);
    const checkpoints = [...new Set(places.map(({ signed }) => signed))].map(({ checkpoint }) => checkpoint);
    expect(checkpoints.length).toBeGreaterThanOrEqual(15);
    const newest = checkpoints.at(-1)!;
    const tree = await openTree(folderSource(folder), newest);
    for (const { size, rootHash } of checkpoints)
      verifyConsistency({
        from: { size, root: rootHash },
        to: { size: newest.size, root: newest.rootHash },
        proof: await tree.consistencyProof(size),
      });
    await expectSound(folder, 1500);
  });

  it('does not take an entry twice: not while it waits, not later, not after it is opened anew or its index is gone', async () => {
    const folder = await filledLog(300);
    const log = await openSampleLog(folder);
    const [first, second] = await Promise.all([log.append(sampleEntry(7)), log.append(sampleEntry(7))]);
    expect([first.index, second.index]).toEqual([7, 7]);
    const [newer, again] = await Promise.all([log.append(sampleEntry(300)), log.append(sampleEntry(300))]);
    expect([newer.index, again.index]).toEqual([300, 300]);
    const mixed = await Promise.all([log.append(sampleEntry(301)), log.append(sampleEntry(255))]);
    expect(mixed.map(({ index }) => index)).toEqual([301, 255]);
    for (const [place, number] of [
      [mixed[0], 301],
      [mixed[1], 255],
    ] as const)
      prove(sampleEntry(number), place!);
    await log.close();
    for (const damage of [
      () => rm(join(folder, '.writer/entries')),
      () => truncate(join(folder, '.writer/entries'), 100),
      () => writeFile(join(folder, '.writer/entries'), Buffer.alloc(5000, 3)),
      () => rm(join(folder, '.writer'), { recursive: true }),
    ]) {
      await damage();
      const opened = await openSampleLog(folder);
      expect((await opened.append(sampleEntry(42))).index).toBe(42);
      expect((await opened.append(sampleEntry(301))).index).toBe(301);
      await opened.close();
    }
    await expectSound(folder, 302);
  });

  it('keeps finding its entries when there are more than its index was made for', async () => {
    const folder = await filledLog(2500);
    const log = await openTestLog(folder);
    const places = await Promise.all([0, 1, 1999, 2048, 2499].map((number) => log.append(sampleEntry(number))));
    expect(places.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(
      (await Promise.all(places.map(({ index }) => log.prove(index))))
        .map(({ index }) => index)
        .toSorted((a, b) => a - b),
    );
    await expectSound(folder, 2500);
  });

  it('is written by two at once, who see what the other wrote', async () => {
    const folder = await temporaryFolder();
    const logs = [await openTestLog(folder), await openTestLog(folder)];
    const places = await Promise.all(
      Array.from({ length: 60 }, (_, number) => logs[number % 2]!.append(sampleEntry(number % 40))),
    );
    expect(new Set(places.map(({ index }) => index)).size).toBe(40);
    for (const [number, place] of places.entries()) prove(sampleEntry(number % 40), place);
    await expectSound(folder, 40);
  });

  it('refuses an entry whose length cannot be told, and a place it does not have', async () => {
    const log = await openTestLog(await temporaryFolder());
    expect(() => log.append(Buffer.alloc(65_536))).toThrow(expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }));
    await expect(log.prove(0)).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
  });

  it('keeps its name, and is opened with no other key', async () => {
    const folder = await filledLog(1);
    await expect(openSampleLog(folder, { origin: 'other.example' })).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
    });
    await expect(openSampleLog(folder, { origin: 'not a host' })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
    const other = keySigner(generateKeyPairSync('ed25519').privateKey);
    await expect(openSampleLog(folder, { signer: other })).rejects.toMatchObject({ code: 'LOG_SIGNATURE_INVALID' });
  });

  it('goes on under a new key, by which its checkpoint is signed anew', async () => {
    const folder = await filledLog(3);
    const successor = keySigner(generateKeyPairSync('ed25519').privateKey);
    const log = await openTestLog(folder, { signer: successor, formerKeys: [signer.publicKey] });
    expect((await log.checkpoint()).checkpoint.size).toBe(3);
    expect((await log.append(sampleEntry(3))).index).toBe(3);
    const report = await verifyLog(folderSource(folder), { key: log.key });
    expect(report).toMatchObject({ size: 4, faults: [] });
    expect(readVerifierKey((await readFile(join(folder, 'log.vkey'), 'utf8')).trim()).keyId).toBe(log.key.keyId);
  });

  it('is named after its key where no name is set, under a domain that promises no address', async () => {
    const folder = await temporaryFolder();
    const { origin: _, ...rest } = { origin: undefined };
    const log = await openSampleLog(folder, { ...rest, origin: undefined as never });
    expect(log.key.name).toMatch(/^log-[0-9a-f]{16}\.reproof\.alt$/);
    await log.close();
    await (await openSampleLog(folder, { origin: log.key.name })).close();
  });
});

describe('a log whose writer was ended', () => {
  it('forgets what no checkpoint speaks of, and writes over it', async () => {
    const folder = await filledLog(250);
    const before = await readFile(join(folder, 'checkpoint'));
    const longer = join(await temporaryFolder(), 'longer');
    await cp(folder, longer, { recursive: true });
    const log = await openSampleLog(longer);
    await Promise.all(Array.from({ length: 400 }, (_, number) => log.append(sampleEntry(1000 + number))));
    await log.close();
    // All files of the longer log are there, and the checkpoint is the old one.
    await cp(longer, folder, { recursive: true });
    await writeFile(join(folder, 'checkpoint'), before);
    await writeFile(join(folder, '.writer/writing'), '');
    const opened = await openTestLog(folder);
    expect((await opened.append(sampleEntry(250))).index).toBe(250);
    expect((await opened.append(sampleEntry(1000))).index).toBe(251);
    await expectSound(folder, 252);
    expect(await readdir(join(folder, 'tile/0'))).toEqual(['000.p']);
  });

  it.each([0, 1, 50, 100, 200])('drops a checkpoint of which only %i bytes were written', async (length) => {
    const folder = await filledLog(3);
    await writeFile(join(folder, '.writer/next'), (await readFile(join(folder, 'checkpoint'))).subarray(0, length));
    const log = await openTestLog(folder);
    expect((await log.append(sampleEntry(3))).index).toBe(3);
    await expectSound(folder, 4);
  });

  it('publishes the checkpoint that was signed and not published yet', async () => {
    const folder = await filledLog(3);
    const before = await readFile(join(folder, 'checkpoint'));
    const log = await openSampleLog(folder);
    await log.append(sampleEntry(3));
    await log.close();
    await cp(join(folder, 'checkpoint'), join(folder, '.writer/next'));
    await writeFile(join(folder, 'checkpoint'), before);
    const opened = await openTestLog(folder);
    expect((await opened.checkpoint()).checkpoint.size).toBe(4);
    expect((await opened.append(sampleEntry(3))).index).toBe(3);
    await expectSound(folder, 4);
  });

  it('signs nothing on top of a checkpoint that is of another history', async () => {
    const folder = await filledLog(3);
    const other = await signCheckpoint(
      { origin: SAMPLE_ORIGIN, size: 4, rootHash: Buffer.alloc(32, 1), extensions: [] },
      signer,
    );
    await writeFile(join(folder, '.writer/next'), writeNote(other.note));
    await expect(openSampleLog(folder)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  it('is not opened where a tile or the last entries are not those that were signed', async () => {
    for (const file of ['tile/0/000.p/3', 'tile/entries/000.p/3']) {
      const folder = await filledLog(3);
      const bytes = await readFile(join(folder, file));
      bytes[10]! ^= 1;
      await writeFile(join(folder, file), bytes);
      await expect(openSampleLog(folder), file).rejects.toMatchObject({
        code: expect.stringMatching(/^LOG_(CORRUPT|MALFORMED)$/),
      });
    }
  });
});

describe('a log on a disk that fails', () => {
  it('refuses what it cannot write, keeps what it took, and goes on when it can', async () => {
    const folder = await filledLog(3);
    const log = await openTestLog(folder);
    await rm(join(folder, 'tile/entries/000.p'), { recursive: true });
    await writeFile(join(folder, 'tile/entries/000.p'), 'a file in the way');
    await expect(log.append(sampleEntry(3))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(openCheckpoint(await readFile(join(folder, 'checkpoint')), key).checkpoint.size).toBe(3);
  });

  it('tells every waiting one of it', async () => {
    const folder = await filledLog(3);
    const log = await openTestLog(folder);
    await mkdir(join(folder, 'tile/0/000.p/5'));
    const results = await Promise.allSettled([log.append(sampleEntry(3)), log.append(sampleEntry(4))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    // What was in the way was past the checkpoint, and is gone with the rest.
    const again = await Promise.all([log.append(sampleEntry(3)), log.append(sampleEntry(4))]);
    expect(again.map(({ index }) => index)).toEqual([3, 4]);
    await expectSound(folder, 5);
  });
});
