import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { expectAccessible, expectNoSidewaysScroll, launchBrowser, openPage, useBrowser } from './browser.ts';
import { useDashboard } from './dashboard-lab.ts';

const browser = useBrowser();
const dashboard = useDashboard();

/** A server that gives one page, and nothing else. */
async function serve(html: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html', ...headers });
    response.end(request.url === '/' ? html : 'no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const faultsOf = async (html: string, headers: Readonly<Record<string, string>> = {}) => {
  const origin = await serve(`<!doctype html><html lang="en"><link rel="icon" href="data:,">${html}`, headers);
  const chromium = await launchBrowser();
  try {
    const { page, faults } = await openPage(chromium, { origin });
    await page.goto(origin, { waitUntil: 'load' });
    // What the page did is told in order: after this, all of it was.
    await page.evaluate('0');
    return faults();
  } finally {
    await chromium.close();
  }
};

test('a page that is in order has no faults', async () => {
  expect(await faultsOf('<title>x</title><p>hello')).toEqual([]);
});

test.each([
  ['an error on the console', '<script>console.error("no")</script>', {}, /^console error: no/],
  ['an exception', '<script>throw new Error("thrown here")</script>', {}, /^thrown: thrown here/],
  ['a dialog', '<script>alert("open")</script>', {}, /^dialog: open/],
  [
    'a request to elsewhere',
    '<img alt="" src="http://192.0.2.1/x.png">',
    {},
    /^foreign request: http:\/\/192\.0\.2\.1/,
  ],
  ['what its policy forbids', '<p style="color: red">', { 'content-security-policy': "style-src 'self'" }, /violates/],
  ['what is not there', '<img alt="" src="/none.png">', {}, /^answer 404/],
])('a page with %s has a fault', async (_what, html, headers, fault) => {
  expect(await faultsOf(html, headers as Record<string, string>)).toContainEqual(expect.stringMatching(fault));
});

test('a picture without words is found by axe-core, and a wide page sticks out', async () => {
  const origin = await serve(
    '<!doctype html><html lang="en"><title>x</title><link rel="icon" href="data:,"><main><h1>x</h1><pre>' +
      'x'.repeat(500),
  );
  const page = await browser.page({ origin, width: 320 });
  await page.goto(origin);
  await expectAccessible(page);
  await expect(expectNoSidewaysScroll(page)).rejects.toThrow('<pre>');
  await page.setContent('<!doctype html><html lang="en"><title>x</title><main><h1>x</h1><img src="data:,">');
  await expect(expectAccessible(page)).rejects.toThrow('image-alt');
});

test('the filled service answers a browser with JavaScript off', async () => {
  const { address, origin, data } = dashboard();
  const page = await browser.page({ origin, javaScript: false });
  const answer = await page.goto(`${address}/api/rebuilds/${data.results.differs}`);
  expect(answer?.status()).toBe(200);
  expect(await page.textContent('body')).toContain('"change":"regression"');
});
