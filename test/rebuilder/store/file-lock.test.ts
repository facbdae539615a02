import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileLock } from '../../../rebuilder/store/index.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const HOLDER = `
const { openFileLock } = await import(process.argv[1]);
const lock = await openFileLock(process.argv[2]);
await lock.hold(async () => { process.stdout.write('held'); setInterval(() => {}, 1000); await new Promise(() => {}); });
`;

describe('a lock on a file', () => {
  it('lets one in at a time, within a process and over two openings of it', async () => {
    const file = join(await temporaryFolder(), 'new', 'lock');
    const locks = [await openFileLock(file), await openFileLock(file)];
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, (_, turn) =>
        locks[turn % 2]!.hold(async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside--;
        }),
      ),
    );
    expect(most).toBe(1);
    for (const lock of locks) await lock.close();
  });

  it('goes to who waits before it goes to its holder again', async () => {
    const file = join(await temporaryFolder(), 'lock');
    const [busy, patient] = [await openFileLock(file), await openFileLock(file)];
    let holds = 0;
    let isDone = false;
    const coming = (async () => {
      for (; !isDone && holds < 1000; holds++) await busy.hold(() => new Promise((resolve) => setTimeout(resolve, 2)));
    })();
    for (let turn = 0; turn < 3; turn++) await patient.hold(async () => {});
    isDone = true;
    await coming;
    expect(holds).toBeLessThan(1000);
    await busy.close();
    await patient.close();
  });

  it('is given on when work fails', async () => {
    const lock = await openFileLock(join(await temporaryFolder(), 'lock'));
    await expect(lock.hold(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await lock.hold(async () => 1)).toBe(1);
    await lock.close();
  });

  it('is waited for, and ends with a holder that is killed', async () => {
    const file = join(await temporaryFolder(), 'lock');
    const store = new URL('../../../rebuilder/store/index.ts', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, store, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const lock = await openFileLock(file, { waitSeconds: 0.05 });
    await expect(lock.hold(async () => 1)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await lock.hold(async () => 1)).toBe(1);
    await lock.close();
  });
});
