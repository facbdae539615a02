import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useDashboard } from '../../helpers/dashboard-lab.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

const dashboard = useDashboard();
const privately = useDashboard({ server: { publicReading: false } });

async function withList(): Promise<{ readonly home: string; readonly file: string }> {
  const home = await temporaryFolder();
  const file = join(home, 'list');
  await writeFile(file, 'hello 2.10-5 amd64\ndiffers 1.3-1 amd64\nother 1 all\n');
  return { home, file };
}

describe('reproof host', () => {
  it('asks a service about a list, and tells people what was not reproduced', async () => {
    const { home, file } = await withList();
    const { status, stdout, stderr } = await runCli(home, ['host', '--file', file, '--server', dashboard().address]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      [
        '1 of 2 judged packages were reproduced, of 3 installed.',
        '1 not reproduced, 0 not known, 0 not tried yet, 1 not listed.',
        '',
        'PACKAGE  VERSION  ARCHITECTURE  STATE           REBUILDERS  WHY',
        'differs  1.3-1    amd64         not reproduced              nondeterministic',
        '',
      ].join('\n'),
    );
  });

  it("reads what dpkg has installed on this machine, and the data folder's own store", async () => {
    const home = await temporaryFolder();
    const { status, stdout } = await runCli(home, ['host', '--json', '--data', join(home, 'data')]);
    expect(status).toBe(0);
    const { total, counts, unread } = JSON.parse(stdout);
    expect(total).toBeGreaterThan(50);
    expect(counts.unknown).toBe(total);
    expect(unread).toBe(0);
  });

  it('gives its token to a service that is not public', async () => {
    const { home, file } = await withList();
    const argv = ['host', '--json', '--file', file, '--server', privately().address];
    const refused = await runCli(home, argv);
    expect([refused.status, refused.stderr]).toEqual([77, expect.stringContaining('REPROOF_TOKEN')]);
    const { secret } = await privately().store.access.createToken({ name: 'me', role: 'reader' });
    const told = await runCli(home, argv, { REPROOF_TOKEN: secret });
    expect(JSON.parse(told.stdout).total).toBe(3);
  });

  it('says in one line what it cannot read or reach', async () => {
    const { home, file } = await withList();
    const missing = await runCli(home, ['host', '--file', join(home, 'none')]);
    expect([missing.status, missing.stderr.trim().split('\n').length]).toEqual([64, 2]);
    const nobody = await runCli(home, ['host', '--file', file, '--server', 'http://127.0.0.1:9']);
    expect([nobody.status, nobody.stderr]).toEqual([69, expect.stringContaining('asking http://127.0.0.1:9/api/host')]);
  });
});
