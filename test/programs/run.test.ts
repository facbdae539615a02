import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runProgram, streamProgram } from '../../programs/index.ts';

const limits = { wallSeconds: 10, outputBytes: 1_000_000 };
const LARGE = { wallSeconds: 60, outputBytes: 10_000_000 };

afterEach(() => vi.unstubAllEnvs());

describe('running an outside program', () => {
  it('gives back its status and both its outputs', async () => {
    const result = await runProgram(['sh', '-c', 'cat; echo oops >&2; exit 3'], {
      limits,
      input: Buffer.from('hello'),
    });
    expect({ ...result, stdout: result.stdout.toString() }).toEqual({ status: 3, stdout: 'hello', stderr: 'oops\n' });
  });

  it('hands nothing of our own environment on', async () => {
    const result = await runProgram(['env'], { limits, env: { ONLY: 'this' } });
    const names = result.stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names.sort()).toEqual(['LC_ALL', 'ONLY', 'PATH', 'TZ']);
  });

  it('says which program is missing', async () => {
    await expect(runProgram(['no-such-program-here'], { limits })).rejects.toMatchObject({ code: 'PROGRAM_MISSING' });
  });

  it('ends the whole process group when the time is up', async () => {
    const marker = `sleep 98${process.pid}`;
    await expect(
      runProgram(['sh', '-c', `${marker} & ${marker}; true`], { limits: { ...limits, wallSeconds: 0.3 } }),
    ).rejects.toMatchObject({ code: 'PROGRAM_LIMIT' });
    await expect.poll(async () => (await runProgram(['pgrep', '-f', '-x', marker], { limits })).status).toBe(1);
  });

  it('stops a program that prints without end', async () => {
    await expect(runProgram(['yes'], { limits: { wallSeconds: 10, outputBytes: 10_000 } })).rejects.toMatchObject({
      code: 'PROGRAM_LIMIT',
    });
  });

  it('does not mind a program that leaves its input unread', async () => {
    const result = await runProgram(['true'], { limits, input: Buffer.alloc(4_000_000) });
    expect(result.status).toBe(0);
  });

  it('streams output, and throws after the last byte when the program failed', async () => {
    const seen: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const chunk of streamProgram(['sh', '-c', 'printf abc; exit 4'], { limits }))
        seen.push(chunk.toString());
    };
    await expect(reading()).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
    expect(seen.join('')).toBe('abc');
  });

  it('lends large pieces of all that a program writes in small ones', async () => {
    const script = 'for (let at = 0; at < 20_000; at++) require("node:fs").writeSync(1, String(at).padEnd(50, "."))';
    const expected = Array.from({ length: 20_000 }, (_, at) => String(at).padEnd(50, '.')).join('');
    const copies: Buffer[] = [];
    for await (const piece of streamProgram([process.execPath, '-e', script], { limits: LARGE, lent: true }))
      copies.push(Buffer.from(piece));
    expect(Buffer.concat(copies).toString()).toBe(expected);
    expect(copies.slice(0, -1).every((piece) => piece.length > 128 * 1024)).toBe(true);
  });

  it('lends no less where a socket cannot be made, as in a temporary folder of a long name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'l'.repeat(120)));
    vi.stubEnv('TMPDIR', folder);
    let text = '';
    for await (const piece of streamProgram(['printf', 'abc'], { limits, lent: true })) text += piece.toString();
    expect(text).toBe('abc');
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it.each([false, true])('fails alike where pieces are lent: %s', async (lent) => {
    const read = async (...argv: [string, ...string[]]): Promise<string> => {
      let text = '';
      for await (const piece of streamProgram(argv, { limits: { wallSeconds: 1, outputBytes: 10 }, lent }))
        text += piece.toString();
      return text;
    };
    expect(await read('printf', 'abc')).toBe('abc');
    expect(await read('true')).toBe('');
    await expect(read('false')).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
    await expect(read('no-such-program-here')).rejects.toMatchObject({ code: 'PROGRAM_MISSING' });
    await expect(read('yes')).rejects.toMatchObject({ code: 'PROGRAM_LIMIT' });
    await expect(read('sleep', '20')).rejects.toMatchObject({ code: 'PROGRAM_LIMIT' });
  });

  it('leaves nothing behind that keeps this process alive when its reader gives up', async () => {
    const script = `
      import { streamProgram } from ${JSON.stringify(new URL('../../programs/index.ts', import.meta.url).href)};
      for await (const chunk of streamProgram(['sh', '-c', 'head -c 300000 /dev/zero; exec >&-; exec 2>&-'],
        { limits: { wallSeconds: 60, outputBytes: 1_000_000 } })) break;`;
    const argv = [process.execPath, '--input-type=module', '-e', script] as const;
    expect((await runProgram(argv, { limits: { wallSeconds: 8, outputBytes: 1000 } })).status).toBe(0);
  });

  it('ends when its caller gives up', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(runProgram(['sleep', '60'], { limits, signal: controller.signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});
