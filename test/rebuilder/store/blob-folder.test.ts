import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBlobs } from '../../../rebuilder/store/index.ts';
import { describeBlobs } from '../../contract/blobs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describeBlobs('a folder', async () => openBlobs(await temporaryFolder()));

describe('a folder of blobs', () => {
  it('lists no file that is not one', async () => {
    const folder = await temporaryFolder();
    const blobs = await openBlobs(folder);
    const digest = 'ab'.repeat(32);
    await mkdir(path.join(folder, 'sha256', 'ab'));
    await mkdir(path.join(folder, 'sha256', 'cd'));
    await writeFile(path.join(folder, 'sha256', 'ab', 'notes'), '');
    await writeFile(path.join(folder, 'sha256', 'cd', digest), '');
    await symlink('/etc/passwd', path.join(folder, 'sha256', 'ab', digest));
    expect(await Array.fromAsync(blobs.list())).toEqual([]);
  });
});
