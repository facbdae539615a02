import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Of } from '../../../../model/index.ts';
import type { Mirrors } from '../../../../rebuilder/ecosystem/debian/mirrors.ts';
import { openSuite, type VerifiedSuite } from '../../../../rebuilder/ecosystem/debian/release.ts';
import { type FaultyServer, startServer } from '../../../helpers/faulty-server.ts';
import { SigningKeys } from '../../../helpers/signing-keys.ts';
import { newFetcher } from '../../fetch/support.ts';

const RELEASE = `Origin: Debian
Suite: stable
Codename: trixie
Date: Sat, 12 Sep 2026 07:55:41 UTC
Valid-Until: Sat, 19 Sep 2026 07:55:41 UTC
Acquire-By-Hash: yes
Architectures: all amd64
Components: main contrib
SHA256:
 ${'a'.repeat(64)}   120 main/binary-amd64/Packages
 ${'b'.repeat(64)}    80 main/binary-amd64/Packages.xz
`;
const NOW = new Date('2026-09-13T00:00:00Z');

let keys: SigningKeys;
let keyring: string;
const files: Record<string, Uint8Array> = {};
let server: FaultyServer;

beforeAll(async () => {
  keys = await SigningKeys.make('archive', 'release', 'stranger');
  keyring = await keys.keyring('archive.gpg', 'archive', 'release');
  server = await startServer({ files });
});
afterAll(async () => {
  await server.close();
  await keys.remove();
});

async function open(
  document: Uint8Array | string,
  change: Partial<Parameters<typeof openSuite>[0]> = {},
): Promise<VerifiedSuite> {
  const mirrors: Mirrors = {
    debian: `${server.url}/debian`,
    'debian-security': `${server.url}/debian-security`,
    'debian-debug': undefined,
  };
  const suite = change.suite ?? 'trixie';
  const root = suite.endsWith('-security') ? '/debian-security' : '/debian';
  files[`${root}/dists/${suite}/InRelease`] = Buffer.from(document);
  const fetcher = await newFetcher();
  const signal = AbortSignal.timeout(20_000);
  return openSuite({ fetcher, mirrors, suite, keyring, allowExpired: false, now: NOW, signal, ...change });
}

async function signed(text: string, ...users: readonly string[]): Promise<string> {
  return (await keys.clearSign(text, ...users)).toString();
}

