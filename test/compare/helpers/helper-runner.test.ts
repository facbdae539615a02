import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../../../compare/budget.ts';
import { type Helper, Helpers } from '../../../compare/helpers/helper-runner.ts';
import { bufferSource, DEFAULT_COMPARE_LIMITS } from '../../../compare/index.ts';

const limits = { ...DEFAULT_COMPARE_LIMITS, programSeconds: 20, programBytes: 100_000 };
const helpers = new Helpers(new Budget(limits));
afterAll(() => helpers.close());
const shell: Helper = { program: 'sh', versionArguments: ['-c', 'echo shell 1'] };

async function printed(script: string): Promise<string> {
  const result = await helpers.run(shell, ['-c', script]);
  return result.kind === 'ran' ? result.stdout.toString() : result.note;
}

/** True when a program can be run that way. */
function works(program: string, ...argv: string[]): boolean {
  try {
    execFileSync(program, argv, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('running an outside program', () => {
  it('limits its memory, its processor time and its core dumps', async () => {
    expect(works('prlimit', '--core=0', '--', 'true')).toBe(true);
    expect(await printed('ulimit -d; ulimit -t; ulimit -c')).toBe(`${2 * 2 ** 20}\n20\n0\n`);
  });

  it('says the same of one whose processor time is up as of one whose time is', async () => {
    const hasty = new Helpers(new Budget({ ...limits, programSeconds: 1 }));
    // Its own limit is below ours, so that the clock cannot be first.
    const said = hasty.run(shell, ['-c', 'ulimit -S -t 0; while :; do :; done']).then(
      () => 'ended',
      (error: Error) => error.message,
    );
    expect(await said).toBe('running sh: not done after 1 s');
    await hasty.close();
  });

  it('gives it no network where the system allows that', async () => {
    const apart = works('unshare', '-n', '--', 'true') || works('unshare', '-r', '-n', '--', 'true');
    const own = readlinkSync('/proc/self/ns/net');
    expect((await printed('readlink /proc/self/ns/net')).trim() === own).toBe(!apart);
  });

  it('gives its status and both its outputs', async () => {
    const result = await helpers.run(shell, ['-c', 'echo out; echo err >&2; exit 3']);
    expect(result).toEqual({ kind: 'ran', status: 3, stdout: Buffer.from('out\n'), stderr: 'err\n' });
    expect(helpers.used).toEqual([{ program: 'sh', version: 'shell 1' }]);
  });

  it('notes a program that is not there', async () => {
    const absent: Helper = { program: 'reproof-no-such-program', versionArguments: ['--version'] };
    for (let turn = 0; turn < 2; turn++)
      expect(await helpers.run(absent, [])).toEqual({
        kind: 'missing',
        note: 'reproof-no-such-program is not installed: what it would show is left out',
      });
  });

  it('ends one that prints more than its limit, and all it started', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'helper-runner-'));
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Its end is read only once everything that holds it open for writing has ended.
    const ended = readFile(pipe, 'latin1');
    const script = `exec 3>${pipe}; sleep 600 & cat /dev/zero`;
    await expect(helpers.run(shell, ['-c', script])).rejects.toMatchObject({ code: 'PROGRAM_LIMIT' });
    expect(await ended).toBe('');
    rmSync(folder, { recursive: true });
  });

  it('copies a file within its limit, and none past it', async () => {
    const source = bufferSource('x', Buffer.from('four'));
    expect(readFileSync((await helpers.file(source, 4))?.path ?? '', 'latin1')).toBe('four');
    expect(await helpers.file(source, 3)).toBeUndefined();
  });

  it('leaves what is nothing but NULs out of a copy, which reads the same', async () => {
    const pieces = [Buffer.alloc(2 ** 20), Buffer.from('four'), Buffer.alloc(2 ** 20), Buffer.alloc(2 ** 20)];
    const whole = Buffer.concat(pieces);
    const source = { name: 'x', size: undefined, open: () => Readable.from(pieces) };
    const copy = await helpers.sparseFile(source, { bytes: whole.length, storedBytes: 4 });
    expect(readFileSync(copy?.path ?? '').equals(whole)).toBe(true);
    expect(statSync(copy?.path ?? '').blocks * 512).toBeLessThan(2 ** 20);
    expect(await helpers.sparseFile(source, { bytes: whole.length, storedBytes: 3 })).toBeUndefined();
    expect(await helpers.sparseFile(source, { bytes: whole.length - 1, storedBytes: 4 })).toBeUndefined();
  });

  it('gives what it prints as it comes, and fails with the same words each time', async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of helpers.stream(shell, ['-c', 'echo out'])) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe('out\n');
    const failing = async (): Promise<void> => {
      for await (const piece of helpers.stream(shell, ['-c', 'echo some; echo $$ >&2; exit 3'])) pieces.push(piece);
    };
    await expect(failing()).rejects.toMatchObject({
      code: 'PROGRAM_FAILED',
      message: 'running sh: it could not read what it was given',
    });
    const absent: Helper = { program: 'reproof-no-such-program', versionArguments: ['--version'] };
    await expect(helpers.stream(absent, []).next()).rejects.toMatchObject({ code: 'PROGRAM_MISSING' });
  });
});
