import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isOwnerAlive, ownerToken } from '../../rebuilder/process-owner.ts';

const owner = new URL('../../rebuilder/process-owner.ts', import.meta.url).href;

function changed(index: number, value: string): string {
  const parts = ownerToken().split(':');
  parts[index] = value;
  return parts.join(':');
}

describe('naming the process that owns something', () => {
  it('names this process, which lives', () => {
    expect(ownerToken()).toMatch(/^[1-9]\d*:\d+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:\d+$/);
    expect(ownerToken().split(':')[0]).toBe(String(process.pid));
    expect(isOwnerAlive(ownerToken())).toBe(true);
  });

  it('sees another process live, and sees it dead once it was killed', async () => {
    const program = `import { ownerToken } from '${owner}'; console.log(ownerToken()); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    const token = chunk.toString().trim();
    expect(token).not.toBe(ownerToken());
    expect(isOwnerAlive(token)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isOwnerAlive(token)).toBe(false);
  });

  it('is not deceived by a process that has the same id but started at another time', () => {
    expect(isOwnerAlive(changed(1, '1'))).toBe(false);
  });

  it('takes an owner from another boot for dead', () => {
    expect(isOwnerAlive(changed(2, '00000000-0000-4000-8000-000000000000'))).toBe(false);
  });

  it('does not claim to know about another pid namespace', () => {
    expect(isOwnerAlive(changed(3, '1'))).toBe('unknown');
  });

  it.each(['', 'nobody', '1:2:3:4', `${'9'.repeat(40)}:1:x:1`])('takes %j, which is no token, for dead', (text) => {
    expect(isOwnerAlive(text)).toBe(false);
  });

  it('counts a zombie as dead', async () => {
    // The shell becomes a program that never waits for its child, which so stays in the process table when it has ended.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(chunk.toString());
      await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'latin1')).toBe('sleep\n');
      const stat = (): string[] => {
        const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
        return text.slice(text.lastIndexOf(')') + 2).split(' ');
      };
      const [, , boot, namespace] = ownerToken().split(':');
      const token = `${pid}:${stat()[19]}:${boot}:${namespace}`;
      expect(isOwnerAlive(token)).toBe(true);
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => stat()[0]).toBe('Z');
      expect(isOwnerAlive(token)).toBe(false);
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
