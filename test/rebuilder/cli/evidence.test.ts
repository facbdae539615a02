import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEnvelope, PAYLOAD_TYPE, readEnvelope, readKeyRotation, readPublicKeyText } from '../../../attest/index.ts';
import { openStore } from '../../../rebuilder/store/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { storeRecorded } from '../../helpers/evidence-lab.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

type Told<T> = { readonly status: number | null; readonly said: T; readonly stderr: string };
type Key = { readonly use: string; readonly keyid: string; readonly publicKey: string; readonly validUntil?: string };

/** A home with a data folder of a time before there was evidence. */
async function homeWith(...words: readonly Parameters<typeof attestedRebuild>[0][]) {
  const home = await temporaryFolder();
  const store = await openStore(join(home, 'data'));
  const ids: string[] = [];
  for (const word of words) ids.push((await storeRecorded(store, (id) => attestedRebuild(word, id))).record.id);
  await store.close();
  const cli = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    runCli(home, [...argv, '--data', 'data'], environment);
  const json = async <T>(
    argv: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Told<T>> => {
    const { status, stdout, stderr } = await cli([...argv, '--json'], environment);
    return { status, said: JSON.parse(stdout) as T, stderr };
  };
  return { home, ids, cli, json };
}

function opensslKey(): string {
  const argv = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  return execFileSync('openssl', argv, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

describe('reproof attest', () => {
  it('signs and logs the records of a time before there was evidence, once', async () => {
    const { ids, cli, json } = await homeWith('reproducible', 'failed-to-build', 'inconclusive');
    const one = await json<{ rebuilds: readonly { id: string; statements: readonly unknown[] }[] }>([
      'attest',
      ids[1] ?? '',
    ]);
    expect(one).toMatchObject({ status: 0, stderr: '', said: { failed: [], rebuilds: [{ id: ids[1] }] } });
    expect(one.said.rebuilds[0]?.statements).toMatchObject([
      { name: 'less-doc_668-1_all.deb.comparison', logIndex: 0 },
      { name: 'less_668-1_amd64.deb.comparison', logIndex: 1 },
      { name: 'less_668-1_amd64.environment.cyclonedx', logIndex: 2 },
      { name: 'less_668-1_amd64.environment.spdx', logIndex: 3 },
    ]);
    const all = await json<{ rebuilds: readonly { id: string }[] }>(['attest', '--all']);
    expect(all.said.rebuilds.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
    expect(await cli(['attest', '--all'])).toEqual({
      status: 0,
      stdout: 'every record has its evidence\n',
      stderr: '',
    });
    expect((await cli(['attest', ids[0] ?? ''])).stdout).toBe(`${ids[0]}: 5 statements are signed and logged\n`);
  }, 120_000);

  it('takes a rebuild or all of them, and one that there is', async () => {
    const { cli } = await homeWith('reproducible');
    for (const argv of [['attest'], ['attest', 'less', '--all']]) expect((await cli(argv)).status).toBe(64);
    expect((await cli(['attest', '0000'])).stderr).toContain('reproof list shows');
  }, 120_000);

  it('says what is wrong with a key, and how to get on', async () => {
    const { home, ids, cli, json } = await homeWith('reproducible');
    const locked = { REPROOF_KEYS_PASSPHRASE: 'correct horse' };
    expect((await cli(['attest', ids[0] ?? ''], locked)).status).toBe(0);
    expect(await cli(['key', 'rotate'])).toMatchObject({
      status: 77,
      stderr: expect.stringContaining('REPROOF_KEYS_PASSPHRASE'),
    });
    await writeFile(join(home, 'pass'), 'correct horse\n', { mode: 0o600 });
    expect((await cli(['key', 'rotate'], { REPROOF_KEYS_PASSPHRASE_FILE: 'pass' })).status).toBe(0);
    await chmod(join(home, 'data/keys/statement.pem'), 0o644);
    const exposed = await json<{ error: { code: string } }>(['key', 'rotate'], locked);
    expect(exposed).toMatchObject({ status: 77, said: { error: { code: 'KEY_EXPOSED' } } });
  }, 120_000);
});

describe('reproof key', () => {
  it('shows the keys there are, and makes none', async () => {
    const { cli, json, ids } = await homeWith('reproducible');
    expect((await cli(['key', 'show'])).stdout).toBe('there are no keys yet; the first rebuild makes them\n');
    expect((await cli(['key', 'show', '--pem', 'statement'])).status).toBe(64);
    await cli(['attest', ids[0] ?? '']);
    const { said } = await json<{ keys: readonly Key[] }>(['key', 'show']);
    expect(said.keys.map(({ use }) => use)).toEqual(['statement', 'log']);
    const pem = (await cli(['key', 'show', '--pem', 'statement'])).stdout;
    expect(pem).toBe(said.keys[0]?.publicKey);
    expect(execFileSync('openssl', ['pkey', '-pubin', '-noout', '-text'], { input: pem }).toString()).toContain(
      'prime256v1',
    );
    expect((await cli(['key'])).stdout).toContain(`signs now  ${said.keys[0]?.keyid}`);
  }, 120_000);

  it('rotates: the old key says in the log which one follows it', async () => {
    const { home, cli, json, ids } = await homeWith('reproducible', 'unreproducible');
    await cli(['attest', ids[0] ?? '']);
    const rotated = await json<{ key: string; replaced: string; logIndex: number }>(['key', 'rotate']);
    expect(rotated.said.logIndex).toBe(5);
    const { keys } = (await json<{ keys: readonly Key[] }>(['key', 'show'])).said;
    const [old, , next] = keys;
    expect([old?.keyid, next?.keyid]).toEqual([rotated.said.replaced, rotated.said.key]);
    expect(old?.validUntil).toBeDefined();
    const file = join(home, 'data/statements', `key-${next?.keyid.slice(0, 16)}`, 'statement.key-rotation.dsse.json');
    const { payload } = openEnvelope(readEnvelope(await readFile(file)), PAYLOAD_TYPE, [
      readPublicKeyText(old?.publicKey ?? ''),
    ]);
    expect(readKeyRotation(payload).predicate).toMatchObject({ replaces: old?.keyid, publicKey: next?.publicKey });
    await cli(['attest', '--all']);
    const log = (await readFile(join(home, 'data/log/checkpoint'), 'utf8')).split('\n')[1];
    expect(log).toBe('11');
    expect(await json(['key', 'rotate', '--use', 'log'])).toMatchObject({ status: 0, said: { logIndex: 11 } });
    expect((await cli(['log', 'verify'])).status).toBe(0);
  }, 120_000);

  it('imports a key, and takes one from a variable', async () => {
    const { home, cli, json, ids } = await homeWith('reproducible');
    const [pem, other] = [opensslKey(), opensslKey()];
    await writeFile(join(home, 'mine.pem'), pem, { mode: 0o600 });
    const imported = await json<{ key: string }>(['key', 'import', 'mine.pem']);
    const expected = execFileSync('openssl', ['pkey', '-pubout'], { input: pem }).toString();
    expect(imported.said.key).toBe(readPublicKeyText(expected).keyid);
    expect((await cli(['attest', ids[0] ?? ''], { REPROOF_KEYS_STATEMENT_PEM: other })).status).toBe(0);
    const { keys } = (await json<{ keys: readonly Key[] }>(['key', 'show'])).said;
    expect(keys.map(({ publicKey }) => publicKey)).toContain(
      execFileSync('openssl', ['pkey', '-pubout'], { input: other }).toString(),
    );
    const refused = await cli(['key', 'rotate'], { REPROOF_KEYS_STATEMENT_PEM: other });
    expect(refused).toMatchObject({ status: 65, stderr: expect.stringContaining('REPROOF_KEYS_STATEMENT_PEM') });
    expect((await cli(['key', 'import', 'mine.pem', '--use', 'log'])).status).toBe(65);
    expect((await cli(['key', 'import', 'gone.pem'])).status).toBe(65);
  }, 120_000);
});
