import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../../model/index.ts';
import { FILE, type MadeRebuild, makeRebuild, smallTree } from '../../../helpers/rebuild-rows.ts';
import { codeOf, openServiceLab } from '../../../helpers/service-lab.ts';

async function openMade(made: MadeRebuild = {}) {
  const lab = await openServiceLab();
  const id = await makeRebuild(lab, made);
  const get = (path: string, headers: Record<string, string> = {}) =>
    lab.server.app.inject({ url: `/api/rebuilds/${id}${path}`, headers });
  return { lab, id, get };
}

describe('the API of differences', () => {
  it('lists the trees of a rebuild: of the published files, and of two rebuilds', async () => {
    const { get } = await openMade({ control: smallTree });
    expect((await get('/differences')).json().records).toMatchObject([
      { tree: FILE, between: 'published and rebuilt', form: 'tree', published: { size: 10 }, rebuilt: { size: 11 } },
      { tree: `control:${FILE}`, between: 'two rebuilds', form: 'tree' },
    ]);
  });

  it('gives a node with what is in it, and the lines of one, a part at a time', async () => {
    const { get } = await openMade({ control: smallTree });
    for (const tree of [FILE, `control:${FILE}`]) {
      const at = `/differences/${encodeURIComponent(tree)}`;
      expect((await get(`${at}?limit=1`)).json()).toMatchObject({
        node: 0,
        kind: 'deb',
        nodes: 3,
        children: 2,
        body: { notes: ['compared by hand'] },
        inside: [{ node: 1, path: './usr/share/doc/hello/README', reasons: ['timestamp'], lines: 5 }],
        next: 1,
        after: 1,
      });
      expect((await get(`${at}/0?from=1`)).json()).toMatchObject({ inside: [{ node: 2, truncated: true }] });
      expect((await get(`${at}/1`)).json()).toMatchObject({
        above: [{ node: 0 }],
        pieces: 1,
        before: 0,
        after: 2,
        body: { fields: [{ name: 'mode', left: '0644', right: '0664' }] },
      });
      const lines = await get(`${at}/1/lines`);
      expect(lines.json()).toMatchObject({ text: smallTree.children[0]?.diff, piece: 0, pieces: 1 });
      const again = await get(`${at}/1/lines`, { 'if-none-match': String(lines.headers.etag) });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    }
  });

  it('gives a picture where there is one, and nothing that is none', async () => {
    const picture = (base64: string): Difference => ({
      ...smallTree,
      children: [],
      picture: { mediaType: 'image/png', base64, alt: 'two pictures' },
    });
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';
    const { get } = await openMade({ tree: picture(png) });
    const answer = await get(`/differences/${FILE}/0/picture`);
    expect([answer.headers['content-type'], answer.rawPayload.toString('base64')]).toEqual(['image/png', png]);
    const other = await openMade({ tree: picture(Buffer.from('<svg/>').toString('base64')) });
    expect(codeOf(await other.get(`/differences/${FILE}/0/picture`))).toBe('RESOURCE_UNKNOWN');
  });

  it('gives the text of a foreign worker by its lines', async () => {
    const { get } = await openMade({ origin: 'rebuilderd', text: '--- a\n+++ b\n│ -x\n│ +y\u202e\n' });
    expect((await get('/differences')).json().records).toMatchObject([{ tree: FILE, form: 'text' }]);
    expect((await get(`/differences/${FILE}/text?from=2&limit=3`)).json()).toEqual({
      lines: [
        { line: 2, text: '+++ b' },
        { line: 3, text: '│ -x' },
        { line: 4, text: String.raw`│ +y\u{202e}` },
      ],
      total: 4,
    });
    expect(codeOf(await get(`/differences/${FILE}/0`))).toBe('RESOURCE_UNKNOWN');
  });

  it('refuses what is not there, and what is no place', async () => {
    const { get, lab, id } = await openMade();
    for (const path of [
      '/differences/other.deb',
      `/differences/${FILE}/3`,
      `/differences/${FILE}/1/lines?piece=1`,
      `/differences/${FILE}/0/lines`,
      `/differences/${FILE}/0/picture`,
      `/differences/${FILE}/text`,
      '/log/lines?build=control',
    ])
      expect([path, codeOf(await get(path))]).toEqual([path, 'RESOURCE_UNKNOWN']);
    for (const path of [
      `/differences/${FILE}/-1`,
      `/differences/${FILE}/x/lines`,
      `/differences/${FILE}/1e99`,
      `/differences/${FILE}/0?limit=0`,
      `/differences/${FILE}/0?limit=1001`,
      '/log/lines?from=0',
      '/log/search',
      `/log/search?text=${'x'.repeat(201)}`,
    ])
      expect([path, codeOf(await get(path))]).toEqual([path, 'REQUEST_INVALID']);
    expect(codeOf(await lab.server.app.inject({ url: `/api/rebuilds/${id + 1}/differences` }))).toBe(
      'RESOURCE_UNKNOWN',
    );
  });

  it('tells of a rebuild whose blobs are damaged as far as it can', async () => {
    const { get } = await openMade({ tree: { path: 5, children: [] } as never, record: { attempts: 'none' as never } });
    expect((await get('/differences')).json().records).toHaveLength(1);
    expect(codeOf(await get(`/differences/${FILE}/0`))).toBe('RESOURCE_UNKNOWN');
    expect((await get('')).statusCode).toBe(200);
  });
});

describe('a node that is none', () => {
  it('is told as unreadable when it is asked for, and its neighbours are not', async () => {
    const [first, ...rest] = smallTree.children;
    const { get } = await openMade({ tree: { ...smallTree, children: [{ ...first, fields: [5] } as never, ...rest] } });
    expect(codeOf(await get(`/differences/${FILE}/1`))).toBe('RESOURCE_UNKNOWN');
    expect((await get(`/differences/${FILE}/2`)).statusCode).toBe(200);
  });
});

describe('the API of logs', () => {
  it('gives lines, the outline, and lines that hold some words', async () => {
    const { get } = await openMade();
    expect((await get('/log/lines?from=3&limit=1')).json()).toEqual({
      lines: [{ line: 3, text: 'error: no' }],
      next: 4,
      total: 4,
    });
    expect((await get('/log/outline')).json()).toMatchObject({
      lines: 4,
      sections: [
        { line: 1, title: 'debian/rules build', kind: 'step' },
        { line: 2, title: 'dh_auto_build', kind: 'command' },
      ],
      errors: [{ line: 3, text: 'error: no' }],
    });
    expect((await get('/log/search?text=LAST')).json()).toEqual({ matches: [{ line: 4, text: 'last line' }] });
  });
});
