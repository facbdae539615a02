import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../../../../programs/index.ts';

const limits = { wallSeconds: 30, outputBytes: 10_000_000 };

/** A key of its own, good for one test file: `keyring` is what gpgv reads. */
export type TestSigner = {
  readonly keyring: string;
  readonly fingerprint: string;
  clearsign(text: string): Promise<string>;
  close(): Promise<void>;
};

/** Makes an Ed25519 key in a GnuPG home of its own. */
export async function makeSigner(): Promise<TestSigner> {
  const home = await mkdtemp(join(tmpdir(), 'reproof-gpg-'));
  const gpg = async (args: readonly string[], input = ''): Promise<Buffer> => {
    const { status, stdout, stderr } = await runProgram(
      ['gpg', '--homedir', home, '--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
      { limits, input: Buffer.from(input) },
    );
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  await gpg(['--quick-generate-key', 'Tester <tester@example.org>', 'ed25519', 'sign', 'never']);
  const listing = (await gpg(['--with-colons', '--list-keys'])).toString();
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listing)?.[1] ?? '';
  const keyring = join(home, 'keyring.gpg');
  await writeFile(keyring, await gpg(['--export']));
  return {
    keyring,
    fingerprint,
    clearsign: async (text) => (await gpg(['--clearsign', '--output', '-'], text)).toString(),
    close: async () => {
      await runProgram(['gpgconf', '--homedir', home, '--kill', 'all'], { limits });
      await rm(home, { recursive: true, force: true });
    },
  };
}
