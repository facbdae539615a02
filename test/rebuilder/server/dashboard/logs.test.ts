import { describe, expect, it } from 'vitest';
import { expectInert, useRebuildPages, words } from '../../../helpers/rebuild-pages.ts';

const { lab, openMade } = useRebuildPages();
const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)>\u001b[31m\u202e\u0007';

describe('the pages of logs', () => {
  it('show lines with addresses, by the parts of the log, and those that look like errors', async () => {
    const { body } = await openMade();
    const html = await body('/log');
    expect(html).toContain(
      '<div class="l e" id="L3"><a href="#L3" aria-label="line 3">3</a><span>error: no</span></div>',
    );
    expect(html).toMatch(/<summary>dh_auto_build <span>3 lines<\/span><\/summary>/);
    expect(words(html)).toContain('Lines that look like errors: 1');
  });

  it('come by pages, and any line can be gone to', async () => {
    const log = Array.from({ length: 5000 }, (_, at) => `row ${at + 1}`).join('\n');
    const { body } = await openMade({ log });
    const first = await body('/log');
    expect([first.includes('>row 400<'), first.includes('>row 401<')]).toEqual([true, false]);
    expect(first).toMatch(/href="\/rebuilds\/\d+\/log\?from=401"/);
    const html = await body('/log?line=3000-3002');
    expect(html.match(/class="l at" id="L300[012]"/g)).toHaveLength(3);
    expect(html).toContain('>row 2990<');
    const part = await body('/log?from=401&part=1');
    expect([part.startsWith('<div data-part'), part.includes('>row 401<')]).toEqual([true, true]);
  });

  it('find words, and lead to their lines', async () => {
    const { body, id } = await openMade();
    const html = await body('/log?search=last');
    expect(html).toContain(`href="/rebuilds/${id}/log?line=4#L4"`);
    expect(words(await body('/log?search=nowhere'))).toContain('There is none.');
  });

  it('refuse what is no line', async () => {
    const { get } = await openMade();
    for (const query of ['from=0', 'line=x', 'line=1-', 'build=other', 'part=2', 'other=1'])
      expect([query, (await get(`/log?${query}`)).statusCode]).toEqual([query, 400]);
  });

  it('cut lines of ten megabytes with a note', async () => {
    const { body } = await openMade({ log: `before\n${'x'.repeat(10 * 1024 ** 2)}\nafter\n` });
    const html = await body('/log');
    expect(html.length).toBeLessThan(30_000);
    expect(words(html)).toMatch(/about 10,4\d\d,\d\d\d characters more in this line/);
    expect(html).toContain('>after<');
  });

  it('show a running build, and lead from it to its result', async () => {
    const { input } = await openMade();
    const job = async (path: string) => lab().server.app.inject({ url: path, headers: { accept: 'text/html' } });
    await lab().store.jobs.ask({ buildInputId: input }, { kind: 'manual' });
    const [waiting] = (await lab().store.jobs.jobs({}, {})).records;
    expect(words((await job(`/jobs/${waiting?.id}`)).body)).toContain('waits to be built for amd64');
    const worker = await lab().store.access.registerWorker({
      name: 'w',
      key: 'k'.repeat(43),
      kind: 'reproof',
      capabilities: { architectures: ['*'] },
    });
    const leased = await lab().store.jobs.claim({ id: worker.id, capabilities: { architectures: ['*'] } }, 60);
    const id = leased?.job.id ?? 0;
    const log = await lab().liveLogs.begin(id);
    await log.write(Buffer.from(`first\n${HOSTILE}\nlast`));
    const page = await job(`/jobs/${id}`);
    expectInert(page.body);
    expect(page.body).toMatch(new RegExp(`data-follow="/api/queue/${id}/log\\?from=\\d+"`));
    expect(words(page.body)).toContain('first </script><script>alert(1)');
    await log.end();
    const recorded = await lab().store.results.record(
      { jobId: id, lease: leased?.lease ?? 0 },
      {
        origin: 'ours',
        startedAt: '2026-01-01T00:00:00.000Z',
        builtAt: '2026-01-01T00:00:00.000Z',
        status: 'GOOD',
        verdict: 'reproducible',
        decides: true,
        artifacts: [],
      },
      { baseHours: 1, limits: {} },
    );
    const ended = await job(`/jobs/${id}`);
    expect([ended.statusCode, ended.headers.location]).toEqual([
      303,
      `/rebuilds/${recorded.kind === 'recorded' ? recorded.id : 0}`,
    ]);
    expect((await job('/jobs/99999')).statusCode).toBe(404);
  });
});
