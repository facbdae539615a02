import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataKeys, leaveEvidence, openDataEvidence } from '../../../rebuilder/evidence/index.ts';
import { replaceKey } from '../../../rebuilder/evidence/replace-key.ts';
import { checkEvidence, lookAtCopiedEvidence } from '../../../rebuilder/evidence-check/index.ts';
import { backup, openBlobs, openDatabase, publishedRebuilds, restore } from '../../../rebuilder/store/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { openEvidenceLab, storeRecorded } from '../../helpers/evidence-lab.ts';

const now = (): Date => new Date();
const LESS = 'less_668-1_amd64.deb.comparison';

/** A data folder with the evidence of one rebuild, which nothing has open any more. */
async function attestedFolder(word: 'reproducible' | 'failed-to-build' = 'reproducible') {
  const { data, store, evidence } = await openEvidenceLab();
  const blobs = await openBlobs(join(data, 'blobs'));
  const { sha256: blob } = await blobs.put('build.log.gz', Readable.from([Buffer.from('kept')]), 1000);
  const { record } = await storeRecorded(store, (id) => {
    const { plan, record: made } = attestedRebuild(word, id);
    const attempts = made.attempts.map((attempt) => ({ ...attempt, log: { ...attempt.log, blob } }));
    return { plan, record: { ...made, attempts } };
  });
  await leaveEvidence(record, { id: record.id, store, evidence, now, report: () => {} });
  await evidence.close();
  const owner = join('statements', record.id);
  const edit = async (file: string, change: (text: string) => string): Promise<void> => {
    const text = await readFile(join(data, file), 'latin1');
    const changed = change(text);
    expect(changed).not.toBe(text);
    await chmod(join(data, file), 0o600);
    await writeFile(join(data, file), changed, 'latin1');
  };
  return { data, owner, record, edit };
}

async function look(data: string, quick = false) {
  const database = await openDatabase(data);
  try {
    const keys = dataKeys({ dataFolder: data, now });
    return await checkEvidence({ dataFolder: data, keys, published: publishedRebuilds(database) }, { quick });
  } finally {
    await database.close();
  }
}

type Folder = Awaited<ReturnType<typeof attestedFolder>>;
type Damage = readonly [string, string, 'damaged' | 'missing', (folder: Folder) => Promise<void>];

/** What is done, and the end of the place that has to be named for it. */
const DAMAGES: readonly Damage[] = [
  [
    'a statement whose payload was changed',
    `${LESS}.dsse.json`,
    'damaged',
    ({ owner, edit }) => edit(join(owner, `${LESS}.dsse.json`), (text) => text.replace('"payload":"e', '"payload":"f')),
  ],
  [
    'a statement that is gone',
    `${LESS}.dsse.json`,
    'missing',
    ({ data, owner }) => rm(join(data, owner, `${LESS}.dsse.json`)),
  ],
  [
    'a bundle that is gone',
    `${LESS}.sigstore.json`,
    'missing',
    ({ data, owner }) => rm(join(data, owner, `${LESS}.sigstore.json`)),
  ],
  [
    'a bundle that is cut off',
    `${LESS}.sigstore.json`,
    'damaged',
    ({ owner, edit }) => edit(join(owner, `${LESS}.sigstore.json`), (text) => text.slice(0, 200)),
  ],
  [
    'a bundle whose place is another',
    `${LESS}.sigstore.json`,
    'damaged',
    ({ owner, edit }) =>
      edit(join(owner, `${LESS}.sigstore.json`), (text) => text.replaceAll('"logIndex":"1"', '"logIndex":"2"')),
  ],
  [
    'a bundle whose checkpoint is of another key',
    `${LESS}.sigstore.json`,
    'damaged',
    ({ owner, edit }) =>
      edit(join(owner, `${LESS}.sigstore.json`), (text) =>
        text
          .replace(/(— [^ ]+ )[A-Za-z]{4}/u, '$1AAAA')
          .replace(/(\u00e2\u0080\u0094 [^ ]+ )[A-Za-z0-9+/]{4}/, '$1AAAA'),
      ),
  ],
  [
    'all statements of a rebuild',
    `${LESS}.dsse.json`,
    'missing',
    ({ data, owner }) => rm(join(data, owner), { recursive: true }),
  ],
  ['a log that is gone', 'log', 'missing', ({ data }) => rename(join(data, 'log'), join(data, 'elsewhere'))],
  [
    'a log with an entry changed',
    'log',
    'damaged',
    ({ edit }) => edit('log/tile/entries/000.p/5', (text) => text.replace('hashedrekord', 'hashedrekorb')),
  ],
  [
    'a checkpoint whose signature is wrong',
    'log',
    'damaged',
    ({ edit }) => edit('log/checkpoint', (text) => text.replace(/\n5\n/, '\n6\n')),
  ],
  ['a history of keys with a gap', 'keys/history', 'damaged', ({ data }) => rm(join(data, 'keys/history/000001.json'))],
];

