import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { runCli, startCli, temporaryFolder } from '../../helpers/run-cli.ts';

describe('reproof serve', () => {
  it('says where it listens, opens with tokens made beside it, and stops in good order', async () => {
    const home = await temporaryFolder();
    const service = startCli(home, ['serve', '--data', 'data', '--listen', '127.0.0.1:0', '--workers', '0', '--json']);
    const lines = createInterface({ input: service.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const { listening } = JSON.parse(line) as { listening: string };
    expect(listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

    const pause = async (token: string) =>
      (await fetch(`${listening}/api/queue/pause`, { method: 'POST', headers: { authorization: `Bearer ${token}` } }))
        .status;
    expect(await pause('none')).toBe(401);
    const made = await runCli(home, [
      'token',
      'create',
      'me',
      '--role',
      'operator',
      '--expires',
      '1d',
      '--data',
      'data',
    ]);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(await pause(made.stdout.trim())).toBe(200);

    const listed = await runCli(home, ['token', 'list', '--data', 'data']);
    expect(listed.stdout).toMatch(/^1 +operator +me +made /);
    expect(listed.stdout).not.toContain(made.stdout.trim());
    expect((await runCli(home, ['token', 'revoke', '1', '--data', 'data'])).status).toBe(0);
    expect(await pause(made.stdout.trim())).toBe(401);
    expect((await runCli(home, ['token', 'revoke', '1', '--data', 'data'])).status).toBe(64);
    const audit = await runCli(home, ['audit', '--data', 'data', '--json']);
    expect((JSON.parse(audit.stdout) as { entries: { action: string }[] }).entries.map(({ action }) => action)).toEqual(
      ['token.revoke', 'queue.pause', 'token.create'],
    );

    service.kill('SIGTERM');
    await once(service, 'close');
    expect(service.exitCode).toBe(0);
  }, 60_000);

  it('refuses a place it cannot listen at, and half a certificate', async () => {
    const home = await temporaryFolder();
    const serve = (...argv: string[]) => runCli(home, ['serve', '--data', 'data', '--workers', '0', ...argv]);
    const nowhere = await serve('--listen', '192.0.2.1:1');
    expect([nowhere.status, nowhere.stderr]).toEqual([69, expect.stringContaining('192.0.2.1:1')]);
    expect((await serve('--listen', 'nowhere')).status).toBe(64);
    expect((await serve('--tls-cert', 'cert.pem')).stderr).toContain('serve.tls-key');
  }, 60_000);
});
