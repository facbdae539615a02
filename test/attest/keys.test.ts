import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSignatureOf, type KeysOptions, type KeyUse, openKeys, publicKeyText } from '../../attest/index.ts';
import { isReproofError } from '../../model/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const TIME = new Date('2026-01-02T03:04:05.678Z');
const open = (folder: string, options: Partial<KeysOptions> = {}) => openKeys({ folder, now: () => TIME, ...options });
const message = Buffer.from('a message');

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => {
      if (isReproofError(error)) return error.code;
      throw error;
    },
  );
}

/** A key as openssl(1) makes one, in PKCS#8. */
function opensslKey(kind: 'EC' | 'ED25519'): string {
  const options = kind === 'EC' ? ['-pkeyopt', 'ec_paramgen_curve:P-256'] : [];
  return execFileSync('openssl', ['genpkey', '-algorithm', kind, ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString();
}

describe('the keys of a data folder', () => {
  it.each([
    ['statement', 'ecdsa-p256-sha256'],
    ['log', 'ed25519'],
  ] as const)('hold one for the %s, made on first use for its owner alone', async (use, algorithm) => {
    const folder = path.join(await temporaryFolder(), 'data', 'keys');
    const signer = await open(folder).signer(use);
    expect(signer.algorithm).toBe(algorithm);
    expect((await open(folder).signer(use)).keyid).toBe(signer.keyid);
    expect((await stat(path.join(folder, `${use}.pem`))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await readdir(folder)).sort()).toEqual(['history', `${use}.pem`]);
    expect(isSignatureOf(signer, message, await signer.sign(message))).toBe(true);
  });

  it('are named and read as openssl names and reads them', async () => {
    const folder = await temporaryFolder();
    const signer = await open(folder).signer('statement');
    const input = publicKeyText(signer);
    const der = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'DER'], { input });
    expect(execFileSync('sha256sum', { input: der }).toString().slice(0, 64)).toBe(signer.keyid);
    const same = execFileSync('openssl', ['pkey', '-in', path.join(folder, 'statement.pem'), '-pubout']);
    expect(same.toString()).toBe(input);
  });

  it('are one key when two processes make it at the same moment', async () => {
    const folder = path.join(await temporaryFolder(), 'keys');
    const script = `import { openKeys } from ${JSON.stringify(path.resolve('attest/index.ts'))};
      const keys = openKeys({ folder: ${JSON.stringify(folder)}, now: () => new Date() });
      console.log((await Promise.all([keys.signer('statement'), keys.signer('log'), keys.signer('statement')])).map((key) => key.keyid).join(' '));`;
    const run = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let text = '';
        child.stdout.on('data', (chunk) => (text += chunk));
        child.on('error', reject);
        child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`status ${code}`))));
      });
    const told = await Promise.all([run(), run(), run(), run()]);
    expect(new Set(told).size).toBe(1);
    expect((await open(folder).history()).map(({ use }) => use).sort()).toEqual(['log', 'statement']);
  });

  it('are encrypted where there is a passphrase, and opened with it alone', async () => {
    const folder = await temporaryFolder();
    const made = await open(folder, { passphrase: { kind: 'text', text: 'correct horse' } }).signer('statement');
    expect(await readFile(path.join(folder, 'statement.pem'), 'utf8')).toMatch(
      /^-----BEGIN ENCRYPTED PRIVATE KEY-----/,
    );
    expect(
      (await open(folder, { passphrase: { kind: 'text', text: 'correct horse' } }).signer('statement')).keyid,
    ).toBe(made.keyid);
    expect(await codeOf(open(folder).signer('statement'))).toBe('KEY_LOCKED');
    expect(
      await codeOf(open(folder, { passphrase: { kind: 'text', text: 'battery staple' } }).signer('statement')),
    ).toBe('KEY_LOCKED');
  });

  it('are given as text or as a file instead, and never written then', async () => {
    const folder = path.join(await temporaryFolder(), 'keys');
    const file = path.join(await temporaryFolder(), 'key.pem');
    await writeFile(file, opensslKey('ED25519'), { mode: 0o440 });
    const keys = open(folder, {
      given: {
        statement: { kind: 'text', pem: opensslKey('EC'), named: 'REPROOF_STATEMENT_KEY' },
        log: { kind: 'file', file },
      },
    });
    const lives = [await keys.signer('statement'), await keys.signer('log')];
    expect(await readdir(folder)).toEqual(['history']);
    expect((await keys.history()).map(({ keyid }) => keyid)).toEqual(lives.map(({ keyid }) => keyid));
    expect(await codeOf(keys.replace('log'))).toBe('KEY_INVALID');
  });
});

