import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../../model/index.ts';
import { openDashboard, type RouteGroup } from '../../../../rebuilder/server/index.ts';
import { storedJson } from '../../../../rebuilder/store/stored-json.ts';
import { expectInert, useRebuildPages, words } from '../../../helpers/rebuild-pages.ts';
import { FILE, smallTree } from '../../../helpers/rebuild-rows.ts';
import { startServiceLab } from '../../../helpers/service-lab.ts';
import { driftedRecord, failedRecord, hostileRecord } from '../../cli/report/records.ts';

const { lab, openMade } = useRebuildPages();
const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)>\u001b[31m\u202e\u0007';

describe('the page of a rebuild', () => {
  it('says the verdict, why, and what became of each file, with both digests', async () => {
    const { body } = await openMade();
    const text = words(await body(''));
    for (const said of ['unreproducible', 'nondeterministic', 'Two rebuilds gave different files.', FILE, 'differs'])
      expect(text).toContain(said);
    const html = await body('');
    for (const digest of ['a'.repeat(64), 'b'.repeat(64)]) expect(html).toContain(`href="/hash/${digest}"`);
    expect(html).toContain(`/differences/${FILE}"`);
  });

  it('says what was asked and verified, in what environment, and how each build ended', async () => {
    const { body } = await openMade({ record: driftedRecord });
    const text = words(await body(''));
    for (const said of [
      'Release file of debian trixie',
      'past its date, which was allowed',
      '4CB50190207B4758A3F73A796ED0E7B82643E131',
      'Signature of less_668-1.dsc : not checked: no keyring of uploaders given',
      'time zone: Etc/GMT-14',
      '3 h 7 min',
      'The name less was taken for its source package.',
      'No .buildinfo was to be had',
    ])
      expect(text).toContain(said);
    expect(words(await (await openMade({ record: failedRecord })).body(''))).toContain(
      'Failed: the build phase ended with status 2',
    );
  });

  it('gives the command that repeats it, and commands of others that check what can be taken away', async () => {
    const { body, id } = await openMade();
    const text = words(await body(''));
    expect(text).toContain('reproof rebuild debian:hello=2.10-5 --suite trixie --arch amd64');
    expect(text).toMatch(new RegExp(`curl -sS http://localhost:80/api/rebuilds/${id}/record -o record.json`));
    expect(text).toMatch(/echo '[0-9a-f]{64} record\.json' \| sha256sum -c/);
  });

  it('names what is signed of it where the service gives that, and nothing where it does not', async () => {
    const { id } = await openMade();
    const page = async (groups: readonly RouteGroup[]) => {
      const { routes } = await openDashboard();
      const other = await startServiceLab(lab().folder, {
        server: { basePath: '/amd64' },
        groups: [routes, ...groups],
      });
      const { body } = await other.server.app.inject({
        url: `/amd64/rebuilds/${id}`,
        headers: { accept: 'text/html' },
      });
      await other.close();
      return body;
    };
    const evidence: RouteGroup = (app) => {
      for (const path of ['statements', 'evidence']) app.get(`/api/rebuilds/:id/${path}`, async () => 'signed');
    };
    const html = await page([evidence]);
    expect(html).toContain(`href="/amd64/api/rebuilds/${id}/statements"`);
    expect(words(html)).toContain(`reproof evidence rebuild-${id}.evidence.tar --extract evidence`);
    expect(words(html)).toContain(`cosign verify-blob-attestation --bundle ${FILE}.comparison.sigstore.json`);
    expect(await page([])).not.toMatch(/cosign|statements/);
  });

  it.each([
    ['rebuilderd', 'Said by a worker of rebuilderd.'],
    ['imported', 'Imported from another rebuilder.'],
  ] as const)('marks what is not its own: %s', async (origin, said) => {
    expect(words(await (await openMade({ origin, text: 'a text\n' })).body(''))).toContain(said);
    expect(words(await (await openMade()).body(''))).not.toContain(said);
  });

  it('tells how the environment differs from the one the .buildinfo names', async () => {
    const { body } = await openMade();
    const stage = (name: string, value: unknown) => ({
      rebuild_id: '0123456789ab',
      stage: name,
      ...storedJson(value),
      started_at: '2026-01-01T00:00:00.000Z',
      wall_seconds: 1,
    });
    const named = [
      { name: 'gcc-14', version: '14.2.0-16' },
      { name: 'make', version: '4.4.1-2' },
      { name: 'gone', version: '1' },
    ];
    const locked = [
      { name: 'gcc-14', version: '14.2.0-19' },
      { name: 'make', version: '4.4.1-2' },
      { name: 'besides', version: '1' },
    ];
    const buildInfo = {
      source: 'hello',
      sourceVersion: '2.10-5',
      version: '2.10-5',
      architectures: ['amd64'],
      buildArchitecture: 'amd64',
      environment: {},
      installedBuildDepends: named,
      artifacts: [],
      text: '',
    };
    const layer = locked.map((one) => ({ ...one, architecture: 'amd64', size: 1, sha256: 'a'.repeat(64), origin: {} }));
    const lock = { suite: 'trixie', architecture: 'amd64', layers: [{ name: 'base', packages: layer, remove: [] }] };
    await lab().database.write('making a rebuild', async (db) => {
      await db
        .insertInto('rebuild')
        .values({ id: '0123456789ab', created_at: '2026-01-01T00:00:00.000Z', request: '{}' } as never)
        .execute();
      await db
        .insertInto('stage')
        .values([stage('source', { recorded: { buildInfo } }), stage('lock', lock)])
        .execute();
    });
    const text = words(await body(''));
    expect(text).toContain('1 package in the version that the .buildinfo names, and these otherwise:');
    expect(text).toContain('gcc-14 14.2.0-16 14.2.0-19');
    expect(text).toContain('gone 1 not there');
    expect(text).not.toContain('besides');
  });

  it('stands with a record that is none, and is not there for an id that is none', async () => {
    const { get } = await openMade({ record: { stages: 'none' as never } });
    expect([(await get('')).statusCode, words((await get('')).body)]).toEqual([
      200,
      expect.stringContaining('Evidence'),
    ]);
    const unknown = await lab().server.app.inject({ url: '/rebuilds/999', headers: { accept: 'text/html' } });
    expect([unknown.statusCode, words(unknown.body)]).toEqual([404, expect.stringContaining('There is nothing here')]);
  });

  it('lets nothing hostile be more than text', async () => {
    const tree: Difference = { ...smallTree, path: HOSTILE, kind: HOSTILE, detail: HOSTILE, notes: [HOSTILE] };
    const { body } = await openMade({ record: hostileRecord, tree, log: `${HOSTILE}\n` });
    for (const path of [
      '',
      '/differences',
      `/differences/${FILE}`,
      '/log',
      `/log?search=${encodeURIComponent(HOSTILE)}`,
    ])
      expectInert(await body(path));
  });

  it('need not be sent again', async () => {
    const { get } = await openMade();
    for (const path of ['', '/differences', `/differences/${FILE}`, '/log']) {
      const { headers } = await get(path);
      expect((await get(path, { 'if-none-match': String(headers.etag) })).statusCode).toBe(304);
    }
  });
});
