import { describe, expect, it } from 'vitest';
import { useRebuildPages, words } from '../../../helpers/rebuild-pages.ts';
import { FILE, smallTree } from '../../../helpers/rebuild-rows.ts';

const { openMade } = useRebuildPages();

describe('the pages of differences', () => {
  it('show a tree with its reasons, values and lines, each node with an address', async () => {
    const { body, id } = await openMade();
    const html = await body(`/differences/${FILE}`);
    const text = words(html);
    for (const said of [
      './usr/share/doc/hello/README',
      'timestamp',
      'dates differ',
      '0644',
      '0664',
      'compared by hand',
    ])
      expect(text).toContain(said);
    expect(html).toContain(`href="/rebuilds/${id}/differences/${FILE}/1"`);
    expect(html).toMatch(/-made on 2026-01-0<mark>1<\/mark>/);
    expect(html).toMatch(/\+made on 2026-01-0<mark>2<\/mark>/);
    expect(text).toContain('not to the end');
  });

  it('stand side by side where that is asked for, and links keep to it', async () => {
    const { body } = await openMade();
    const html = await body(`/differences/${FILE}?view=split`);
    expect(html.match(/class="row"/g)).toHaveLength(3);
    expect(html).toContain(`/differences/${FILE}/1?view=split"`);
    expect(await body(`/differences/${FILE}`)).not.toContain('class="row"');
  });

  it('tell how many equal lines are left out between the lines', async () => {
    const diff = '@@ -10,1 +10,1 @@\n-a\n+b\n@@ -1000,2 +1000,2 @@\n same\n-c\n+d\n';
    const { body } = await openMade({ tree: { ...smallTree, children: [], diff } });
    const text = words(await body(`/differences/${FILE}`));
    expect(text).toContain('9 equal lines');
    expect(text).toContain('989 equal lines');
  });

  it('come in pieces that are links, whose parts are the same lines', async () => {
    const lines = Array.from({ length: 3000 }, (_, at) => ` line ${at}`);
    const diff = `@@ -1,3000 +1,3000 @@\n${lines.join('\n')}\n`;
    const { body } = await openMade({ tree: { ...smallTree, children: [], diff } });
    let html = await body(`/differences/${FILE}`);
    const seen: string[] = [];
    for (;;) {
      seen.push(...[...html.matchAll(/> (line \d+)</g)].map(([, line]) => line as string));
      const next = /href="[^"]*\?piece=(\d+)"/.exec(html)?.[1];
      if (next === undefined) break;
      html = await body(`/differences/${FILE}/0?piece=${next}&part=1`);
      expect(html).not.toContain('<html');
    }
    expect(seen).toEqual(lines.map((line) => line.trim()));
  });

  it('show lines of megabytes cut, and lead to what follows them', async () => {
    const diff = `@@ -1,2 +1,2 @@\n-${'x'.repeat(3e6)}\n+${'y'.repeat(3e6)}\n same after\n`;
    const { body } = await openMade({ tree: { ...smallTree, children: [], diff } });
    let html = await body(`/differences/${FILE}`);
    let pages = 1;
    for (; !html.includes('same after'); pages++) {
      expect(html.length).toBeLessThan(100_000);
      const next = /href="[^"]*\?piece=(\d+)"/.exec(html)?.[1];
      html = await body(`/differences/${FILE}/0?piece=${next}&part=1`);
    }
    expect(pages).toBeLessThan(6);
  });

  it('hold many members back until they are asked for', async () => {
    const children = Array.from({ length: 1000 }, (_, at) => ({ ...smallTree, path: `member ${at}`, children: [] }));
    const { body } = await openMade({ tree: { ...smallTree, children } });
    const html = await body(`/differences/${FILE}`);
    expect(html.length).toBeLessThan(200_000);
    expect(html.match(/<details class="node"/g)).toHaveLength(100);
    expect(html.match(/data-load=/g)?.length).toBeGreaterThan(50);
    expect(html).toContain('?from=100"');
    expect(words(await body(`/differences/${FILE}/0?from=990&part=1`))).toContain('member 999');
  });

  it('give the text of a worker that is not ours, by its lines', async () => {
    const { body } = await openMade({ origin: 'rebuilderd', text: `${'line\n'.repeat(600)}- old\n+ new\n` });
    expect(words(await body(`/differences/${FILE}`))).toContain('602 lines');
    expect(await body(`/differences/${FILE}?from=599`)).toMatch(/class="l o" id="L601".*class="l n" id="L602"/s);
  });
});