describe('a key that is replaced', () => {
  it('stays valid for the time it signed, and its private part is gone', async () => {
    const folder = await temporaryFolder();
    let at = TIME.getTime();
    const keys = open(folder, { now: () => new Date(at) });
    const first = await keys.signer('statement');
    const before = await readFile(path.join(folder, 'statement.pem'));
    at += 60_000;
    const { before: old, next: second } = await keys.replace('statement');
    const pem = opensslKey('EC');
    at += 60_000;
    const { next: third } = await keys.replace('statement', { pem, named: 'k.pem' });
    expect((await keys.signer('statement')).keyid).toBe(third.keyid);
    expect(old?.keyid).toBe(first.keyid);
    expect((await keys.history()).map(({ keyid, validFrom, validUntil }) => [keyid, validFrom, validUntil])).toEqual([
      [first.keyid, '2026-01-02T03:04:05.678Z', '2026-01-02T03:05:05.678Z'],
      [second.keyid, '2026-01-02T03:05:05.678Z', '2026-01-02T03:06:05.678Z'],
      [third.keyid, '2026-01-02T03:06:05.678Z', undefined],
    ]);
    const left = await Promise.all(
      (await readdir(folder)).filter((name) => name.endsWith('.pem')).map((name) => readFile(path.join(folder, name))),
    );
    expect(left.some((bytes) => bytes.equals(before))).toBe(false);
    expect(execFileSync('openssl', ['pkey', '-pubout'], { input: pem }).toString()).toBe(publicKeyText(third));
  });

  it('has no life before the last one though the clock was set back', async () => {
    const folder = await temporaryFolder();
    await open(folder).signer('statement');
    await open(folder, { now: () => new Date(0) }).replace('statement');
    const [first, second] = await open(folder).history();
    expect([first?.validUntil, second?.validFrom]).toEqual([TIME.toISOString(), TIME.toISOString()]);
  });

  it('is noted when somebody put another file in its place', async () => {
    const folder = await temporaryFolder();
    await open(folder).signer('log');
    await writeFile(path.join(folder, 'log.pem'), opensslKey('ED25519'));
    const other = await open(folder).signer('log');
    expect((await open(folder).history()).at(-1)?.keyid).toBe(other.keyid);
  });

  it('is not made anew when it is lost', async () => {
    const folder = await temporaryFolder();
    const { keyid } = await open(folder).signer('statement');
    await rm(path.join(folder, 'statement.pem'));
    await expect(open(folder).signer('statement')).rejects.toThrow(keyid);
    expect(await codeOf(open(folder).signer('statement'))).toBe('KEY_INVALID');
    await open(folder).replace('statement');
    expect(await open(folder).history()).toHaveLength(2);
  });
});

describe('a key is refused', () => {
  const damages: readonly (readonly [string, string, (file: string) => Promise<unknown>])[] = [
    ['its group can read it', 'KEY_EXPOSED', (file) => chmod(file, 0o640)],
    ['others can read it', 'KEY_EXPOSED', (file) => chmod(file, 0o604)],
    [
      'it is a link',
      'KEY_EXPOSED',
      async (file) => {
        await rename(file, `${file}.other`);
        await symlink(`${file}.other`, file);
      },
    ],
    ['others can write to its folder', 'KEY_EXPOSED', (file) => chmod(path.dirname(file), 0o777)],
    ['it is empty', 'KEY_INVALID', (file) => truncate(file, 0)],
    ['it is cut off', 'KEY_INVALID', (file) => truncate(file, 120)],
    [
      'it is a folder',
      'KEY_INVALID',
      async (file) => {
        await rm(file);
        await mkdir(file, { mode: 0o700 });
      },
    ],
    ['it is too long', 'KEY_INVALID', async (file) => writeFile(file, ' '.repeat(16 * 1024 + 1), { flag: 'a' })],
    [
      'it has other bytes',
      'KEY_INVALID',
      (file) => writeFile(file, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'),
    ],
    ['it is of the log', 'KEY_INVALID', (file) => writeFile(file, opensslKey('ED25519'))],
    [
      'it is of another curve',
      'KEY_INVALID',
      (file) =>
        writeFile(
          file,
          generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
        ),
    ],
    [
      'it is not PKCS#8',
      'KEY_INVALID',
      (file) =>
        writeFile(
          file,
          generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }),
        ),
    ],
  ];
  it.each(damages)('when %s', async (_, code, damage) => {
    const folder = path.join(await temporaryFolder(), 'keys');
    await open(folder).signer('statement');
    await damage(path.join(folder, 'statement.pem'));
    expect(await codeOf(open(folder).signer('statement'))).toBe(code);
  });

  it.each([
    ['an entry is gone', (folder: string) => rm(path.join(folder, '000001.json'))],
    ['an entry is changed', (folder: string) => writeFile(path.join(folder, '000001.json'), '{}')],
    [
      'an entry names another key',
      async (folder: string) => {
        const file = path.join(folder, '000001.json');
        await writeFile(
          file,
          (await readFile(file, 'utf8')).replace(/"keyid":"[0-9a-f]{64}"/, `"keyid":"${'0'.repeat(64)}"`),
        );
      },
    ],
  ])('when %s of the history', async (_, damage) => {
    const folder = await temporaryFolder();
    for (const use of ['statement', 'log'] satisfies KeyUse[]) await open(folder).signer(use);
    await damage(path.join(folder, 'history'));
    expect(await codeOf(open(folder).history())).toBe('STORE_CORRUPT');
    expect(await codeOf(open(folder).signer('statement'))).toBe('STORE_CORRUPT');
  });

  it('and no message says anything of it', async () => {
    const pem = opensslKey('EC');
    const secret = pem.split('\n')[1] ?? '';
    const cut = open(await temporaryFolder(), {
      given: { statement: { kind: 'text', pem: pem.slice(0, 150), named: 'REPROOF_STATEMENT_KEY' } },
    });
    const error = await cut.signer('statement').catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('REPROOF_STATEMENT_KEY');
    expect(String(error) + String((error as Error).stack) + String((error as Error).cause)).not.toContain(
      secret.slice(0, 16),
    );
  });
});
