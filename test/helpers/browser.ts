import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

const PROGRAM = '/usr/bin/chromium';
const START_MILLISECONDS = 60_000;
/** What the WCAG 2.2 level AA asks for, and what axe-core's authors hold to be good practice beside it. */
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export type PageOptions = {
  /** The only origin that may be asked anything. */
  readonly origin: string;
  /** On when not given. */
  readonly javaScript?: boolean;
  readonly dark?: boolean;
  /** CSS pixels; 1280 by 800 when not given. */
  readonly width?: number;
  readonly height?: number;
  readonly context?: BrowserContextOptions;
  /** Faults that the test is about, such as a page that is not there. */
  readonly expected?: readonly RegExp[];
};

/** Pages of Debian's Chromium. */
export type TestBrowser = {
  /**
   * A page in a context of its own, closed with the test. The test fails where the page said something on the console
   * that is an error or a warning, broke its Content-Security-Policy, threw, opened a dialog, asked another origin for
   * anything, or had a request fail.
   */
  readonly page: (options: PageOptions) => Promise<Page>;
};

/** One Chromium for all tests of a file: call it at the top of the file. */
export function useBrowser(): TestBrowser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, START_MILLISECONDS);
  afterAll(async () => browser?.close());
  return {
    page: async (options) => {
      if (browser === undefined) throw new Error('the browser has not started');
      const { page, faults, close } = await openPage(browser, options);
      onTestFinished(async () => {
        await close();
        expect(faults()).toEqual([]);
      });
      return page;
    },
  };
}

/** A Chromium that reaches loopback and nothing else. Root has no sandbox of Chromium's. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: PROGRAM,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}

/** A page, what went wrong on it so far, and what closes it. */
export async function openPage(
  browser: Browser,
  options: PageOptions,
): Promise<{ readonly page: Page; readonly faults: () => readonly string[]; readonly close: () => Promise<void> }> {
  const { origin, javaScript = true, dark = false, width = 1280, height = 800, expected = [] } = options;
  const context = await browser.newContext({
    javaScriptEnabled: javaScript,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...options.context,
  });
  const faults: string[] = [];
  const note = (fault: string): void => {
    if (!expected.some((pattern) => pattern.test(fault))) faults.push(fault);
  };
  context.on('page', (opened) => watch(opened, { origin, note }));
  return { page: await context.newPage(), faults: () => faults, close: () => context.close() };
}

function watch(
  page: Page,
  { origin, note }: { readonly origin: string; readonly note: (fault: string) => void },
): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) note(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => note(`thrown: ${error.message}`));
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`);
    void dialog.dismiss().catch(() => {});
  });
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (!['data:', 'blob:', 'about:'].includes(protocol) && asked !== origin) note(`foreign request: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? 'unknown';
    // Who leaves a page ends what it was still reading.
    if (why !== 'net::ERR_ABORTED') note(`failed request: ${request.url()}: ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) note(`answer ${response.status()}: ${response.url()}`);
  });
}

/** That axe-core finds nothing on the page as it is shown now: by all its rules, or by those that `rules` names. */
export async function expectAccessible(page: Page, rules?: readonly string[]): Promise<void> {
  // Without legacy mode every look opens a page of its own, for frames that there are not.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (rules === undefined ? axe.withTags(AXE_TAGS) : axe.withRules([...rules])).analyze();
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.slice(0, 5).map(({ target, html }) => `${target.join(' ')}: ${html.slice(0, 200)}`),
  }));
  expect(found, JSON.stringify(found, null, 1)).toEqual([]);
}

/** That nothing sticks out: the page itself does not scroll sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate<readonly string[]>(`(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().left + element.scrollWidth > clientWidth + 1)
      .slice(0, 8)
      .map((element) => element.outerHTML.slice(0, 120));
    return [scrollWidth + ' px of ' + clientWidth + ' px', ...wide];
  })()`);
  expect(wide, wide.join('\n')).toEqual([]);
}
