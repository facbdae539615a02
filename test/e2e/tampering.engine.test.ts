import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Sha256, sha256Of } from '../../model/index.ts';
import { type FaultyArchive, HONEST, openFaultyArchive, signedText } from '../helpers/faulty-archive.ts';
import type { Fault, FaultRule } from '../helpers/faulty-server.ts';
import { expectRefused } from '../helpers/refusal.ts';
import { SigningKeys } from '../helpers/signing-keys.ts';
import { makeSourcePackage } from '../helpers/source-package.ts';

const IN_RELEASE = '/dists/trixie/InRelease';
const FLIP: Fault = { kind: 'flip', offset: 700 };
const NOT_THERE: Fault = { kind: 'status', status: 404 };
const STRANGER = 'stranger <stranger@example.org>';

let archive: FaultyArchive;
let keys: SigningKeys;
beforeAll(async () => {
  [archive, keys] = await Promise.all([openFaultyArchive(), SigningKeys.make(STRANGER)]);
});
afterEach(() => archive.mirror.clearFaults());
afterAll(async () => {
  await Promise.all([archive.close(), keys.remove()]);
});

function spoil(path: FaultRule['path'], fault: Fault): void {
  archive.mirror.addFault({ path, fault });
}

function digests(found: string, expected: Sha256 | undefined): RegExp {
  return new RegExp(
    `^fetching ${found} from http://127\\.0\\.0\\.1:\\S+: its SHA-256 is [0-9a-f]{64}, not ${expected}$`,
  );
}

describe('a Release file that is not what the archive signed is refused', () => {
  const refuse = async (code: 'RELEASE_SIGNATURE_INVALID' | 'RELEASE_MALFORMED', message: RegExp): Promise<void> => {
    const home = await archive.home();
    await expectRefused(await archive.rebuild(home), home, { status: 65, code, message });
  };

  it('with a byte flipped in the signed text', async () => {
    spoil(IN_RELEASE, FLIP);
    await refuse(
      'RELEASE_SIGNATURE_INVALID',
      /^checking the signature of InRelease of trixie from http:\S+\/dists\/trixie\/InRelease: the text is not the one that was signed$/,
    );
  });

  it('with a byte flipped in the signature', async () => {
    spoil(IN_RELEASE, { kind: 'flip', offset: archive.inRelease.indexOf('-----BEGIN PGP SIGNATURE-----') + 200 });
    await refuse('RELEASE_SIGNATURE_INVALID', /^checking the signature of InRelease of trixie from \S+: /);
  });

  it('signed by a stranger', async () => {
    spoil(IN_RELEASE, { kind: 'replace', bytes: await keys.clearSign(signedText(archive.inRelease), STRANGER) });
    const keyId = (await keys.fingerprint(STRANGER)).slice(-16);
    await refuse(
      'RELEASE_SIGNATURE_INVALID',
      new RegExp(`^checking the signature of InRelease of trixie from \\S+: \\S+\\.[gp]*g lacks the keys ${keyId}$`),
    );
  });

  it("when it is another suite's, whose signature is good", async () => {
    spoil(IN_RELEASE, { kind: 'redirect', to: '/dists/bookworm/InRelease' });
    await refuse(
      'RELEASE_MALFORMED',
      /^reading InRelease of trixie from \S+: it is another suite's: Codename bookworm, Suite \S+$/,
    );
  });
});

describe('bytes that are not the ones a signed index names are refused', () => {
  it.each([
    { index: 'main/binary-amd64/Packages', paths: /\/main\/binary-amd64\// },
    { index: 'main/source/Sources', paths: /\/main\/source\// },
  ])('in the compressed index of $index', async ({ index, paths }) => {
    spoil(paths, FLIP);
    const compressed = archive.entry(`${index}.xz`).sha256;
    const home = await archive.home({ without: [archive.entry(index).sha256, compressed] });
    const error = await expectRefused(await archive.rebuild(home), home, {
      status: 65,
      code: 'FETCH_DIGEST_MISMATCH',
      message: digests(`${index.split('/').at(-1)}\\.xz`, compressed),
    });
    expect(error.context).toMatchObject({ expected: compressed, found: expect.stringMatching(/^[0-9a-f]{64}$/) });
    // By its digest and by its name: both addresses were tried.
    expect(archive.mirror.requests.slice(-2).map(({ path }) => path)).toEqual([
      expect.stringContaining(`/by-hash/SHA256/${compressed}`),
      expect.stringContaining(`${index}.xz`),
    ]);
  });

  it('in the .dsc', async () => {
    spoil(HONEST.dsc, FLIP);
    const home = await archive.home({ without: archive.honest.sources });
    const message = digests('netbase_\\S+\\.dsc', archive.honest.plan.source.dsc.sha256);
    await expectRefused(await archive.rebuild(home), home, { status: 65, code: 'FETCH_DIGEST_MISMATCH', message });
  });

  it('in the source tarball', async () => {
    spoil(HONEST.tarball, FLIP);
    const home = await archive.home({ without: archive.honest.sources });
    const message = digests('netbase_\\S+\\.tar\\.xz', archive.honest.plan.source.files[0]?.sha256);
    await expectRefused(await archive.rebuild(home), home, { status: 65, code: 'FETCH_DIGEST_MISMATCH', message });
  });

  it('in the tarball beside a .dsc of our own', async () => {
    const home = await archive.home();
    const { dscPath, tarball } = await makeSourcePackage({ name: 'changed', folder: home.folder, binary: 'true' });
    const bytes = await readFile(tarball.path);
    await writeFile(tarball.path, bytes.fill(bytes.readUInt8(40) ^ 1, 40, 41));
    await expectRefused(await archive.rebuild(home, dscPath), home, {
      status: 65,
      code: 'FETCH_DIGEST_MISMATCH',
      message: new RegExp(
        `^checking changed_1\\.0\\.tar\\.gz beside changed_1\\.0\\.dsc: its SHA-256 is ${sha256Of(bytes)}, not ${tarball.sha256}$`,
      ),
    });
  });

  it("in a .deb of the environment's base", async () => {
    spoil(/\/dash_[^/]*\.deb$/, FLIP);
    const dash = archive.honest.plan.lock.layers[0]?.packages.find(({ name }) => name === 'dash')?.sha256;
    const home = await archive.home({ without: [dash], forgetful: true });
    const message = digests('dash_\\S+_amd64\\.deb', dash);
    await expectRefused(await archive.rebuild(home), home, { status: 65, code: 'FETCH_DIGEST_MISMATCH', message });
  });
});

describe('a .deb of a build dependency', () => {
  const needy = async (folder: string): Promise<string> => {
    const binary = 'true';
    return (await makeSourcePackage({ name: 'needy', folder, binary, buildDepends: 'sl' })).dscPath;
  };
  const deb = /\/sl_[^/]*\.deb$/;

  it('is refused with a byte flipped', async () => {
    spoil(deb, FLIP);
    const home = await archive.home();
    await expectRefused(await archive.rebuild(home, await needy(home.folder)), home, {
      status: 65,
      code: 'FETCH_DIGEST_MISMATCH',
      message: digests('sl_\\S+_amd64\\.deb', '[0-9a-f]{64}'),
    });
  });

  it('is named when the mirror does not have it', async () => {
    spoil(deb, NOT_THERE);
    const home = await archive.home();
    await expectRefused(await archive.rebuild(home, await needy(home.folder)), home, {
      status: 69,
      code: 'FETCH_NOT_FOUND',
      message: /^fetching sl_\S+_amd64\.deb from http:\S+\.deb: the server answered 404$/,
    });
  });
});
