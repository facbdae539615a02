import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../../../model/index.ts';
import { useDashboard } from '../../../helpers/dashboard-lab.ts';
import { digestOf } from '../../../helpers/service-data.ts';

const dashboard = useDashboard();
const get = async (url: string) => dashboard().server.app.inject({ url, headers: { accept: 'text/html' } });
const post = async (url: string, fields: Record<string, string>) =>
  dashboard().server.app.inject({
    method: 'POST',
    url,
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  });

describe('by hash', () => {
  it.each([
    ['the digits', (hash: string) => hash],
    ['capitals', (hash: string) => hash.toUpperCase()],
    ['what sha256sum prints', (hash: string) => `${hash}  hello_2.10-5_amd64.deb`],
    ['the name of the algorithm before it', (hash: string) => `sha256:${hash}`],
  ])('takes %s, and leads to the address of the bytes', async (_what, write) => {
    const hash = digestOf('a');
    const answer = await get(`/hash?sha256=${encodeURIComponent(write(hash))}`);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `/hash/${hash}`]);
  });

  it('shows again what is no hash, and says so', async () => {
    const answer = await get('/hash?sha256=%22%3E%3Cscript%3Ealert(1)%3C/script%3E');
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('value="&quot;>&lt;script>alert(1)&lt;/script>"');
    expect(answer.body).toContain('aria-invalid="true"');
  });

  it('has one address for bytes', async () => {
    const answer = await get(`/hash/${digestOf('A')}`);
    expect([answer.statusCode, answer.headers.location]).toEqual([308, `/hash/${digestOf('a')}`]);
    expect((await get('/hash/12')).statusCode).toBe(400);
  });

  it('tells what published bytes are, and that they came out again', async () => {
    const { data } = dashboard();
    const { body } = await get(`/hash/${data.helloSha256}`);
    expect(body).toMatch(/debian \S+ published these bytes as <bdi>hello_2\.10-5_amd64\.deb/);
    expect(body).toContain('byte for byte, by 1 rebuilder');
    expect(body).toContain(`href="/rebuilds/${data.results.hello}"`);
    expect(body).toContain('/packages/debian/trixie/hello');
  });

  it('tells bytes that did not come out, bytes that only a rebuild gave, and bytes nobody knows', async () => {
    const { data } = dashboard();
    expect((await get(`/hash/${data.differsSha256}`)).body).toContain('No rebuild that is known here gave these bytes');
    const rebuilt = sha256Of('other differs_1.3-1_amd64.deb');
    expect((await get(`/hash/${rebuilt}`)).body).toContain('rebuilt; other bytes are published');
    expect((await get(`/hash/${digestOf('0')}`)).body).toContain('Nothing here knows these bytes');
  });
});

describe('my host', () => {
  const LIST = 'hello 2.10-5 amd64\ndiffers 1.3-1 amd64\nwaiting 1.0-1 amd64\nother 1 all\n<b>what</b>\n';

  it('tells of each package of a list what is known, and keeps nothing of it', async () => {
    const { body, headers } = await post('/host', { packages: LIST });
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toContain('<strong>1 of 2</strong> judged packages were reproduced (50.0 %); 4 packages in the list.');
    expect(body).toContain('1 line of it is no package');
    expect(body).toContain('&lt;b>what&lt;/b>');
    expect(body).not.toContain('<b>what');
  });

  it('filters without JavaScript: the list goes along', async () => {
    const { body } = await post('/host', { packages: LIST.replaceAll('\n', '\r\n'), show: 'differs', name: '' });
    expect(body).not.toContain('x0d');
    const rows = body.split('<tbody>')[1]?.split('</tbody>')[0] ?? '';
    expect(rows).toContain('>differs<');
    expect(rows).not.toContain('>hello<');
    expect((await post('/host', { packages: LIST, show: 'all', name: 'ell' })).body).toContain('1 package</caption>');
  });

  it('gives the same as JSON', async () => {
    const answer = await post('/host', { packages: LIST, as: 'json' });
    expect(answer.json().counts).toEqual({ reproduced: 1, differs: 1, inconclusive: 0, untried: 1, unknown: 1 });
  });

  it('says why a list was not read, and shows it again', async () => {
    const answer = await post('/host', { packages: '{"layers": 1}' });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('this JSON holds no list of packages');
    expect(answer.body).toContain('{&quot;layers&quot;: 1}</textarea>');
  });

  it.each([
    ['a field twice', 'packages=a&packages=b'],
    ['a field that is none', 'packages=a&more=1'],
    ['no list', ''],
  ])('refuses a form with %s', async (_what, payload) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await dashboard().server.app.inject({ method: 'POST', url: '/host', headers, payload });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'REQUEST_INVALID']);
  });
});
