import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, expectNoSidewaysScroll, useBrowser } from '../../helpers/browser.ts';
import { type ComparedFile, type EndedRebuild, KNOWN, useRealService } from '../../helpers/real-service.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { policyBytes } from '../../helpers/verify-lab.ts';

/** Environments are made anew, which takes minutes where others build, too. */
const TEN_MINUTES = 600_000;

const browser = useBrowser();
const service = useRealService();
const [GOOD, OTHER] = KNOWN as [(typeof KNOWN)[number], (typeof KNOWN)[number]];

/** The rebuilds, once there are any, and where the difference of the other is shown. */
let good: EndedRebuild;
let other: EndedRebuild;
let tree = '';

const open = async (path: string, javaScript = true): Promise<Page> => {
  const page = await browser.page({ origin: service().address, javaScript });
  expect((await page.goto(`${service().address}${path}`))?.status()).toBe(200);
  return page;
};
const main = (page: Page): Promise<string> => page.locator('main').innerText();

describe('a suite that was synced', () => {
  it('is listed whole, waits in the queue, and nothing of it is decided', async () => {
    const { synced, address } = service();
    expect(synced).toMatchObject({ kind: 'synced', withdrawn: 0, queued: synced.sources });
    expect(synced.sources).toBeGreaterThan(30_000);
    const page = await open('/');
    expect(await main(page)).toContain('0 of 0 decided binary packages are reproducible');
    await page.goto(`${address}/packages`);
    expect(await main(page)).toContain(`${synced.sources.toLocaleString('en')} source packages`);
    await expectAccessible(page);
  });
});

