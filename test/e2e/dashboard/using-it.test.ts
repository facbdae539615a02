import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sha256Of } from '../../../model/index.ts';
import { useBrowser } from '../../helpers/browser.ts';
import { useDashboard } from '../../helpers/dashboard-lab.ts';
import { HOST_LIST, signedIn } from '../../helpers/dashboard-pages.ts';

const browser = useBrowser();
const dashboard = useDashboard();
const open = async (path: string, options: { readonly javaScript?: boolean } = {}): Promise<Page> => {
  const page = await browser.page({ origin: dashboard().origin, ...options });
  await page.goto(`${dashboard().address}${path}`);
  return page;
};
const asOperator = async (path: string, options: { readonly javaScript?: boolean } = {}): Promise<Page> => {
  const { cookie } = await signedIn(dashboard());
  const page = await browser.page({ origin: dashboard().origin, ...options });
  await page.context().addCookies([cookie]);
  await page.goto(`${dashboard().address}${path}`);
  return page;
};

/** What has the focus, in words: its tag and its text or name. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const at = document.activeElement;
    return at.tagName.toLowerCase() + ' ' + (at.getAttribute('aria-label') ?? at.id ?? at.textContent ?? '').trim();
  })()`);

describe('by hash', () => {
  it('hashes a file that is chosen, in the browser, and sends nothing of it', async () => {
    const { data } = dashboard();
    const page = await open('/hash');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.setInputFiles('#hash-file', {
      name: 'hello_2.10-5_amd64.deb',
      mimeType: 'application/vnd.debian.binary-package',
      buffer: data.helloBytes,
    });
    await page.waitForURL(`**/hash/${data.helloSha256}`);
    expect(await page.textContent('main')).toContain('They came out again, byte for byte');
    expect(asked.filter((one) => !one.startsWith('GET /assets/'))).toEqual([`GET /hash/${data.helloSha256}`]);
  });

  it('hashes a file that is dropped, in pieces where it is large', async () => {
    const bytes = Buffer.alloc(70 * 1024 ** 2, 'large');
    const file = join(tmpdir(), `reproof-large-${process.pid}`);
    await writeFile(file, bytes);
    onTestFinished(() => rm(file));
    const page = await open('/hash');
    await page.setInputFiles('#hash-file', file);
    await page.waitForURL(`**/hash/${sha256Of(bytes)}`);
    await page.goto(`${dashboard().address}/hash`);
    await page.evaluate(`(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(['dropped'], 'dropped.deb'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
    })()`);
    await page.waitForURL(`**/hash/${sha256Of('dropped')}`);
    expect(await page.textContent('main')).toContain('Nothing here knows these bytes');
  });

  it('takes a hash by keyboard without JavaScript', async () => {
    const { data } = dashboard();
    const page = await open('/hash', { javaScript: false });
    expect(await page.locator('.drop').isVisible()).toBe(false);
    await page.focus('#sha256');
    await page.keyboard.type(`${data.differsSha256.toUpperCase()}  differs.deb`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/hash/${data.differsSha256}`);
    expect(await page.textContent('main')).toContain('No rebuild that is known here gave these bytes');
  });
});

describe('my host', () => {
  it.each([true, false])('tells what was reproduced, and filters (JavaScript: %s)', async (javaScript) => {
    const page = await open('/host', { javaScript });
    await page.fill('#packages', HOST_LIST);
    await page.click('main form.ask button');
    expect(await page.textContent('.host-summary')).toContain('1 of 2 judged packages were reproduced');
    const rows = () => page.locator('main tbody tr:visible th').allTextContents();
    expect(await rows()).toEqual(['differs', 'drifted', 'waiting', 'libc6', 'hello']);
    await page.selectOption('#host-show', 'differs');
    if (!javaScript) await page.click('form.filters button:has-text("Filter")');
    expect(await rows()).toEqual(['differs']);
  });
});

