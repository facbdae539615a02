import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RebuildRecord } from '../../model/index.ts';
import { labOptions } from '../helpers/engine-lab.ts';
import { startServer } from '../helpers/faulty-server.ts';
import { type CliResult, runCli } from '../helpers/run-cli.ts';
import { makeSourcePackage } from '../helpers/source-package.ts';

let home = '';

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'reproof-targets-'));
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

/** Runs `reproof rebuild` on the real archive, with the lab's folders. */
function rebuild(...argv: readonly string[]): Promise<CliResult> {
  const { dataFolder, cacheFolder } = labOptions();
  return runCli(home, ['rebuild', ...argv, '--quiet', '--data', dataFolder, '--cache', cacheFolder]);
}

async function record(...argv: readonly string[]): Promise<RebuildRecord> {
  const { stdout, stderr } = await rebuild(...argv, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as RebuildRecord;
}

describe('what a rebuild may be asked of', () => {
  it('a binary’s name, which stands for its source, in a version of either, also as a purl', async () => {
    const byName = await record('debian:libcjson1', '--suite', 'trixie');
    expect(byName).toMatchObject({
      target: { source: 'cjson', suite: 'trixie' },
      basis: 'inferred',
      verdict: { kind: 'reproducible' },
      notes: expect.arrayContaining(['libcjson1 is a binary package of the source cjson']),
    });
    const version = byName.target?.version ?? '';
    const purl = `pkg:deb/debian/libcjson1@${encodeURIComponent(version)}?arch=amd64&distro=trixie`;
    for (const target of [`debian:cjson=${version}`, purl]) {
      const again = await record(target, '--suite', 'trixie', '--only', 'libcjson1');
      expect(again).toMatchObject({ target: byName.target, only: ['libcjson1'], verdict: { kind: 'reproducible' } });
      expect(again.artifacts).toEqual(byName.artifacts.filter(({ name }) => name.startsWith('libcjson1_')));
    }
  });

  it('a .dsc by address, its files beside it', async () => {
    const binary = 'echo hello > debian/tmp/usr/share/by-address/hello';
    const source = await makeSourcePackage({ name: 'by-address', folder: home, binary });
    const server = await startServer({ folder: home });
    try {
      const made = await record(`${server.url}/by-address_1.0.dsc`, '--suite', 'trixie');
      expect(made).toMatchObject({
        target: { source: 'by-address', version: '1.0', suite: 'trixie' },
        basis: 'inferred',
        verdict: { kind: 'inconclusive' },
        notes: expect.arrayContaining(['trixie holds no binaries of by-address 1.0 for amd64']),
      });
      expect(made.attempts.map((attempt) => attempt.outcome.kind)).toEqual(['built', 'built']);
      expect(server.requests.map((request) => request.path)).toEqual([
        '/by-address_1.0.dsc',
        `/${source.tarball.name}`,
      ]);
    } finally {
      await server.close();
    }
  });
});

describe('what a rebuild cannot be asked of, said in one line', () => {
  it.each([
    [
      'a name that is near others',
      ['debian:lesss', '--suite', 'trixie'],
      /looking for lesss in trixie \(main\): did you mean .*less/,
    ],
    ['a name like no other', ['debian:qqqqqzzzzzqqqqq', '--suite', 'trixie'], /no name there is like it/],
    ['a version there is not', ['debian:less=1-1', '--suite', 'trixie'], /looking for less 1-1: trixie has \S+/],
    [
      'a binary that the source does not build',
      ['debian:less', '--suite', 'trixie', '--only', 'lesss'],
      /--only lesss: .*there is less/,
    ],
    [
      'a suite there is not',
      ['debian:less', '--suite', 'nonesuch'],
      /looking for suite nonesuch: the mirror has none of that name/,
    ],
    ['a suite that cannot be one', ['debian:less', '--suite', '../trixie'], /it is not the name of a suite/],
    ['no ecosystem', ['less'], /did you mean debian:less\?/],
    ['a purl of another ecosystem', ['pkg:npm/less@4'], /only purls that begin with pkg:deb\/debian\//],
    ['two suites', ['pkg:deb/debian/less?distro=trixie', '--suite', 'sid'], /it says trixie, but --suite says sid/],
    ['a machine that cannot be one', ['debian:less', '--arch', 'AMD 64'], /it is not an architecture/],
  ])('%s', async (_what, argv, why) => {
    const { status, stdout, stderr } = await rebuild(...argv);
    expect(stderr.split('\n')[0]).toMatch(why);
    expect(stdout).toBe('');
    expect(status).toBe(64);
  });

  it('another machine than the engine’s', async () => {
    const { status, stderr } = await rebuild('debian:less', '--suite', 'trixie', '--arch', 's390x');
    expect(stderr).toMatch(/^reproof: planning a build for s390x: this engine's machine is \S+; name an engine/);
    expect(status).toBe(65);
  });
});