describe('a look at all evidence', () => {
  it('finds nothing where all is as it was left, with either key replaced since', async () => {
    const { data } = await attestedFolder();
    expect(await look(data)).toMatchObject({ ok: true, statements: 5, unlogged: 0, faults: [], log: { size: 5 } });
    const keys = dataKeys({ dataFolder: data, now });
    for (const use of ['log', 'statement'] as const) {
      const evidence = openDataEvidence({ dataFolder: data, now });
      onTestFinished(() => evidence.close());
      await replaceKey({ keys, evidence }, use);
      await evidence.close();
    }
    expect(await look(data)).toMatchObject({ ok: true, statements: 7, unlogged: 0, faults: [], log: { size: 7 } });
    expect(await look(data, true)).not.toHaveProperty('log');
  });

  it('counts what is signed and not logged, which is no damage', async () => {
    const { data, store, evidence } = await openEvidenceLab();
    const facts = await storeRecorded(store, (id) => attestedRebuild('failed-to-build', id));
    const { statements } = await evidence.attest(facts);
    expect(await look(data)).toEqual({
      ok: true,
      statements: statements.length,
      unlogged: statements.length,
      faults: [],
    });
  });

  it.each(DAMAGES)('names %s', async (_, place, kind, damage) => {
    const folder = await attestedFolder();
    await damage(folder);
    const { ok, faults } = await look(folder.data);
    expect(ok).toBe(false);
    expect(faults.filter((fault) => fault.kind === kind).map((fault) => fault.place)).toContainEqual(
      expect.stringContaining(place),
    );
  });

  it('finds what a log of another time does not have', async () => {
    const { data, store, evidence } = await openEvidenceLab();
    const leave = async (): Promise<string> => {
      const { record } = await storeRecorded(store, (id) => attestedRebuild('reproducible', id));
      await leaveEvidence(record, { id: record.id, store, evidence, now, report: () => {} });
      return record.id;
    };
    await leave();
    const database = await openDatabase(data);
    onTestFinished(() => database.close());
    await backup({ data, database }, `${data}.old`, '1.2.3');
    const second = await leave();
    await rm(join(data, 'log'), { recursive: true });
    await rename(join(`${data}.old`, 'log'), join(data, 'log'));
    const { faults } = await look(data);
    expect(faults).toHaveLength(5);
    for (const { place, kind, why } of faults)
      expect([place.split('/')[1], kind, why]).toEqual([
        second,
        'missing',
        expect.stringContaining('does not have it'),
      ]);
  });
});

describe('a backup', () => {
  it('keeps statements, keys and log, so that the copy is sound and goes on', async () => {
    const { data, record } = await attestedFolder('failed-to-build');
    const database = await openDatabase(data);
    onTestFinished(() => database.close());
    await backup({ data, database }, `${data}.copy`, '1.2.3');
    const restored = `${data}.restored`;
    await restore(`${data}.copy`, restored, lookAtCopiedEvidence);
    const before = await look(data);
    expect(await look(restored)).toEqual(before);
    expect(before.ok).toBe(true);
    const evidence = openDataEvidence({ dataFolder: restored, now });
    onTestFinished(() => evidence.close());
    expect(await evidence.statements(record.id)).toHaveLength(before.statements);
    await evidence.keep('result-1', [
      {
        name: 'again',
        statement: JSON.parse(
          Buffer.from((await evidence.statements(record.id))[0]?.envelope.payload ?? '', 'base64').toString(),
        ),
      },
    ]);
    expect((await evidence.publish('result-1')).entries).toEqual([{ name: 'again', logIndex: before.statements }]);
  });

  it('of damaged evidence is not restored', async () => {
    const { data, owner, edit } = await attestedFolder('failed-to-build');
    await edit(join(owner, `${LESS}.dsse.json`), (text) => text.replace('"payload":"e', '"payload":"f'));
    const database = await openDatabase(data);
    onTestFinished(() => database.close());
    await backup({ data, database }, `${data}.copy`, '1.2.3');
    await expect(restore(`${data}.copy`, `${data}.new`, lookAtCopiedEvidence)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(`${LESS}.dsse.json is damaged`),
    });
  });
});
