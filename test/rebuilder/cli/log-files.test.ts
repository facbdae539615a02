import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cosign,
  openCheckpoint,
  rawEd25519,
  readVerifierKey,
  verifierKey,
  writeSignatureLine,
  writeVerifierKey,
} from '../../../attest/index.ts';
import { dataKeys } from '../../../rebuilder/evidence/index.ts';
import { openTransparencyLog } from '../../../rebuilder/open-transparency-log.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';
import { sampleEntry } from '../../helpers/sample-log.ts';
import { sampleLogSigner } from '../../helpers/statement-keys.ts';

async function loggedHome(count: number): Promise<{ readonly home: string; readonly data: string }> {
  const home = await temporaryFolder();
  const data = join(home, '.local/share/reproof');
  await append(data, { first: 0, last: count });
  return { home, data };
}

async function append(data: string, { first, last }: { first: number; last: number }): Promise<void> {
  const log = await openTransparencyLog(data, { keys: dataKeys({ dataFolder: data, now: () => new Date(0) }) });
  for (let number = first; number < last; number++) await log.append(sampleEntry(number));
  await log.close();
}

describe('reproof log', () => {
  it('verify reads the log of the data folder, and ends with 65 where a file is wrong', async () => {
    const { home, data } = await loggedHome(3);
    const good = await runCli(home, ['log', 'verify']);
    expect(good).toMatchObject({ status: 0, stderr: '' });
    expect(good.stdout).toMatch(
      /^log-[0-9a-f]{16}\.reproof\.alt: 3 entries in [0-9]+ files, root \S+\nall of it is as it was signed\n$/,
    );
    const tile = join(data, 'log/tile/0/000.p/2');
    await writeFile(tile, Buffer.alloc(64));
    const bad = await runCli(home, ['log', 'verify', '--json']);
    expect(bad.status).toBe(65);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      ok: false,
      size: 3,
      faults: [{ file: 'tile/0/000.p/2', code: 'LOG_CORRUPT' }],
    });
  });

  it('verify believes no key beside the log of the data folder that is not its own', async () => {
    const { home, data } = await loggedHome(1);
    const file = join(data, 'log/log.vkey');
    const { name } = readVerifierKey((await readFile(file, 'utf8')).trim());
    await writeFile(file, `${writeVerifierKey(verifierKey(name, 1, rawEd25519(sampleLogSigner().publicKey)))}\n`);
    const result = await runCli(home, ['log', 'verify', '--json']);
    expect(result.status).toBe(65);
    expect(JSON.parse(result.stdout).error.code).toBe('LOG_SIGNATURE_INVALID');
  });

  it('monitor remembers a log, and ends with 1 for an alarm that keeps both checkpoints', {
    timeout: 90_000,
  }, async () => {
    const { home, data } = await loggedHome(3);
    const log = join(data, 'log');
    const old = await readFile(join(log, 'checkpoint'));
    expect((await runCli(home, ['log', 'monitor', log])).stdout).toContain('3 entries, remembered from now on');
    await append(data, { first: 3, last: 5 });
    const grown = await runCli(home, ['log', 'monitor', log, '--json']);
    expect(grown.status).toBe(0);
    expect(JSON.parse(grown.stdout)).toMatchObject({ kind: 'consistent', from: 3, size: 5 });
    await writeFile(join(log, 'checkpoint'), old);
    const alarm = await runCli(home, ['log', 'monitor', log, '--json']);
    expect(alarm.status).toBe(1);
    const { evidence, ...rest } = JSON.parse(alarm.stdout);
    expect(rest).toMatchObject({ kind: 'alarm', alarm: 'shrunk', from: 5, size: 3 });
    expect(await readFile(evidence[1])).toEqual(old);
    expect((await runCli(home, ['log', 'monitor', log])).stdout).toMatch(
      /^ALARM: log-\S+ shrank: it shows 3 entries, and has shown 5\n/,
    );
  });

  it('monitor of an address that cannot be reached is no alarm', async () => {
    const home = await temporaryFolder();
    const result = await runCli(home, ['log', 'monitor', 'http://127.0.0.1:9/log'], { REPROOF_FETCH_TRIES: '1' });
    expect(result.status).toBe(69);
  });

  it('asks a witness, and keeps its answer with the checkpoint', { timeout: 90_000 }, async () => {
    const { home, data } = await loggedHome(2);
    const asked = await runCli(home, ['log', 'witness-request', '--old', '1']);
    expect(asked.stdout).toMatch(/^old 1\n\S{44}\n\nlog-[0-9a-f]{16}\.reproof\.alt\n2\n/);
    const vkey = readVerifierKey((await readFile(join(data, 'log/log.vkey'), 'utf8')).trim());
    const { note } = openCheckpoint(await readFile(join(data, 'log/checkpoint')), vkey);
    const signer = sampleLogSigner();
    const witness = writeVerifierKey(verifierKey('witness.example', 4, rawEd25519(signer.publicKey)));
    await writeFile(
      join(home, 'answer'),
      writeSignatureLine(await cosign(note.text, 'witness.example', { signer, seconds: 9n })),
    );
    const added = await runCli(home, ['log', 'add-cosignature', 'answer', '--witness', witness, '--json']);
    expect(JSON.parse(added.stdout)).toMatchObject({ size: 2, witnesses: ['witness.example'] });
    const seen = await runCli(home, ['log', 'verify'], { REPROOF_LOG_WITNESSES: witness });
    expect(seen.stdout).toContain(', cosigned by witness.example\n');
    const refused = await runCli(home, ['log', 'add-cosignature', 'answer']);
    expect(refused.status).toBe(65);
  });
});
