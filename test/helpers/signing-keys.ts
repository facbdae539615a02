import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../programs/index.ts';

const limits = { wallSeconds: 30, outputBytes: 64 * 1024 * 1024 };

/** OpenPGP keys of a test's own, made by gpg in a folder of their own. Keys are named by a user id. */
export class SigningKeys {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(...users: readonly string[]): Promise<SigningKeys> {
    // Short, since the agent's socket lies in it and a socket's path has 108 bytes at most.
    const keys = new SigningKeys(await mkdtemp(join(tmpdir(), 'rk-')));
    for (const user of users) await keys.gpg(['--quick-generate-key', user, 'ed25519', 'sign', 'never']);
    return keys;
  }

  async gpg(args: readonly string[], input?: Uint8Array): Promise<Buffer> {
    const { status, stdout, stderr } = await runProgram(
      ['gpg', '--batch', '--quiet', '--passphrase', '', '--pinentry-mode', 'loopback', ...args],
      { limits, env: { GNUPGHOME: this.#folder }, ...(input && { input }) },
    );
    if (status !== 0) throw new Error(`gpg ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  async fingerprint(user: string): Promise<string> {
    const listing = (await this.gpg(['--with-colons', '--list-keys', `=${user}`])).toString();
    return /^fpr:+([0-9A-F]{40}):/m.exec(listing)?.[1] ?? '';
  }

  /** A keyring with the keys of these users only; gives its path. */
  async keyring(name: string, ...users: readonly string[]): Promise<string> {
    const path = join(this.#folder, name);
    await writeFile(path, await this.gpg(['--export', ...users.map((user) => `=${user}`)]));
    return path;
  }

  async clearSign(text: string | Uint8Array, ...users: readonly string[]): Promise<Buffer> {
    return this.gpg(['--clearsign', ...users.flatMap((user) => ['--local-user', `=${user}`])], Buffer.from(text));
  }

  async remove(): Promise<void> {
    await runProgram(['gpgconf', '--kill', 'gpg-agent'], { limits, env: { GNUPGHOME: this.#folder } });
    await rm(this.#folder, { recursive: true });
  }
}
