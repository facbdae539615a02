import path from 'node:path';
import { canonicalJson, type RebuildAttempt, type RebuildRecord, sha256Of } from '../../model/index.ts';
import { checkBaseName } from './base-name.ts';
import { onDisk } from './durable.ts';
import type { BlobStore } from './types.ts';
import { writeWholeFolder } from './whole-folder.ts';

/** What a finished rebuild leaves for people and other tools to look at. */
export type RebuildEvidence = {
  readonly record: RebuildRecord;
  /** The plan and the lock, as far as the rebuild came. */
  readonly plan?: unknown;
  readonly lock?: unknown;
  /** The report as text, for verdict.txt. */
  readonly report: string;
};

const LOG_NAMES: Readonly<Record<RebuildAttempt['kind'], string>> = {
  first: 'build.log.gz',
  control: 'control.log.gz',
};

/**
 * Writes a rebuild's evidence under FOLDER/ID: record.json, plan.json and lock.json (canonical JSON and a newline),
 * verdict.txt, the logs, and SHA256SUMS over them all for `sha256sum -c`. The folder appears whole or not at all.
 * What is there and right is left alone; anything else of that name is replaced, for all of it can be made again.
 * It lives beside the blobs because logs are read from them and both are written in the same durable way.
 * Gives the folder's path. Throws BLOB_CORRUPT for a missing or damaged log, STORE_FAILED.
 */
export async function writeEvidence(folder: string, evidence: RebuildEvidence, blobs: BlobStore): Promise<string> {
  const id = checkBaseName(evidence.record.id, 'writing evidence');
  const destination = path.join(folder, id);
  const files = new Map<string, Uint8Array>();
  files.set('record.json', json(evidence.record));
  if (evidence.plan !== undefined) files.set('plan.json', json(evidence.plan));
  if (evidence.lock !== undefined) files.set('lock.json', json(evidence.lock));
  files.set('verdict.txt', Buffer.from(evidence.report));
  for (const attempt of evidence.record.attempts)
    files.set(LOG_NAMES[attempt.kind], await readWhole(blobs.read(attempt.log.blob)));
  files.set('SHA256SUMS', Buffer.from(checksums(files)));
  await onDisk(`writing the evidence of rebuild ${id} to ${destination}`, async () => {
    await writeWholeFolder(folder, id, files);
  });
  return destination;
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${canonicalJson(value)}\n`);
}

/** The lines of sha256sum(1), by name. */
function checksums(files: ReadonlyMap<string, Uint8Array>): string {
  const names = [...files.keys()].sort();
  return names.map((name) => `${sha256Of(files.get(name) ?? '')}  ${name}\n`).join('');
}

// Logs were limited when they were written, and are compressed.
async function readWhole(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(stream));
}
