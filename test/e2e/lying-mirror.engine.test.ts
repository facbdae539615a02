import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorCode, type RebuildRecord, sha256Of } from '../../model/index.ts';
import {
  decay,
  type FaultyArchive,
  HONEST,
  IMPATIENT,
  leftOnEngine,
  newest,
  openFaultyArchive,
  settle,
  signedText,
} from '../helpers/faulty-archive.ts';
import type { Fault } from '../helpers/faulty-server.ts';
import { expectRefused } from '../helpers/refusal.ts';
import type { CliResult } from '../helpers/run-cli.ts';
import { SigningKeys } from '../helpers/signing-keys.ts';

const IN_RELEASE = '/dists/trixie/InRelease';
const NOT_THERE: Fault = { kind: 'status', status: 404 };
const OWNER = 'owner <owner@example.org>';

let archive: FaultyArchive;
let keys: SigningKeys;
beforeAll(async () => {
  [archive, keys] = await Promise.all([openFaultyArchive(), SigningKeys.make(OWNER)]);
});
afterEach(() => archive.mirror.clearFaults());
afterAll(async () => {
  await Promise.all([archive.close(), keys.remove()]);
});

function recordOf({ status, stdout, stderr }: CliResult, expected: number): RebuildRecord {
  expect([status, stderr]).toEqual([expected, '']);
  return JSON.parse(stdout) as RebuildRecord;
}

describe('a mirror that does not keep to what it says is given up', () => {
  const size = (): number => archive.honest.plan.source.files[0]?.size ?? 0;
  const REDIRECT = 'redirected to TO, another scheme, which is not followed';

  it.each<{ fault: Fault; code: ErrorCode; why: string; name: string; found?: number }>([
    {
      name: 'each answer ends too soon',
      fault: { kind: 'truncate', after: 1000 },
      code: 'FETCH_SIZE_MISMATCH',
      why: 'the connection closed after 2000 of SIZE bytes',
      found: 2000,
    },
    {
      name: 'more is announced than is expected',
      fault: { kind: 'announce', size: 1e12 },
      code: 'FETCH_SIZE_MISMATCH',
      why: 'the server announces 1000000000000 bytes where SIZE are expected',
      found: 1e12,
    },
    {
      name: 'less is announced than is expected',
      fault: { kind: 'announce', size: 1000 },
      code: 'FETCH_SIZE_MISMATCH',
      why: 'the server announces 1000 bytes where SIZE are expected',
      found: 1000,
    },
    {
      name: 'it never stops sending',
      fault: { kind: 'endless' },
      code: 'FETCH_SIZE_MISMATCH',
      why: 'more bytes came than the SIZE expected',
    },
    ...['https://example.org/a', 'file:///etc/passwd', 'ftp://example.org/a'].map((to) => ({
      name: `it redirects to ${to}`,
      fault: { kind: 'redirect', to } as const,
      code: 'FETCH_REDIRECT_REFUSED' as const,
      why: REDIRECT.replace('TO', to),
    })),
  ])('with a tarball, when $name', async ({ fault, code, why, found }) => {
    archive.mirror.addFault({ path: HONEST.tarball, fault });
    const home = await archive.home({ without: archive.honest.sources });
    const message = new RegExp(
      `^fetching netbase_\\S+\\.tar\\.xz from http:\\S+\\.tar\\.xz: ${why.replace('SIZE', String(size()))}$`,
    );
    const { context } = await expectRefused(await archive.rebuild(home), home, { status: 65, code, message });
    if (found !== undefined) expect(context).toMatchObject({ expected: size(), found });
  });

  it('with a Release file, when it never stops sending', async () => {
    archive.mirror.addFault({ path: IN_RELEASE, fault: { kind: 'endless' } });
    const home = await archive.home();
    await expectRefused(await archive.rebuild(home), home, {
      status: 65,
      code: 'FETCH_TOO_LARGE',
      message: /^fetching InRelease from http:\S+\/InRelease: more than 16777216 bytes came$/,
    });
  });

  it.each<{ what: string; path: string | RegExp; after: number | 'nothing'; name: string }>([
    { what: 'a Release file, when it says nothing at all', name: 'InRelease', path: IN_RELEASE, after: 'nothing' },
    {
      what: 'a tarball, when it falls silent in the middle',
      name: 'netbase_\\S+\\.tar\\.xz',
      path: HONEST.tarball,
      after: 1000,
    },
  ])('with $what', async ({ name, path, after }) => {
    archive.mirror.addFault({ path, fault: { kind: 'stall', after } });
    // What is right is at hand, so that nothing but the fault can take long.
    archive.mirror.addFault({ path: IN_RELEASE, fault: { kind: 'replace', bytes: archive.inRelease } });
    const home = await archive.home({ without: archive.honest.plan.source.files.map((file) => file.sha256) });
    await settle(home, IMPATIENT);
    await expectRefused(await archive.rebuild(home), home, {
      status: 69,
      code: 'FETCH_TIMEOUT',
      message: new RegExp(`^fetching ${name} from http:\\S+${name}: nothing came for 2 s$`),
    });
  });
});

