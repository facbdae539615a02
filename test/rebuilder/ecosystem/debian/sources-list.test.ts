import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveOf, mirrorsFor, mirrorsFrom } from '../../../../rebuilder/ecosystem/debian/mirrors.ts';
import { readAptSources } from '../../../../rebuilder/ecosystem/debian/sources-list.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-apt-'));
  await mkdir(join(folder, 'sources.list.d'));
});
afterEach(() => rm(folder, { recursive: true }));

function write(name: string, text: string): Promise<void> {
  return writeFile(join(folder, name), text);
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

describe("reading apt's sources", () => {
  it('reads lines of deb and deb-src, with options and comments', async () => {
    await write(
      'sources.list',
      `# deb http://commented.example.org/debian trixie main
deb [ arch=amd64 signed-by=${KEYRING} ] http://deb.example.org/debian/ trixie main contrib # the archive
deb-src\thttps://deb.example.org/debian  trixie-updates   main
deb [signed-by=AAAA] https://example.org/flat ./
`,
    );
    expect(await readAptSources(folder)).toEqual({
      sources: [
        {
          baseUrl: 'http://deb.example.org/debian',
          suites: ['trixie'],
          components: ['main', 'contrib'],
          signedBy: KEYRING,
        },
        { baseUrl: 'https://deb.example.org/debian', suites: ['trixie-updates'], components: ['main'] },
        { baseUrl: 'https://example.org/flat', suites: ['./'], components: [] },
      ],
      notes: [],
    });
  });

  it('reads paragraphs with several addresses and suites, and leaves out the disabled', async () => {
    await write(
      'sources.list.d/debian.sources',
      `Types: deb deb-src
# a comment
URIs: http://deb.example.org/debian
 http://example.org/debian
Suites: trixie trixie-updates
Components: main
Signed-By: ${KEYRING}

Types: deb
Enabled: No
URIs: http://disabled.example.org/debian
Suites: trixie
Components: main

Types: deb
URIs: http://deb.example.org/debian-security
Suites: trixie-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
`,
    );
    const shared = { suites: ['trixie', 'trixie-updates'], components: ['main'], signedBy: KEYRING };
    expect(await readAptSources(folder)).toEqual({
      sources: [
        { baseUrl: 'http://deb.example.org/debian', ...shared },
        { baseUrl: 'http://example.org/debian', ...shared },
        { baseUrl: 'http://deb.example.org/debian-security', suites: ['trixie-security'], components: ['main'] },
      ],
      notes: [],
    });
  });

  it('notes what it cannot use and goes on', async () => {
    await write('sources.list', 'deb cdrom:[Debian 13 _Trixie_]/ trixie main\ndeb http:///x trixie main\nnonsense\n');
    await write('sources.list.d/a.sources', 'URIs: mirror+file:/etc/apt/m copy:/repo\nSuites: trixie\n');
    await write('sources.list.d/b.sources', 'URIs: x\nURIs: y\n');
    await write('sources.list.d/c.list', 'deb http://example.org/debian trixie main');
    await write('sources.list.d/c.list.save', 'deb http://saved.example.org/debian trixie main');
    const { sources, notes } = await readAptSources(folder);
    expect(sources.map(({ baseUrl }) => baseUrl)).toEqual(['http://example.org/debian']);
    expect(notes.map((note) => note.split(':')[0])).toEqual([
      'sources.list line 1',
      'sources.list line 2',
      'sources.list line 3',
      'sources.list.d/a.sources line 1',
      'sources.list.d/a.sources line 1',
      'sources.list.d/b.sources',
    ]);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await readAptSources(join(folder, 'absent'))).toEqual({ sources: [], notes: [] });
  });
});