describe('operators', () => {
  it.each([true, false])('cancel a job after a question, and undo it (JavaScript: %s)', async (javaScript) => {
    const { data } = dashboard();
    const page = await asOperator('/operator/queue?name=waiting', { javaScript });
    const jobs = () => page.locator('main tbody tr').filter({ hasText: 'waiting' }).count();
    expect(await jobs()).toBe(1);
    await page.click('a[aria-label^="Cancel job"]');
    expect(await page.textContent('h1')).toBe('Cancel 1 job?');
    await page.click('button:has-text("Cancel 1 job")');
    expect(await page.textContent('.notice')).toContain('Cancelled: 1 job.');
    expect((await dashboard().store.jobs.jobs({ name: 'waiting' }, {})).total).toBe(0);
    await page.click('.notice button');
    expect(await page.textContent('.notice')).toContain('Taken back: 1 job.');
    expect((await dashboard().store.jobs.jobs({ name: 'waiting' }, {})).total).toBe(1);
    expect(data.waitingJob).toBeGreaterThan(0);
  });

  it('sign in, change a priority, pause, resume and sign out by keyboard alone', async () => {
    const { store, address, origin } = dashboard();
    const { secret } = await signedIn(dashboard());
    const page = await browser.page({ origin });
    await page.goto(`${address}/operator/queue`);
    await page.focus('#token');
    await page.keyboard.type(secret);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Queue")');
    await tabTo(page, 'Change the priority of job');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Change the priority of 1 job?")');
    await tabTo(page, 'priority');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('-7');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.notice:has-text("Priority -7: 1 job.")');
    expect((await store.jobs.jobs({}, { sort: 'priority', limit: 1 })).records[0]?.priority).toBe(-7);
    await page.focus('a:has-text("Pause…")');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Pause the queue?")');
    await page.focus('button:has-text("Pause")');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.notice:has-text("The queue is paused.")');
    await page.focus('.notice button');
    await page.keyboard.press('Space');
    await page.waitForSelector('.notice:has-text("The queue is as it was before.")');
    expect(await store.jobs.state()).toEqual({ paused: false, draining: false });
    await page.focus('button:has-text("Sign out")');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${address}/`);
    await page.goto(`${address}/operator/queue`);
    expect(new URL(page.url()).pathname).toBe('/operator/sign-in');
  });
});

describe('the keyboard', () => {
  it('reaches the content by the first stop, and everything in the order it is read', async () => {
    const page = await open('/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('main main');
    await page.goto(`${dashboard().address}/`);
    const stops: number[] = [];
    for (let at = 0; at < 12; at++) {
      await page.keyboard.press('Tab');
      stops.push(
        await page.evaluate<number>(
          `[...document.querySelectorAll('a, button, input, select, summary, [tabindex]')].indexOf(document.activeElement)`,
        ),
      );
    }
    expect(stops).toEqual(stops.toSorted((left, right) => left - right));
    expect(new Set(stops).size).toBe(12);
  });

  it('shows where it is on every stop', async () => {
    const page = await open('/packages');
    for (let at = 0; at < 12; at++) {
      await page.keyboard.press('Tab');
      const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
      expect([await focused(page), outline]).toEqual([expect.anything(), 'solid']);
    }
  });

  it('opens and reads a difference and a log', async () => {
    const { data } = dashboard();
    const page = await open(`/rebuilds/${data.results.differs}/differences/${encodeURIComponent(data.differsFile)}`);
    await page.focus('main summary');
    const opened = () => page.evaluate<boolean>(`document.querySelector('main summary').parentElement.open`);
    const before = await opened();
    await page.keyboard.press('Enter');
    expect(await opened()).toBe(!before);
    await page.goto(`${dashboard().address}/rebuilds/${data.results.broken}/log`);
    await page.focus('main a[href$="#L3"]');
    await page.keyboard.press('Enter');
    expect(page.url()).toMatch(/#L3$/);
  });
});

/** Presses Tab until what has the focus is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if ((await focused(page)).includes(` ${name}`)) return;
  }
  throw new Error(`nothing that is called ${name} was reached by Tab`);
}
