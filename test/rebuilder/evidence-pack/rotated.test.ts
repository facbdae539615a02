import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { publicKeyText } from '../../../attest/index.ts';
import { readPack, writePack } from '../../../attest/pack/index.ts';
import { NO_EVIDENCE, readPolicy, readTrustedRoot, verifyEvidence } from '../../../attest/verify/index.ts';
import { dataKeys, leaveEvidence, openDataEvidence } from '../../../rebuilder/evidence/index.ts';
import { replaceKey } from '../../../rebuilder/evidence/replace-key.ts';
import { packOfOwner } from '../../../rebuilder/evidence-pack/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { openEvidenceLab, storeRecorded } from '../../helpers/evidence-lab.ts';
import { verifyLoggedBySigstore } from '../../helpers/sigstore-log.ts';
import { policyBytes } from '../../helpers/verify-lab.ts';

it('a pack after a rotation of the log key has a trusted root of both keys, by which sigstore takes what was proven before and after', async () => {
  const { data, store, evidence } = await openEvidenceLab();
  const now = (): Date => new Date();
  const { record } = await storeRecorded(store, (id) => attestedRebuild('reproducible', id));
  await leaveEvidence(record, { id: record.id, store, evidence, now, report: () => {} });
  const [before] = await evidence.statements(record.id);
  await evidence.close();

  const keys = dataKeys({ dataFolder: data, now });
  const later = openDataEvidence({ dataFolder: data, now });
  await replaceKey({ keys, evidence: later }, 'log');
  const content = await packOfOwner(record.id, { dataFolder: data, evidence: later, keys });
  await later.close();

  const [former, current] = (await keys.history()).filter(({ use }) => use === 'log');
  const root = JSON.parse(String(content.singles['trusted-root.json']));
  expect(root.tlogs.map((log: { publicKey: { validFor: object } }) => log.publicKey.validFor)).toEqual([
    { start: former?.validFrom, end: former?.validUntil },
    { start: current?.validFrom },
  ]);
  const read = readTrustedRoot(Buffer.from(String(content.singles['trusted-root.json'])));
  expect(read.map(({ key, isOver }) => [key.keyid, isOver])).toEqual([
    [former?.keyid, true],
    [current?.keyid, false],
  ]);

  const key = await keys.signer('statement');
  const after = content.statements.map((bytes) => JSON.parse(Buffer.from(bytes).toString()));
  expect(after).toHaveLength(5);
  for (const bundle of [before?.bundle, ...after])
    expect(() => verifyLoggedBySigstore(bundle, key, root)).not.toThrow();
  const newOnly = { ...root, tlogs: root.tlogs.slice(1) };
  expect(() => verifyLoggedBySigstore(before?.bundle, key, newOnly)).toThrow();

  const pack = await readPack([Buffer.concat(await Array.fromAsync(writePack(content)))]);
  const ours = {
    name: 'ours',
    operator: 'ours',
    keys: [{ key: publicKeyText(key) }],
    log: { key: (await readFile(join(data, 'log', 'log.vkey'), 'utf8')).trim() },
  };
  const [artifact] = record.artifacts;
  const published = artifact !== undefined && 'published' in artifact ? artifact.published : undefined;
  const question = {
    file: { name: published?.name ?? '', sha256: published?.sha256 ?? '' },
    policy: await readPolicy(policyBytes([ours])),
    at: Date.now(),
  };
  expect(verifyEvidence(question, { ...NO_EVIDENCE, packs: [{ place: 'pack', pack }] })).toMatchObject({ holds: true });
});
