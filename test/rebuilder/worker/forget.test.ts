import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBlobs } from '../../../rebuilder/store/index.ts';
import { openForgetter } from '../../../rebuilder/worker/forget.ts';
import { type Letter, openOutbox } from '../../../rebuilder/worker/outbox.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const AT = '2026-01-01T00:00:00.000Z';

async function openLab() {
  const folder = await temporaryFolder();
  const blobs = await openBlobs(join(folder, 'blobs'));
  const outbox = await openOutbox(join(folder, 'outbox'));
  const forgetter = openForgetter({ blobs, outbox });
  const put = async (text: string) => (await blobs.put('fake', one(text), 1000)).sha256;
  const isThere = async (sha256: string) => (await blobs.path(sha256)) !== undefined;
  return { outbox, forgetter, put, isThere };
}

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const letterOf = (jobId: number, record: string): Letter => ({
  jobId,
  request: { lease: jobId, result: { startedAt: AT, builtAt: AT, verdict: 'failed-to-build', record, artifacts: [] } },
});

describe('what a server has', () => {
  it('goes, though its letter is still there: a killed worker asks again', async () => {
    const { outbox, forgetter, put, isThere } = await openLab();
    const record = await put('record');
    await outbox.add(letterOf(1, record));
    await forgetter.forget(letterOf(1, record));
    expect(await isThere(record)).toBe(false);
  });

  it('stays while another letter names it', async () => {
    const { outbox, forgetter, put, isThere } = await openLab();
    const record = await put('record');
    await outbox.add(letterOf(2, record));
    await forgetter.forget(letterOf(1, record));
    expect(await isThere(record)).toBe(true);
    await forgetter.forget(letterOf(2, record));
    expect(await isThere(record)).toBe(false);
  });

  it('stays while a build runs that may have put it too, and nothing else does', async () => {
    const { forgetter, put, isThere } = await openLab();
    const record = await put('record');
    forgetter.began(1);
    forgetter.began(2);
    await forgetter.forget(letterOf(1, record));
    expect(await isThere(record)).toBe(true);
    forgetter.ended(2);
    await forgetter.forgetRest();
    expect(await isThere(record)).toBe(true);
    forgetter.ended(1);
    await forgetter.forgetRest();
    expect(await isThere(record)).toBe(false);
  });
});