describe('packages that are rebuilt', () => {
  it('are rebuilt by two workers, and their log grows in the browser until its result is there', {
    timeout: 2 * TEN_MINUTES,
  }, async () => {
    const { address, call, resultOf } = service();
    for (const { source: name, version } of KNOWN)
      expect(await call('POST', '/api/queue', { release: 'trixie', name, version })).toEqual({ affected: 1 });
    const asked = (await call('GET', `/api/queue?name=${OTHER.source}`)) as { records: readonly { id: number }[] };
    const page = await open(`/jobs/${asked.records[0]?.id}`);
    expect(await main(page)).toContain('waits to be built');
    await call('POST', '/api/queue/resume', {});

    const log = page.locator('[data-follow]');
    await log.waitFor({ timeout: TEN_MINUTES });
    const before = (await log.textContent()) ?? '';
    await expect
      .poll(async () => (await log.textContent())?.length, { timeout: TEN_MINUTES })
      .toBeGreaterThan(before.length);
    expect(new URL(page.url()).pathname).toMatch(/^\/jobs\//);
    const after = (await log.textContent()) ?? '';
    expect(after.startsWith(before.slice(0, before.lastIndexOf('\n')))).toBe(true);
    await page.waitForURL(/\/rebuilds\/\d+$/, { timeout: TEN_MINUTES });

    for (const known of KNOWN) {
      const { source, verdict, reason } = known;
      const rebuild = await resultOf(known);
      expect([source, rebuild.verdict, rebuild.reason ?? '']).toEqual([source, verdict, reason]);
      const text = await (await fetch(`${address}/api/rebuilds/${rebuild.id}/log`)).text();
      expect(text).toContain('dpkg-buildpackage');
      const targets = await call('GET', `/api/targets?name=${source}&release=trixie`);
      expect(targets).toMatchObject({ records: [{ source, status: rebuild.status }] });
    }
    await call('POST', '/api/queue/pause', {});
    [good, other] = (await Promise.all(
      [GOOD, OTHER].map(async (known) => call('GET', `/api/rebuilds/${(await resultOf(known)).id}`)),
    )) as [EndedRebuild, EndedRebuild];
    expect(new URL(page.url()).pathname).toBe(`/rebuilds/${other.id}`);
  });

  it('count on the overview, M of N and by architecture', async () => {
    const page = await open('/');
    expect(await main(page)).toMatch(/1 of 1\s+decided binary packages are reproducible; [\d,]+ more are undecided/);
    // Of the row of `all`: reproducible, of decided, per cent, unreproducible.
    const cells = page.locator('main tr:has(th a:text-is("all")) td');
    expect((await cells.allInnerTexts()).slice(0, 4).map((text) => text.trim())).toEqual(['1', '1', '100.0 %', '0']);
    await expectAccessible(page);
  });

  it('are found by name, by verdict and by reason', async () => {
    const { address } = service();
    const page = await open('/packages');
    const names = () => page.locator('#results tbody th').allInnerTexts();
    await page.fill('#field-name', GOOD.source);
    await page.waitForURL(/name=dns-root-data/);
    expect(await names()).toEqual([GOOD.source]);
    await page.goto(`${address}/packages`);
    await page.selectOption('#field-verdict', 'reproducible');
    await page.waitForURL(/verdict=reproducible/);
    expect(await names()).toEqual([GOOD.source]);
    await page.selectOption('#field-verdict', '');
    await page.selectOption('#field-reason', OTHER.reason);
    await page.waitForURL(/reason=environment/);
    expect(await names()).toEqual([OTHER.source]);
    await expectAccessible(page);
  });

  it('have a page with their history and a way to each rebuild', async () => {
    for (const { source, version, verdict } of KNOWN) {
      const page = await open(`/packages/debian/trixie/${source}`);
      expect(await main(page)).toMatch(new RegExp(`${version.replace(/[+.]/g, '\\$&')}[^]*${verdict}`));
      expect(await page.locator('.strip li').count()).toBe(1);
      await expectAccessible(page);
      await page.click('.strip a');
      await page.waitForURL(/\/rebuilds\/\d+$/);
    }
  });
});

describe('a rebuild', () => {
  it.each([0, 1])('shows its stages, its digests, and evidence that comes down (%i)', async (at) => {
    const { address } = service();
    const rebuild = [good, other][at] as EndedRebuild;
    const page = await open(`/rebuilds/${rebuild.id}`);
    for (const stage of ['lock', 'build', 'compare', 'verdict'])
      expect(await page.locator(`#stages ~ .scroll tbody th, #stages ~ * tbody th`).allInnerTexts()).toContain(stage);
    for (const { published, rebuilt } of rebuild.artifacts)
      for (const { sha256 } of [published, rebuilt])
        expect(await page.locator(`main a[href$="/hash/${sha256}"]`).count()).toBeGreaterThan(0);
    const links = await page
      .locator('#evidence + ul a')
      .evaluateAll((found) => found.map((link) => (link as unknown as { readonly pathname: string }).pathname));
    expect(links).toEqual(
      expect.arrayContaining(['statements', 'evidence', 'record'].map((end) => `/api/rebuilds/${rebuild.id}/${end}`)),
    );
    for (const path of links) expect([path, (await fetch(address + path)).status]).toEqual([path, 200]);
    await expectAccessible(page);
  });

  it('has a pack by which our own reader vouches for the published file', async () => {
    const { address, data, published, home, reproof } = service();
    const [file] = good.artifacts as [ComparedFile];
    const pack = await fetch(`${address}/api/rebuilds/${good.id}/evidence`);
    await writeFile(join(home, 'pack.tar'), Buffer.from(await pack.arrayBuffer()));
    await writeFile(join(home, file.fileName), await published(GOOD));
    const key = await reproof('key', 'show', '--pem', 'statement');
    const log = { key: readFileSync(join(data, 'log/log.vkey'), 'utf8').trim() };
    const ours = { name: 'ours', operator: 'rebuilder.example', keys: [{ key }], log };
    await writeFile(join(home, 'policy.json'), policyBytes([ours]));
    const asked = ['verify', file.fileName, '--policy', 'policy.json', '--evidence', 'pack.tar', '--json'];
    const { status, stdout, stderr } = await runCli(home, asked);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ holds: true, voices: [{ says: 'agrees', word: 'reproducible' }] });
  });

  it('has a log by lines, each with an address, that can be searched', async () => {
    const { address } = service();
    const page = await open(`/rebuilds/${other.id}/log`);
    await page.click('main .lines a[href$="#L20"]');
    expect(await page.locator('#L20.at').count()).toBe(1);
    await page.fill('#search', 'dpkg-buildpackage');
    await page.keyboard.press('Enter');
    await page.waitForURL(/search=dpkg-buildpackage/);
    const line = page.locator('.found a').first();
    expect(await page.locator('.found li').first().innerText()).toContain('dpkg-buildpackage');
    const id = new URL((await line.getAttribute('href')) ?? '', address).hash;
    await line.click();
    await page.locator(`${id}.at`).waitFor();
    expect(await page.locator(id).innerText()).toContain('dpkg-buildpackage');
    await expectAccessible(page);
  });

  it('has a difference that can be walked down to a node with an address of its own', async () => {
    const page = await open(`/rebuilds/${other.id}/differences`);
    await page.locator('main tbody a[href*="/differences/"]').first().click();
    await page.locator('[data-tree] details').first().waitFor();
    tree = new URL(page.url()).pathname;
    await expectAccessible(page);
    // Whatever is closed is opened until the deepest node is there.
    for (let closed = page.locator('details[data-load]'); (await closed.count()) > 0; ) {
      await closed.first().locator('> summary').click();
      await page.locator('.inside[aria-busy]').waitFor({ state: 'detached' });
    }
    const deepest = page.locator('[data-tree] details details:has(> .inside > .diff)').last();
    const name = await deepest.locator('> summary .path').innerText();
    await deepest.locator('> .inside > .alone a').click();
    await page.waitForURL(`**${tree}/*`);
    expect(await page.locator('h1').innerText()).toBe(name);
    expect(await page.locator('[data-tree] .l').count()).toBeGreaterThan(0);
    await page.click('nav.views a:has-text("Side by side")');
    await page.waitForURL(/view=split/);
    await expectAccessible(page);
  });
});

