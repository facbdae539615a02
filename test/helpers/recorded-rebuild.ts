import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type RebuildRecord, sha256Of } from '../../model/index.ts';
import { openBlobs, openStore } from '../../rebuilder/store/index.ts';

export const PUBLISHED = Buffer.from('published bytes');
export const REBUILT = Buffer.from('rebuilt bytes');

const file = (name: string, bytes: Uint8Array) => ({ name, size: bytes.length, sha256: sha256Of(bytes) });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Records an unreproducible rebuild of `source` 1.0-1 in a data folder, with that log and one file that differs. */
export async function recordRebuild(data: string, source: string, log: string | Buffer): Promise<RebuildRecord> {
  const store = await openStore(data);
  const blobs = await openBlobs(join(data, 'blobs'));
  const target = { kind: 'name', ecosystem: 'debian', name: source } as const;
  const id = await store.createRebuild({ target, only: [], nocheck: false, control: true, allowExpiredRelease: false });
  const bytes = Buffer.from(log);
  const stored = await blobs.put('build.log.gz', once(gzipSync(bytes)), 1024 ** 3);
  const name = `${source}_1.0-1_amd64.deb`;
  const rebuilt = await blobs.put(name, once(REBUILT), 1024);
  const record: RebuildRecord = {
    schema: 'reproof-record/1',
    id,
    request: target,
    only: [],
    target: { ecosystem: 'debian', source, version: '1.0-1', architecture: 'amd64', suite: 'trixie' },
    basis: 'inferred',
    verified: [],
    attempts: [
      {
        kind: 'first',
        outcome: { kind: 'built' },
        artifacts: [rebuilt],
        log: { blob: stored.sha256, bytes: bytes.length, truncated: false },
        varied: [],
        wallSeconds: 2,
      },
    ],
    artifacts: [{ kind: 'differs', name, published: file(name, PUBLISHED), rebuilt: { ...rebuilt, name } }],
    differences: [],
    verdict: { kind: 'unreproducible', reason: 'nondeterministic', detail: 'Two rebuilds gave different files.' },
    notes: [],
    stages: [],
    reproof: '0.1.0',
  };
  await store.saveRecord(record);
  await store.close();
  return record;
}