describe('opening a suite', () => {
  it('by a name that the mirror has not brought up to date, takes what its codename has', async () => {
    const newer = await signed(RELEASE.replace('Sat, 12 Sep 2026 07:55:41', 'Sat, 12 Sep 2026 20:00:00'), 'archive');
    const older = await signed(RELEASE, 'archive');
    files['/debian/dists/trixie/InRelease'] = Buffer.from(newer);
    expect(await open(older, { suite: 'stable' })).toMatchObject({
      asked: 'stable',
      suite: 'trixie',
      suiteUrl: `${server.url}/debian/dists/trixie`,
      inRelease: sha256Of(newer),
    });
    files['/debian/dists/trixie/InRelease'] = Buffer.from('not signed');
    expect(await open(older, { suite: 'stable' })).toMatchObject({ asked: 'stable', inRelease: sha256Of(older) });
  });

  it('gives what its signed Release file says', async () => {
    const document = await signed(RELEASE, 'archive', 'release');
    const suite = await open(document);
    expect(suite).toMatchObject({
      archive: 'debian',
      suite: 'trixie',
      baseUrl: `${server.url}/debian`,
      suiteUrl: `${server.url}/debian/dists/trixie`,
      inRelease: sha256Of(document),
      release: {
        suite: 'stable',
        codename: 'trixie',
        architectures: ['all', 'amd64'],
        components: ['main', 'contrib'],
        acquireByHash: true,
      },
      notes: [],
    });
    expect([...suite.release.files]).toEqual([
      ['main/binary-amd64/Packages', { size: 120, sha256: 'a'.repeat(64) }],
      ['main/binary-amd64/Packages.xz', { size: 80, sha256: 'b'.repeat(64) }],
    ]);
    expect(suite.verification).toEqual({
      kind: 'release',
      archive: 'debian',
      suite: 'trixie',
      sha256: sha256Of(document),
      signedBy: [await keys.fingerprint('archive'), await keys.fingerprint('release')].sort(),
      keyring,
      date: '2026-09-12T07:55:41Z',
      validUntil: '2026-09-19T07:55:41Z',
      expired: false,
    });
  });

  it('takes the class of a suite for its name, and calls it by its codename', async () => {
    expect(await open(await signed(RELEASE, 'archive'), { suite: 'stable' })).toMatchObject({
      suite: 'trixie',
      asked: 'stable',
      suiteUrl: `${server.url}/debian/dists/stable`,
    });
  });

  it('looks for a security suite in the security archive', async () => {
    const text = RELEASE.replace('stable', 'stable-security').replace('trixie', 'trixie-security');
    expect(await open(await signed(text, 'archive'), { suite: 'trixie-security' })).toMatchObject({
      archive: 'debian-security',
      suite: 'trixie-security',
      baseUrl: `${server.url}/debian-security`,
    });
  });

  it('says when no mirror of its archive is known', async () => {
    await expect(open('', { suite: 'trixie-debug' })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  });

  it.each(['../trixie', 'trixie/updates', '', 'Trixie', '-x', 'a..b', 'x?y'])('refuses %j as a name', async (suite) => {
    await expect(open('', { suite })).rejects.toMatchObject({ code: 'TARGET_SYNTAX' });
  });
});

describe('the signature of a suite', () => {
  it('is enough when one of several is by a known key', async () => {
    const suite = await open(await signed(RELEASE, 'stranger', 'archive'));
    expect(suite.verification.signedBy).toEqual([await keys.fingerprint('archive')]);
  });

  it('is refused when only a stranger made it, and the missing key is named', async () => {
    const keyId = (await keys.fingerprint('stranger')).slice(-16);
    await expect(open(await signed(RELEASE, 'stranger'))).rejects.toMatchObject({
      code: 'RELEASE_SIGNATURE_INVALID',
      message: expect.stringContaining(keyId),
    });
  });

  it('is refused when any byte of the signed text was changed', async () => {
    const document = await signed(RELEASE, 'archive', 'stranger');
    for (const [from, to] of [
      ['120 main', '121 main'],
      ['stable', 'stablf'],
      ['trixie\n', 'trixie\nX: 1\n'],
    ] as const) {
      await expect(open(document.replace(from, to))).rejects.toMatchObject({
        code: 'RELEASE_SIGNATURE_INVALID',
        message: expect.stringContaining('not the one that was signed'),
      });
    }
  });

  it('is refused when one of several is bad', async () => {
    const at = (document: string): number => document.indexOf('-----BEGIN PGP SIGNATURE');
    const good = await signed(RELEASE, 'archive');
    const joined = async (other: string): Promise<string> => {
      const parts = [good, other].map((each) => keys.gpg(['--dearmor'], Buffer.from(each.slice(at(each)))));
      const both = (await keys.gpg(['--enarmor'], Buffer.concat(await Promise.all(parts)))).toString();
      return good.slice(0, at(good)) + both.replaceAll('ARMORED FILE', 'SIGNATURE').replace(/^Comment:.*\n/m, '');
    };
    const suite = await open(await joined(await signed(RELEASE, 'release')));
    expect(suite.verification.signedBy).toHaveLength(2);
    await expect(open(await joined(await signed(`${RELEASE}X: 1\n`, 'release')))).rejects.toMatchObject({
      code: 'RELEASE_SIGNATURE_INVALID',
      message: expect.stringContaining('not the one that was signed'),
    });
  });

  it('covers the whole document: nothing may stand before it, after it, or be joined to it', async () => {
    const document = await signed(RELEASE, 'archive');
    const strangers = await signed(RELEASE.replace('120', '999'), 'stranger');
    const outside = `Origin: Debian\nCodename: trixie\n\n`;
    for (const changed of [
      outside + document,
      document + outside,
      strangers + document,
      document + strangers,
      `\n${document}`,
      RELEASE,
      '',
      document.slice(0, document.indexOf('-----BEGIN PGP SIGNATURE')),
      document.slice(document.indexOf('-----BEGIN PGP SIGNATURE')),
    ]) {
      await expect(open(changed)).rejects.toMatchObject({ code: 'RELEASE_SIGNATURE_INVALID' });
    }
  });

  it('is read by what gpgv gives out, so that escaped lines are as they were signed', async () => {
    const suite = await open(await signed(`${RELEASE}Description: x\n -----BEGIN\n`, 'archive'));
    expect(suite.release.files.size).toBe(2);
    await expect(open(await signed(`${RELEASE}-----BEGIN PGP SIGNATURE-----: x\n`, 'archive'))).rejects.toMatchObject({
      code: 'RELEASE_MALFORMED',
    });
  });

  it('is not counted when its key has expired', async () => {
    const then = ['--faked-system-time', '20200101T000000'];
    await keys.gpg([...then, '--quick-generate-key', 'expired', 'ed25519', 'sign', '1d']);
    const known = await keys.keyring('expired.gpg', 'expired');
    const document = await keys.gpg([...then, '--clearsign', '--local-user', '=expired'], Buffer.from(RELEASE));
    await expect(open(document, { keyring: known })).rejects.toMatchObject({
      code: 'RELEASE_SIGNATURE_INVALID',
      message: expect.stringContaining('an expired key'),
    });
  });

  it('is not counted when it is over SHA-1', async () => {
    const document = await keys.gpg(
      ['--digest-algo', 'SHA1', '--clearsign', '--local-user', '=archive'],
      Buffer.from(RELEASE),
    );
    await expect(open(document)).rejects.toMatchObject({
      code: 'RELEASE_SIGNATURE_INVALID',
      message: expect.stringContaining('by a way gpgv does not accept'),
    });
  });

  it('needs a keyring, and says which package has it', async () => {
    const document = await signed(RELEASE, 'archive');
    await expect(open(document, { keyring: '/nonexistent/k.gpg' })).rejects.toMatchObject({
      code: 'KEYRING_MISSING',
      message: expect.stringContaining('debian-archive-keyring'),
    });
  });
});

describe('the validity of a suite', () => {
  it('ends at Valid-Until, unless an expired one is allowed, which is recorded', async () => {
    const document = await signed(RELEASE, 'archive');
    const last = { now: new Date('2026-09-19T07:55:41Z') };
    const after = { now: new Date('2026-09-19T07:55:42Z') };
    expect((await open(document, last)).verification.expired).toBe(false);
    await expect(open(document, after)).rejects.toMatchObject({ code: 'RELEASE_EXPIRED' });
    expect((await open(document, { ...after, allowExpired: true })).verification.expired).toBe(true);
  });

  it('is noted when it begins in the future by more than a day', async () => {
    const document = await signed(RELEASE, 'archive');
    expect((await open(document, { now: new Date('2026-09-11T07:55:41Z') })).notes).toHaveLength(0);
    expect((await open(document, { now: new Date('2026-09-11T07:55:40Z') })).notes).toHaveLength(1);
  });

  it('is of no use under another name', async () => {
    const document = await signed(RELEASE, 'archive');
    await expect(open(document, { suite: 'sid' })).rejects.toMatchObject({
      code: 'RELEASE_MALFORMED',
      message: expect.stringContaining('another suite'),
    });
  });
});

describe('a signed Release file that is not well-formed', () => {
  const entry = (line: string): string => `${RELEASE} ${line}\n`;
  const digest = 'c'.repeat(64);
  it.each([
    ['a path that climbs', entry(`${digest} 1 main/../../x`)],
    ['an absolute path', entry(`${digest} 1 /etc/passwd`)],
    ['an empty part in a path', entry(`${digest} 1 main//x`)],
    ['a short digest', entry(`${digest.slice(1)} 1 main/x`)],
    ['an upper-case digest', entry(`${digest.toUpperCase()} 1 main/x`)],
    ['a negative size', entry(`${digest} -1 main/x`)],
    ['a size that is no number', entry(`${digest} 1e3 main/x`)],
    ['a missing size', entry(`${digest} main/x`)],
    ['an empty line in the list', entry('.')],
    ['one path with two contents', entry(`${digest} 120 main/binary-amd64/Packages`)],
    ['no SHA256', RELEASE.replace('SHA256:', 'SHA512:')],
    ['no Date', RELEASE.replace('Date:', 'Dated:')],
    ['a day that does not exist', RELEASE.replace('12 Sep', '31 Sep')],
    ['a time of another zone', RELEASE.replace('41 UTC', '41 +0200')],
    ['a second paragraph', `${RELEASE}\nCodename: sid\n`],
    ['a field twice', `${RELEASE}Codename: trixie\n`],
    ['a codename that is none', RELEASE.replace('Codename: trixie', 'Codename: ../trixie')],
    ['no fields', ' \n'],
  ])('is refused: %s', async (_what, text) => {
    await expect(open(await signed(text, 'archive'), { suite: 'stable' })).rejects.toMatchObject({
      code: 'RELEASE_MALFORMED',
    });
  });
});
