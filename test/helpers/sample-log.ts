import { hash } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { writeEntry } from '../../attest/tlog/entry.ts';
import { openLog } from '../../attest/tlog/writer/open-log.ts';
import type { LogOptions, WritableLog } from '../../attest/tlog/writer/types.ts';
import { openFileLock } from '../../rebuilder/store/file-lock.ts';
import { sampleLogSigner, sampleSigner } from './statement-keys.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** An entry that anybody can name again, of the form every entry of ours has. */
export function sampleEntry(number: number): Uint8Array {
  return writeEntry({
    digest: hash('sha256', `statement ${number}`, 'buffer'),
    signature: hash('sha512', `signature ${number}`, 'buffer'),
    publicKey: sampleSigner().publicKey,
  });
}

export const SAMPLE_ORIGIN = 'log.example';

/** Opens a log in a folder as the product does: with the lock beside it. */
export async function openSampleLog(folder: string, options: Partial<LogOptions> = {}): Promise<WritableLog> {
  const lock = await openFileLock(join(folder, '.writer', 'lock'));
  return await openLog({ folder, signer: sampleLogSigner(), lock, origin: SAMPLE_ORIGIN, ...options });
}

/** The same, closed with the test that asked for it. */
export async function openTestLog(folder: string, options: Partial<LogOptions> = {}): Promise<WritableLog> {
  const log = await openSampleLog(folder, options);
  onTestFinished(() => log.close());
  return log;
}

/** A folder with a log of sampleEntry(0) and on, as one writer left it. */
export async function filledLog(count: number): Promise<string> {
  const folder = await temporaryFolder();
  await fillLog(folder, { first: 0, last: count });
  return folder;
}

/** Appends sampleEntry(first) up to and without sampleEntry(last). */
export async function fillLog(
  folder: string,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<void> {
  const log = await openSampleLog(folder);
  await Promise.all(Array.from({ length: last - first }, (_, each) => log.append(sampleEntry(first + each))));
  await log.close();
}
