import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Letter, openOutbox } from '../../../rebuilder/worker/outbox.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const TIME = '2024-01-01T00:00:00.000Z';

function letter(jobId: number, lease: number, detail = 'all as published'): Letter {
  const result = { startedAt: TIME, builtAt: TIME, verdict: 'inconclusive', detail, artifacts: [] } as const;
  return { jobId, request: { lease, result } };
}

describe('an outbox', () => {
  it('keeps results over a restart, in the order of their leases, until they are removed', async () => {
    const folder = join(await temporaryFolder(), 'deep', 'outbox');
    const outbox = await openOutbox(folder);
    for (const [job, lease] of [
      [5, 12],
      [6, 9],
      [7, 101],
    ] as const)
      await outbox.add(letter(job, lease));
    const damaged: string[] = [];
    const again = await openOutbox(folder);
    expect(await again.letters((file) => damaged.push(file))).toEqual([letter(6, 9), letter(5, 12), letter(7, 101)]);
    await again.remove(letter(5, 12));
    await again.remove(letter(5, 12));
    expect((await outbox.letters(() => {})).map(({ jobId }) => jobId)).toEqual([6, 7]);
    expect(damaged).toEqual([]);
  });

  it('keeps the last of two results of one lease', async () => {
    const outbox = await openOutbox(await temporaryFolder());
    await outbox.add(letter(5, 12));
    await outbox.add(letter(5, 12, 'later'));
    expect(await outbox.letters(() => {})).toEqual([letter(5, 12, 'later')]);
  });

  it('tells of a file that is damaged, and goes on with the others', async () => {
    const folder = await temporaryFolder();
    const outbox = await openOutbox(folder);
    await outbox.add(letter(5, 12));
    await outbox.add(letter(6, 13));
    await writeFile(join(folder, '5-12.json'), '{"jobId":5,');
    await writeFile(join(folder, '7-14.json'), JSON.stringify(letter(7, 15)));
    const damaged: string[] = [];
    expect(await outbox.letters((file) => damaged.push(file))).toEqual([letter(6, 13)]);
    expect(damaged.sort()).toEqual([join(folder, '5-12.json'), join(folder, '7-14.json')]);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });
});