describe('telling which sources are Debian’s', () => {
  const main = ['main'];

  it('goes by the path first, then by keyring and suites', () => {
    expect(
      mirrorsFrom([
        { baseUrl: 'http://example.org/a', suites: ['trixie'], components: main },
        { baseUrl: 'http://example.org/b', suites: ['sid'], components: main, signedBy: KEYRING },
        { baseUrl: 'http://example.org/debian', suites: ['trixie', 'trixie-updates'], components: main },
        { baseUrl: 'http://example.org/2/debian', suites: ['trixie'], components: main },
        { baseUrl: 'http://example.org/secure', suites: ['trixie-security'], components: main, signedBy: KEYRING },
        { baseUrl: 'http://example.org/debian-debug', suites: ['trixie-debug'], components: main },
      ]),
    ).toEqual({
      debian: 'http://example.org/debian',
      'debian-security': 'http://example.org/secure',
      'debian-debug': 'http://example.org/debian-debug',
    });
  });

  it.each([
    [
      'another component',
      { baseUrl: 'https://example.com/linux/debian', suites: ['bookworm'], components: ['stable'] },
    ],
    ['another suite', { baseUrl: 'https://example.com/debian', suites: ['nodistro'], components: main }],
    ['another keyring', { baseUrl: 'https://example.com/x', suites: ['trixie'], components: main, signedBy: '/k.gpg' }],
    ['no suite', { baseUrl: 'https://example.com/debian', suites: [], components: main }],
  ])('passes over a source with %s', (_what, source) => {
    expect(mirrorsFrom([source])).toEqual({
      debian: undefined,
      'debian-security': undefined,
      'debian-debug': undefined,
    });
  });

  it('does not take the security archive for the archive', () => {
    const source = { baseUrl: 'http://example.org/debian-security', suites: ['trixie-security'], components: main };
    expect(mirrorsFrom([source])).toMatchObject({ debian: undefined, 'debian-security': source.baseUrl });
  });

  it('knows the archive of a suite', () => {
    expect(['trixie', 'trixie-security', 'sid-debug', 'trixie-updates'].map(archiveOf)).toEqual([
      'debian',
      'debian-security',
      'debian-debug',
      'debian',
    ]);
  });
});

describe('choosing mirrors', () => {
  const base = { snapshotBase: 'https://snapshot.debian.org', now: new Date('2026-11-22T01:02:03.456Z') };

  it('takes the given one, and its siblings', async () => {
    await write('sources.list', 'deb http://example.org/debian trixie main');
    expect(await mirrorsFor({ ...base, aptFolder: folder, mirror: 'http://deb.example.org/debian/' })).toMatchObject({
      origin: 'given',
      mirrors: { debian: 'http://deb.example.org/debian', 'debian-security': 'http://deb.example.org/debian-security' },
    });
    expect((await mirrorsFor({ ...base, aptFolder: folder, mirror: 'http://example.org/d' })).mirrors).toEqual({
      debian: 'http://example.org/d',
      'debian-security': undefined,
      'debian-debug': undefined,
    });
  });

  it.each(['ftp://example.org/debian', 'example.org', 'http://', 'http://example.org/debian?x'])(
    'refuses %s',
    async (mirror) => {
      await expect(mirrorsFor({ ...base, aptFolder: folder, mirror })).rejects.toMatchObject({
        code: 'SETTINGS_INVALID',
      });
    },
  );

  it("takes apt's when none is given", async () => {
    await write('sources.list', 'deb http://example.org/debian trixie main');
    expect(await mirrorsFor({ ...base, aptFolder: folder })).toMatchObject({
      origin: 'apt',
      mirrors: { debian: 'http://example.org/debian', 'debian-security': undefined },
    });
  });

  it('takes the snapshot of the given moment when apt has none of Debian’s', async () => {
    expect(await mirrorsFor({ ...base, aptFolder: folder })).toEqual({
      origin: 'snapshot',
      notes: [],
      mirrors: {
        debian: 'https://snapshot.debian.org/archive/debian/20261122T010203Z',
        'debian-security': 'https://snapshot.debian.org/archive/debian-security/20261122T010203Z',
        'debian-debug': 'https://snapshot.debian.org/archive/debian-debug/20261122T010203Z',
      },
    });
  });
});