describe('bytes and machines', () => {
  it('a published file that is dropped is hashed in the browser and known', async () => {
    const [{ published, fileName }] = good.artifacts as [ComparedFile];
    const base64 = (await service().published(GOOD)).toString('base64');
    const page = await open('/hash');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.evaluate(`(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([Uint8Array.from(atob('${base64}'), (one) => one.charCodeAt(0))], 'dropped.deb'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
    })()`);
    await page.waitForURL(`**/hash/${published.sha256}`);
    expect(await main(page)).toContain(`debian trixie published these bytes as ${fileName}`);
    expect(await main(page)).toContain('They came out again, byte for byte, by 1 rebuilder.');
    expect(asked.filter((one) => !one.startsWith('GET /assets/'))).toEqual([`GET /hash/${published.sha256}`]);
    await expectAccessible(page);
  });

  it.each([true, false])('what dpkg-query says of this machine is looked up (JavaScript: %s)', async (javaScript) => {
    const format = ['Package', 'Version', 'Architecture'].map((field) => `\${${field}}`).join(' ');
    const real = execFileSync('dpkg-query', ['-W', '-f', `${format}\\n`], { encoding: 'utf8' });
    const rebuilt = `${GOOD.source} ${GOOD.version} all\n`;
    const list = real.includes(rebuilt) ? real : real + rebuilt;
    const total = list.trimEnd().split('\n').length;
    const page = await open('/host', javaScript);
    await page.fill('#packages', list);
    await page.click('main form.ask button');
    const summary = await page.locator('.host-summary').innerText();
    expect(summary).toContain('1 of 1 judged packages were reproduced');
    expect(summary).toContain(`${total.toLocaleString('en')} packages in the list`);
    await page.selectOption('#host-show', 'reproduced');
    if (!javaScript) await page.click('form.filters button:has-text("Filter")');
    const found = page.locator('main tbody tr:visible th');
    await expect.poll(() => found.allInnerTexts()).toEqual([GOOD.source]);
    if (javaScript) await expectAccessible(page);
  });
});

describe('an operator', () => {
  it('signs in, has a package tried again, and cancels that', async () => {
    const { address, secret } = service();
    const page = await open('/operator/queue');
    await page.fill('#token', secret);
    await page.click('main form.ask button');
    await page.waitForSelector('h1:has-text("Queue")');
    await expectAccessible(page);
    await page.fill('#ask-name', OTHER.source);
    await page.selectOption('#ask-status', 'UNKWN');
    await page.click('form[aria-label="Ask for builds"] button');
    await page.click('button:has-text("Ask for them")');
    expect(await page.textContent('.notice')).toContain('Queued: 1 job.');
    await page.goto(`${address}/operator/queue?name=${OTHER.source}`);
    expect(await page.locator('main tbody tr').innerText()).toContain('asked for by hand, by');
    await page.click('a[aria-label^="Cancel job"]');
    await expectAccessible(page);
    await page.click('button:has-text("Cancel 1 job")');
    expect(await page.textContent('.notice')).toContain('Cancelled: 1 job.');
    await page.goto(`${address}/operator/queue?name=${OTHER.source}`);
    expect(await main(page)).toContain('No job is like that.');
  });
});

describe('without JavaScript', () => {
  let paths: readonly string[] = [];
  beforeAll(() => {
    const [{ published }] = good.artifacts as [ComparedFile];
    const packages = ['/packages', `/packages?name=${OTHER.source}`, `/packages/debian/trixie/${OTHER.source}`];
    const rebuild = `/rebuilds/${other.id}`;
    paths = ['/', ...packages, rebuild, `${rebuild}/log?search=dpkg`, `${rebuild}/differences`, tree, `${tree}/1`];
    paths = [...paths, `/hash/${published.sha256}`, '/host', '/reading'];
  });

  it('every page to read says the same, and fits a narrow screen', async () => {
    const { address } = service();
    const page = await open('/');
    const plain = await open('/', false);
    await plain.setViewportSize({ width: 320, height: 640 });
    for (const path of paths) {
      const headings = [];
      for (const one of [page, plain]) {
        expect([path, (await one.goto(`${address}${path}`))?.status()]).toEqual([path, 200]);
        headings.push(await one.locator('main h1, main h2').allTextContents());
      }
      expect(headings[0]?.length).toBeGreaterThan(0);
      expect([path, headings[1]]).toEqual([path, headings[0]]);
      await expectNoSidewaysScroll(plain);
    }
    await plain.goto(`${address}/packages`);
    await plain.fill('#field-name', OTHER.source);
    await plain.click('form.filter button:has-text("Show")');
    expect(await plain.locator('#results tbody th').allInnerTexts()).toEqual([OTHER.source]);
    await plain.click('#results tbody th a');
    await plain.click('.strip a');
    await plain.locator('nav.views a[href*="/differences"]').click();
    expect(new URL(plain.url()).pathname).toMatch(/\/differences/);
  });
});

it('the service warned of nothing, and ends when it is told to', async () => {
  const { status, stderr } = await service().stop();
  expect([status, stderr.trim()]).toEqual([0, expect.stringMatching(/^reproof: stopping [^\n]*$/)]);
});
