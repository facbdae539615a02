import { describe, expect, it } from 'vitest';
import { openDashboardLab } from '../../../helpers/dashboard-lab.ts';
import { fillPackages } from '../../../helpers/packages-to-read.ts';
import { serviceRows } from '../../../helpers/service-data.ts';
import type { LabOptions } from '../../../helpers/service-lab.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const PAGES = [
  '/',
  '/packages',
  '/packages?name=h&verdict=not-reproduced',
  '/packages/debian/trixie/hello',
  '/reading',
];

async function openFilled(options: LabOptions = {}) {
  const lab = await openDashboardLab(options);
  const rows = serviceRows(lab.database);
  await fillPackages(rows);
  const get = (url: string, headers: Record<string, string> = BROWSER) => lab.server.app.inject({ url, headers });
  return { ...lab, rows, get };
}

describe('every page', () => {
  it('may do nothing but what comes from this host, and holds no script or style of its own', async () => {
    const { get } = await openFilled();
    for (const url of PAGES) {
      const answer = await get(url);
      expect([url, answer.statusCode]).toEqual([url, 200]);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(answer.body.match(/<style|<script(?![^>]* src="\/)|\son[a-z]+="|\sstyle=|javascript:/i)).toBeNull();
    }
  });

  it('is known again by its ETag, and packed where that is asked for', async () => {
    const { get } = await openFilled();
    for (const url of PAGES) {
      const { headers } = await get(url);
      expect(headers.etag).toMatch(/^"[\w-]{27}"$/);
      const again = await get(url, { ...BROWSER, 'if-none-match': String(headers.etag) });
      expect([url, again.statusCode, again.body]).toEqual([url, 304, '']);
      const packed = await get(url, { ...BROWSER, 'accept-encoding': 'gzip' });
      expect(packed.headers['content-encoding']).toBe('gzip');
    }
  });

  it('stays below its base path', async () => {
    const { get } = await openFilled({ server: { basePath: '/amd64' } });
    for (const url of PAGES) {
      const { body, statusCode } = await get(`/amd64${url === '/' ? '' : url}`);
      expect([url, statusCode]).toEqual([url, 200]);
      const addresses = [...body.matchAll(/\s(?:href|src|action)="([^"]*)"/g)].map(([, to = '']) => to);
      expect(addresses.length).toBeGreaterThan(5);
      expect(addresses.filter((to) => !to.startsWith('/amd64/') && !to.startsWith('#'))).toEqual([]);
    }
  });
});

describe('packages with hostile names', () => {
  it('are looked for, shown and left again, and run nothing', async () => {
    const hostile = `"'><script>alert(1)</script>\u202e\u001b[2J=1+1`;
    const { get, rows, logged } = await openFilled();
    const source = await rows.source({ name: hostile, version: hostile, maintainer: hostile, release: hostile });
    const place = { source: hostile, version: hostile, release: hostile, architecture: hostile };
    const judged = { status: 'BAD', verdict: 'unreproducible', reason: hostile };
    const input = await rows.input({ ...place, ...judged, decided_at: '2026-01-01T00:00:00.000Z' });
    const result = await rows.result({ ...judged, build_input_id: input, change: 'regression', detail: hostile });
    const file = { name: hostile, version: hostile, architecture: hostile };
    await rows.binary({ ...file, status: 'BAD', source_package_id: source, build_input_id: input, result_id: result });
    const at = encodeURIComponent(hostile);
    const urls = [
      '/',
      `/packages?name=${at}`,
      `/packages?maintainer=${at}`,
      `/packages?release=${at}&architecture=${at}&reason=${at}`,
      `/packages/debian/${at}/${at}`,
    ];
    for (const url of urls) {
      const { body, statusCode } = await get(url);
      expect([url, statusCode]).toEqual([url, 200]);
      expect(body).toContain('&lt;script>alert(1)');
      const shown = body.replaceAll(/ value="[^"]*"/g, '');
      expect(shown.search(/<script>|\u202e|\u001b/)).toBe(-1);
      expect(body).toContain('\\u202e');
    }
    expect(logged).toEqual([]);
  });
});

describe('links of the pages', () => {
  it('lead to what is there', async () => {
    const { get } = await openFilled();
    const seen = new Set<string>();
    for (const page of PAGES)
      for (const [, to = ''] of (await get(page)).body.matchAll(/\shref="([^"#]+)[^"]*"/g))
        seen.add(to.replaceAll('&amp;', '&'));
    // Pages of others, which are registered beside these.
    const ours = [...seen].filter((to) => !/^\/(?:hash|host|operator|rebuilds\/\d+(?:\/log)?)$/.test(to));
    expect(ours.length).toBeGreaterThan(20);
    const wrong: string[] = [];
    for (const to of ours) {
      const { statusCode } = await get(to);
      if (statusCode !== 200) wrong.push(`${statusCode} ${to}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('what fails', () => {
  it('is a page for who asks for HTML, and JSON for programs and in the API', async () => {
    const { get } = await openFilled();
    const page = await get('/nothing');
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.headers).toMatchObject({ 'content-security-policy': POLICY, 'cache-control': 'no-store' });
    expect(page.body).toContain('<h1>There is nothing here</h1>');
    for (const [url, headers] of [
      ['/nothing', {}],
      ['/nothing', { accept: '*/*' }],
      ['/api/rebuilds/9', BROWSER],
    ] as const) {
      const answer = await get(url, headers);
      expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'RESOURCE_UNKNOWN']);
    }
  });

  it('is refused in words, and logged as no fault of ours', async () => {
    const { get, logged } = await openFilled();
    const wrong = {
      '/packages?cause=magic': 400,
      '/packages?unknown=1': 400,
      '/packages?cursor=MQ': 400,
      [`/packages?name=${'a'.repeat(201)}`]: 400,
      '/packages/debian/trixie/not-there': 404,
      '/packages/debian/not-there/hello': 404,
      '/assets/..%2Fpackage.json': 404,
      '/assets/reproof.css': 404,
    };
    for (const [url, status] of Object.entries(wrong)) {
      const answer = await get(url);
      expect([url, answer.statusCode]).toEqual([url, status]);
      expect(answer.body.slice(0, 15)).toBe('<!doctype html>');
    }
    expect(logged).toEqual([]);
  });

  it('asks for a token where reading is not public', async () => {
    const { get, bearer } = await openFilled({ server: { publicReading: false } });
    for (const page of PAGES) expect((await get(page)).statusCode).toBe(401);
    expect((await get('/', { ...BROWSER, ...(await bearer('reader')) })).statusCode).toBe(200);
    expect((await get('/')).headers['cache-control']).toBe('no-store');
  });
});
