import { describe, expect, it } from 'vitest';
import { serviceRows } from '../../helpers/service-data.ts';
import { type LabOptions, openServiceLab } from '../../helpers/service-lab.ts';
import { type Element, parseXml } from '../../helpers/well-formed.ts';

const HOSTILE = `a"b'<script>&]]>\u0000\u0007\ud800`;

async function openFeeds(server: LabOptions['server'] = {}) {
  const lab = await openServiceLab({ server });
  const rows = serviceRows(lab.database);
  const get = async (url: string, headers = {}) => lab.server.app.inject({ url, headers });
  return { ...lab, rows, get };
}

function entriesOf(feed: Element): readonly Record<string, string>[] {
  return feed.children
    .filter(({ name }) => name === 'entry')
    .map(({ children }) =>
      Object.fromEntries(children.map(({ name, text, attributes }) => [name, attributes.href ?? text])),
    );
}

describe('feeds', () => {
  it('are Atom of what was decided, newest first, under ids that stay', async () => {
    const { rows, get } = await openFeeds({ publicUrl: 'https://rebuilds.example.org/amd64', basePath: '/amd64' });
    const input = await rows.input({});
    const first = await rows.result({ build_input_id: input });
    await rows.result({ build_input_id: input, status: 'FAIL', verdict: 'inconclusive', decides: 0, change: null });
    const last = await rows.result({
      build_input_id: input,
      status: 'BAD',
      verdict: 'unreproducible',
      change: 'regression',
    });
    const answer = await get('/amd64/api/feeds/verdicts.atom', { host: 'evil.example.org' });
    expect(answer.headers['content-type']).toBe('application/atom+xml; charset=utf-8');
    const feed = parseXml(answer.body);
    expect(feed).toMatchObject({ name: 'feed', attributes: { xmlns: 'http://www.w3.org/2005/Atom' } });
    expect(feed.children.map(({ name }) => name).slice(0, 5)).toEqual(['id', 'title', 'updated', 'author', 'link']);
    expect(entriesOf(feed)).toMatchObject([
      {
        id: `tag:rebuilds.example.org,2026:rebuild/${last}`,
        title: 'unreproducible: hello 2.10-5 (debian/trixie, amd64)',
        link: `https://rebuilds.example.org/amd64/rebuilds/${last}`,
      },
      { id: `tag:rebuilds.example.org,2026:rebuild/${first}` },
    ]);
    expect(answer.body).not.toContain('evil');
    const regressions = entriesOf(parseXml((await get('/amd64/api/feeds/regressions.atom')).body));
    expect(regressions.map(({ id }) => id)).toEqual([`tag:rebuilds.example.org,2026:rebuild/${last}`]);
    const filtered = entriesOf(parseXml((await get('/amd64/api/feeds/verdicts.atom?status=GOOD')).body));
    expect(filtered).toHaveLength(1);
  });

  it('stay XML whatever a package is called', async () => {
    const { rows, get } = await openFeeds();
    const input = await rows.input({ source: HOSTILE, version: HOSTILE });
    await rows.result({ build_input_id: input, reason: HOSTILE });
    const answer = await get('/api/feeds/verdicts.atom', { host: 'x"><script>' });
    const [entry] = entriesOf(parseXml(answer.body));
    expect(entry?.summary).toContain(`a"b'<script>&]]>`);
    expect(answer.body).not.toMatch(/[\u0000-\u0008]/);
  });
});

describe('badges', () => {
  it.each([
    ['GOOD', 'reproducible'],
    ['BAD', 'unreproducible'],
    ['FAIL', 'not known'],
    [null, 'not tried'],
  ])('of %s say %s', async (status, words) => {
    const { rows, get } = await openFeeds();
    const source = await rows.source({});
    const input = await rows.input({ status });
    await rows.binary({ source_package_id: source, build_input_id: input, status });
    const answer = await get('/api/badge/debian/trixie/hello.svg');
    expect(answer.headers['content-type']).toMatch(/^image\/svg\+xml/);
    expect(parseXml(answer.body)).toMatchObject({ name: 'svg', attributes: { 'aria-label': `hello: ${words}` } });
  });

  it('stay a picture whatever they are asked of', async () => {
    const { get } = await openFeeds();
    const answer = await get(`/api/badge/debian/-/${encodeURIComponent(`<script>"'&x`)}.svg`);
    expect(parseXml(answer.body).attributes['aria-label']).toBe(`<script>"'&x: not tried`);
    expect(answer.body).not.toContain('<script');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });
});

describe('metrics', () => {
  it('are text that Prometheus reads, with the names that others know', async () => {
    const { rows, store, get, clock } = await openFeeds();
    const input = await rows.input({ status: 'BAD' });
    const source = await rows.source({});
    await rows.binary({ source_package_id: source, build_input_id: input, status: 'BAD' });
    await store.jobs.ask({ name: 'hello' }, { kind: 'manual' });
    const capabilities = { architectures: ['amd64'] };
    await store.access.registerWorker({ name: 'w', key: 'k', kind: 'reproof', capabilities });
    await store.packages.noteSync('main', { kind: 'started', distribution: 'debian' });
    await store.packages.noteSync('main', { kind: 'failed', error: 'no network' });
    clock.pass(60);
    await get('/api/targets');
    await get('/nowhere');
    const answer = await get('/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const samples = new Map<string, number>();
    for (const line of answer.body.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
      const [, name, value] = /^([a-z_]+(?:\{(?:[a-z_]+="[^"]*",?)*\})?) (\S+)$/.exec(line) ?? [];
      expect([line, name]).toEqual([line, expect.any(String)]);
      expect(Number.isFinite(Number(value))).toBe(true);
      samples.set(name!, Number(value));
    }
    expect(samples.get('rebuilderd_queue_length')).toBe(1);
    expect(samples.get('rebuilderd_workers')).toBe(1);
    expect(samples.get('reproof_jobs{state="available"}')).toBe(1);
    expect(samples.get('reproof_sync_failed{profile="main"}')).toBe(1);
    expect(
      samples.get('reproof_packages{distribution="debian",release="trixie",architecture="amd64",status="bad"}'),
    ).toBe(1);
    const count = (route: string, status: string) =>
      samples.get(`reproof_http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"}`);
    expect([count('/api/targets', '2xx'), count('none', '4xx')]).toEqual([1, 1]);
  });

  it('do not grow with what clients ask for', async () => {
    const { get } = await openFeeds();
    for (let index = 0; index < 20; index++) await get(`/nowhere/${index}`);
    const first = (await get('/metrics')).body.split('\n').length;
    for (let index = 0; index < 20; index++) await get(`/elsewhere/${index}`);
    await get('/metrics');
    const second = (await get('/metrics')).body.split('\n').length;
    for (let index = 0; index < 20; index++) await get(`/there/${index}`);
    expect((await get('/metrics')).body.split('\n').length).toBe(second);
    expect(second).toBeGreaterThanOrEqual(first);
  });
});
