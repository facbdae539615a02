import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from '../../../attest/tlog/checkpoint.ts';
import { writeNote } from '../../../attest/tlog/note.ts';
import { rawEd25519, verifierKey } from '../../../attest/tlog/note-key.ts';
import { folderSource } from '../../../attest/tlog/reader/tile-source.ts';
import { openTree } from '../../../attest/tlog/reader/verified-tree.ts';
import { type LogReport, verifyLog } from '../../../attest/tlog/reader/verify-log.ts';
import { readBundle, writeBundle } from '../../../attest/tlog/tiles.ts';
import { filledLog, fillLog, openSampleLog, SAMPLE_ORIGIN, sampleEntry } from '../../helpers/sample-log.ts';
import { sampleLogSigner } from '../../helpers/statement-keys.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const signer = sampleLogSigner();
const key = verifierKey(SAMPLE_ORIGIN, 1, rawEd25519(signer.publicKey));
const look = (folder: string): Promise<LogReport> => verifyLog(folderSource(folder), { key });
const FILES = [
  'tile/0/000',
  'tile/0/001',
  'tile/0/002.p/88',
  'tile/1/000.p/2',
  'tile/entries/000',
  'tile/entries/001',
  'tile/entries/002.p/88',
];

describe('a look at every byte of a log', () => {
  let made = '';
  beforeAll(async () => {
    made = await mkdtemp(join(tmpdir(), 'reproof-test-'));
    await fillLog(made, { first: 0, last: 600 });
  });
  afterAll(() => rm(made, { recursive: true, force: true }));
  const copy = async (): Promise<string> => {
    const folder = await temporaryFolder();
    await cp(made, folder, { recursive: true });
    return folder;
  };

  it('finds nothing in a sound one, and reads each file', async () => {
    expect(await look(await copy())).toMatchObject({ size: 600, faults: [], files: FILES.length + 1, witnesses: [] });
  });

  it.each(FILES)('names %s when it is cut, lengthened, changed or gone', async (file) => {
    const folder = await copy();
    const path = join(folder, file);
    const good = await readFile(path);
    const changed = Uint8Array.from(good);
    changed[good.length - 3]! ^= 1;
    for (const bad of [
      good.subarray(0, -1),
      good.subarray(0, 7),
      Buffer.alloc(0),
      Buffer.concat([good, good]),
      changed,
    ]) {
      await writeFile(path, bad);
      expect([...new Set((await look(folder)).faults.map((fault) => fault.file))]).toEqual([file]);
    }
    await rm(path);
    expect((await look(folder)).faults).toEqual([
      { file, code: 'LOG_CORRUPT', why: `reading ${file} of a log: it is missing` },
    ]);
  });

  it('names all that are wrong, and not what is right', async () => {
    const folder = await copy();
    const wrong = ['tile/0/000', 'tile/entries/001'];
    for (const file of wrong) {
      const bytes = await readFile(join(folder, file));
      bytes[40]! ^= 255;
      await writeFile(join(folder, file), bytes);
    }
    expect(new Set((await look(folder)).faults.map(({ file }) => file))).toEqual(new Set(wrong));
  });

  it('names an entry that is none of ours though the tree has it', async () => {
    const folder = await filledLog(3);
    const log = await openSampleLog(folder);
    await log.append(Buffer.from('{"kind":"note"}'));
    await log.close();
    expect((await look(folder)).faults).toMatchObject([
      { file: 'tile/entries/000.p/4', code: 'LOG_MALFORMED', why: expect.stringContaining('entry 3:') },
    ]);
  });

  it('names an older partial tile that does not begin what came of it', async () => {
    const folder = await filledLog(3);
    const log = await openSampleLog(folder);
    await log.append(sampleEntry(3));
    await log.close();
    for (const file of ['tile/0/000.p/3', 'tile/entries/000.p/3']) {
      const good = await readFile(join(folder, file));
      await writeFile(
        join(folder, file),
        good.map((byte, at) => (at === 50 ? byte ^ 4 : byte)),
      );
      expect((await look(folder)).faults.map((fault) => fault.file)).toEqual([file]);
      await writeFile(join(folder, file), good);
    }
    expect((await look(folder)).faults).toEqual([]);
  });

  it('refuses a checkpoint of another key, a changed one, and none', async () => {
    const folder = await copy();
    const path = join(folder, 'checkpoint');
    const good = await readFile(path, 'utf8');
    const other = verifierKey('other.example', 1, key.publicKey);
    await expect(verifyLog(folderSource(folder), { key: other })).rejects.toMatchObject({
      code: 'LOG_SIGNATURE_INVALID',
    });
    await writeFile(path, good.replace('\n600\n', '\n601\n'));
    await expect(look(folder)).rejects.toMatchObject({ code: 'LOG_SIGNATURE_INVALID' });
    await writeFile(path, good.slice(0, -5));
    await expect(look(folder)).rejects.toMatchObject({ code: 'LOG_MALFORMED' });
    await rm(path);
    await expect(look(folder)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  it('names the checkpoint where it was signed for entries that are not there', async () => {
    const folder = await copy();
    const lie = await signCheckpoint(
      { origin: SAMPLE_ORIGIN, size: 600, rootHash: Buffer.alloc(32), extensions: [] },
      signer,
    );
    await writeFile(join(folder, 'checkpoint'), writeNote(lie.note));
    expect((await look(folder)).faults).toMatchObject([{ file: 'checkpoint', code: 'LOG_CORRUPT' }]);
  });

  it('ends when it is asked to', async () => {
    const folder = await copy();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(verifyLog(folderSource(folder), { key, signal })).rejects.toThrow('enough');
  });
});

describe('the tree of a checkpoint', () => {
  it('gives no hash and no entry that does not lead to its root', async () => {
    const folder = await filledLog(600);
    const source = folderSource(folder);
    const { checkpoint } = await openSampleLog(folder).then(async (log) => {
      const signed = await log.checkpoint();
      await log.close();
      return signed;
    });
    const change = async (file: string, read: () => Promise<unknown>): Promise<void> => {
      const good = await readFile(join(folder, file));
      await writeFile(
        join(folder, file),
        good.map((byte, at) => (at === 100 ? byte ^ 1 : byte)),
      );
      await expect(read(), file).rejects.toMatchObject({ code: 'LOG_CORRUPT', message: expect.stringContaining(file) });
      await writeFile(join(folder, file), good);
    };
    await change('tile/0/002.p/88', () => openTree(source, checkpoint));
    await change('tile/0/001', async () => (await openTree(source, checkpoint)).inclusionProof(300));
    await change('tile/entries/001', async () => (await openTree(source, checkpoint)).entries(1));
    const swapped = readBundle(await readFile(join(folder, 'tile/entries/000')), {
      level: 'entries',
      index: 0,
      width: 256,
    });
    await writeFile(join(folder, 'tile/entries/000'), writeBundle(swapped.toReversed()));
    await expect((await openTree(source, checkpoint)).entries(0)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });
});
