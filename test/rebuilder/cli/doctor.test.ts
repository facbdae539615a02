import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sha256Of } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { checkClock } from '../../../rebuilder/cli/doctor/archive.ts';
import { checkNode } from '../../../rebuilder/cli/doctor/machine.ts';
import { keyFingerprints } from '../../../rebuilder/cli/doctor/openpgp-keys.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

const limits = { wallSeconds: 30, outputBytes: 1_000_000 };

/** A key made by gpg, its keyring in a file, and a document signed with it. */
async function signedRelease(folder: string): Promise<{ keyring: string; release: Buffer; fingerprint: string }> {
  const gnupg = join(folder, 'gnupg');
  await mkdir(gnupg, { mode: 0o700 });
  onTestFinished(async () => void (await runProgram(['gpgconf', '--homedir', gnupg, '--kill', 'all'], { limits })));
  const gpg = async (argv: readonly string[], input = ''): Promise<Buffer> => {
    const options = { limits, input: Buffer.from(input), env: { HOME: folder } };
    const result = await runProgram(['gpg', '--homedir', gnupg, '--batch', '--passphrase', '', ...argv], options);
    expect(result.stderr + result.status).toMatch(/0$/);
    return result.stdout;
  };
  await gpg(['--quick-generate-key', 'archive@example.org', 'ed25519', 'sign', 'never']);
  const keyring = join(folder, 'keyring.gpg');
  await writeFile(keyring, await gpg(['--export']));
  const fingerprint =
    /^fpr:+([0-9A-F]{40}):/m.exec((await gpg(['--list-keys', '--with-colons'])).toString())?.[1] ?? '';
  const text = [
    'Origin: Example',
    'Suite: stable',
    'Codename: trixie',
    `Date: ${new Date().toUTCString().replace('GMT', 'UTC')}`,
    'SHA256:',
    ` ${sha256Of('')} 0 main/binary-amd64/Packages`,
    '',
  ].join('\n');
  return { keyring, release: await gpg(['--clearsign'], text), fingerprint };
}

async function serve(body: Buffer): Promise<string> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/dists/stable/InRelease' ? 200 : 404;
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Found = { readonly name: string; readonly state: string; readonly detail: string; readonly todo?: string };

describe('the doctor', () => {
  it('finds a machine fit for rebuilding, and says what it saw', async () => {
    const home = await temporaryFolder();
    const { keyring, release, fingerprint } = await signedRelease(home);
    const argv = ['doctor', '--json', '--mirror', await serve(release), '--keyring', keyring];
    const { stdout } = await runCli(home, [...argv, '--engine', '/nonexistent.sock']);
    const { checks } = JSON.parse(stdout) as { checks: readonly Found[] };
    const found = Object.fromEntries(checks.map((check) => [check.name, check]));
    expect(found.Node).toMatchObject({ state: 'ok', detail: process.versions.node });
    expect(found.mirror).toMatchObject({ state: 'ok', detail: expect.stringContaining('signature good') });
    expect(found.clock).toMatchObject({ state: 'ok' });
    expect(found.keyring?.detail).toContain(`1 keys: ${fingerprint.slice(-16)}`);
    for (const name of ['gpgv', 'xz', 'dpkg-deb', 'cache']) expect(found[name]).toMatchObject({ state: 'ok' });
    for (const check of checks) expect(check.state === 'ok' || (check.todo ?? '').length > 10).toBe(true);
  });

  it('ends with 69 when something is missing, each with what to do', async () => {
    const home = await temporaryFolder();
    const { release } = await signedRelease(home);
    const argv = ['doctor', '--mirror', await serve(release), '--keyring', 'none.gpg', '--engine', '/nonexistent.sock'];
    const { status, stdout } = await runCli(home, argv, { REPROOF_MIROR: 'x', PATH: '/nonexistent' });
    expect(status).toBe(69);
    expect(stdout).toMatch(/^fail {2}engine: .*no such socket.*\n {6}→ start Docker or Podman/m);
    expect(stdout).toMatch(/^fail {2}keyring: .*none\.gpg: ENOENT\n {6}→ apt install debian-archive-keyring/m);
    expect(stdout).toMatch(/^fail {2}gpgv: .*\n {6}→ apt install gpgv/m);
    expect(stdout).toMatch(/^fail {2}mirror: .*none\.gpg/m);
    expect(stdout).toMatch(/^warn {2}settings: the variable REPROOF_MIROR sets nothing/m);
  });

  it('does not take a signature by another key for a good one', async () => {
    const home = await temporaryFolder();
    const other = await temporaryFolder();
    const [mine, theirs] = [await signedRelease(home), await signedRelease(other)];
    const argv = ['doctor', '--mirror', await serve(theirs.release), '--keyring', mine.keyring];
    const { stdout } = await runCli(home, [...argv, '--engine', '/nonexistent.sock']);
    expect(stdout).toMatch(/^fail {2}mirror: .*InRelease of stable.*\n {6}→ try another mirror, or name the keyring/m);
  });

  it('knows an old Node and a clock that cannot be right', () => {
    expect(checkNode('24.14.1')).toMatchObject([{ state: 'fail' }]);
    expect(checkNode('24.15.0')).toMatchObject([{ state: 'ok' }]);
    expect(checkNode('26.0.0')).toMatchObject([{ state: 'ok' }]);
    const release = new Date('2026-09-12T10:00:00Z');
    expect(checkClock(release, new Date('2026-09-10T10:00:00Z')).state).toBe('fail');
    expect(checkClock(release, new Date('2026-09-12T09:00:00Z')).state).toBe('ok');
    expect(checkClock(release, new Date('2028-01-01T00:00:00Z')).state).toBe('warn');
  });
});

describe('reading the keys of a keyring', () => {
  it('finds the fingerprints that gpg finds', async () => {
    const home = await temporaryFolder();
    const { keyring, fingerprint } = await signedRelease(home);
    expect(keyFingerprints(await readFile(keyring))).toEqual([fingerprint]);
  });

  it('refuses what is none, wherever it is cut', async () => {
    const home = await temporaryFolder();
    const bytes = await readFile((await signedRelease(home)).keyring);
    expect(keyFingerprints(Buffer.from('-----BEGIN PGP PUBLIC KEY BLOCK-----'))).toBeUndefined();
    const whole = Array.from({ length: bytes.length }, (_, length) => keyFingerprints(bytes.subarray(0, length)));
    // Between two packets a cut cannot be seen: after the key, and after its user id.
    expect(whole.filter((keys) => keys !== undefined)).toHaveLength(2);
  });
});
