import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RebuildFacts } from '../../attest/index.ts';
import { type EvidenceKeeper, openDataEvidence } from '../../rebuilder/evidence/index.ts';
import { type OpenedStore, openStore } from '../../rebuilder/store/index.ts';
import { sampleRequest } from './sample-record.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A data folder with a real store, real keys and a real log. */
export type EvidenceLab = { readonly data: string; readonly store: OpenedStore; readonly evidence: EvidenceKeeper };

export async function openEvidenceLab(): Promise<EvidenceLab> {
  const data = join(await temporaryFolder(), 'data');
  const store = await openStore(data);
  const evidence = openDataEvidence({ dataFolder: data, now: () => new Date() });
  onTestFinished(async () => {
    await evidence.close();
    await store.close();
  });
  return { data, store, evidence };
}

/** Stores a rebuild as it was before there was evidence: its stages up to the record. */
export async function storeRecorded(store: OpenedStore, make: (id: string) => RebuildFacts): Promise<RebuildFacts> {
  const id = await store.createRebuild(sampleRequest);
  const facts = make(id);
  const time = { startedAt: '2026-01-02T03:04:05.000Z', wallSeconds: 1 };
  if (facts.published !== undefined) await store.saveStage(id, { stage: 'source', value: facts.published, ...time });
  if (facts.plan !== undefined) await store.saveStage(id, { stage: 'plan', value: facts.plan, ...time });
  await store.saveRecord(facts.record);
  await store.saveStage(id, { stage: 'record', value: facts.record, ...time });
  return facts;
}