describe('what a mirror does not have is not held against the package', () => {
  it('when a download breaks off once: it goes on where it stopped, to the same verdict', async () => {
    archive.mirror.addFault({ path: HONEST.tarball, fault: { kind: 'truncate', after: 1000 }, times: 1 });
    const home = await archive.home({ without: archive.honest.sources });
    const before = archive.mirror.requests.length;
    const record = recordOf(await archive.rebuild(home), 0);
    expect(record.verdict).toEqual(archive.honest.record.verdict);
    expect(record.artifacts).toEqual(archive.honest.record.artifacts);
    const asked = archive.mirror.requests.slice(before).filter(({ path }) => HONEST.tarball.test(path));
    expect(asked.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=1000-']);
    expect(await leftOnEngine(home)).toEqual([]);
  });

  it('when the .dsc alone is gone: it is put together, and the record says that no signature was checked', async () => {
    archive.mirror.addFault({ path: HONEST.dsc, fault: NOT_THERE });
    const home = await archive.home({ without: archive.honest.sources });
    const record = recordOf(await archive.rebuild(home), 0);
    expect(record.verdict).toEqual(archive.honest.record.verdict);
    expect(record.artifacts).toEqual(archive.honest.record.artifacts);
    const dsc = archive.honest.plan.source.dsc.name;
    expect(record.verified).toContainEqual({
      kind: 'signature',
      name: dsc,
      result: 'unchecked',
      signedBy: [],
      why: 'the file itself is not served',
    });
    expect(record.notes).toContain(`${dsc} is not served; it was put together from the signed Sources index`);
  });

  it('when the tarball is gone: inconclusive, with the name of the file and nothing about the package', async () => {
    archive.mirror.addFault({ path: HONEST.tarball, fault: NOT_THERE });
    const home = await archive.home({ without: archive.honest.sources });
    const record = recordOf(await archive.rebuild(home), 2);
    expect(record.verdict).toEqual({
      kind: 'inconclusive',
      reason: 'source unavailable',
      detail: `could not be had: ${archive.honest.plan.source.files[0]?.name}`,
    });
    expect([record.attempts, record.artifacts, record.differences]).toEqual([[], [], []]);
    expect(record.planDigest).toBe(undefined);
    expect(await newest(home)).toMatchObject({ state: 'recorded', verdict: 'inconclusive' });
    expect(archive.snapshot.requests.length).toBeGreaterThan(0);
    expect(await leftOnEngine(home)).toEqual([]);
  });
});

describe('a Release file past its date', () => {
  const expired = async (): Promise<string> => {
    const text = `Valid-Until: Sat, 03 Jan 2026 00:00:00 UTC\n${signedText(archive.inRelease)}`;
    archive.mirror.addFault({
      path: IN_RELEASE,
      fault: { kind: 'replace', bytes: await keys.clearSign(text, OWNER) },
    });
    return keys.keyring('owner.gpg', OWNER);
  };

  it('is refused', async () => {
    const keyring = await expired();
    const home = await archive.home();
    await expectRefused(await archive.rebuild(home, `debian:${HONEST.name}`, '--keyring', keyring), home, {
      status: 65,
      code: 'RELEASE_EXPIRED',
      message: /^reading InRelease of trixie from \S+: it was valid until 2026-01-03T00:00:00Z$/,
    });
  });

  it('is taken where that is allowed, and the record says so', async () => {
    const keyring = await expired();
    const home = await archive.home();
    const argv = [`debian:${HONEST.name}`, '--keyring', keyring, '--allow-expired-release'];
    const record = recordOf(await archive.rebuild(home, ...argv), 0);
    expect(record.verdict).toEqual(archive.honest.record.verdict);
    expect(record.verified.filter(({ kind }) => kind === 'release')).toEqual([
      expect.objectContaining({
        suite: 'trixie',
        expired: true,
        validUntil: '2026-01-03T00:00:00Z',
        signedBy: [await keys.fingerprint(OWNER)],
        keyring,
      }),
    ]);
  });
});

describe('a file of the cache that decayed on disk', () => {
  it('is fetched again, and the verdict is as it was', async () => {
    const { plan } = archive.honest;
    const tarball = plan.source.files[0]?.sha256 ?? '';
    const packages = archive.entry('main/binary-amd64/Packages').sha256;
    const home = await archive.home();
    const path = (digest: string): string => join(home.folder, 'cache', 'sha256', digest.slice(0, 2), digest);
    for (const digest of [tarball, packages]) await decay(path(digest));
    const before = archive.mirror.requests.length;
    const record = recordOf(await archive.rebuild(home), 0);
    expect(record.verdict).toEqual(archive.honest.record.verdict);
    expect(archive.mirror.requests.slice(before).filter(({ path }) => HONEST.tarball.test(path))).toHaveLength(1);
    for (const digest of [tarball, packages]) expect(sha256Of(await readFile(path(digest)))).toBe(digest);
  });
});
