import { beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, expectNoSidewaysScroll, useBrowser } from '../../helpers/browser.ts';
import { useDashboard } from '../../helpers/dashboard-lab.ts';
import { type DashboardPage, dashboardPages, NO_DATA, signedIn } from '../../helpers/dashboard-pages.ts';

const browser = useBrowser();
const dashboard = useDashboard();
/** Names are known before there is data. */
const NAMES = dashboardPages(NO_DATA).map(({ name }) => name);

describe('every page, in a browser', () => {
  let cookie: Awaited<ReturnType<typeof signedIn>>['cookie'];
  beforeAll(async () => {
    ({ cookie } = await signedIn(dashboard()));
  });

  const open = async (name: string, options: { readonly javaScript?: boolean }) => {
    const lab = dashboard();
    const wanted = dashboardPages(lab).find((page) => page.name === name) as DashboardPage;
    const { status = 200 } = wanted;
    const expected = status === 200 ? [] : [new RegExp(`\\b${status}\\b`)];
    const page = await browser.page({ origin: lab.origin, expected, ...options });
    if (wanted.operator) await page.context().addCookies([cookie]);
    const answer = await page.goto(`${lab.address}${wanted.path}`);
    expect(answer?.status()).toBe(status);
    await wanted.go?.(page);
    return page;
  };

  it.each(NAMES)('%s: axe-core finds nothing, it fits 320 px, and says the same without JavaScript', async (name) => {
    const page = await open(name, {});
    expect(await page.title()).toMatch(/Reproof$/);
    const headings = await page.locator('main h1, main h2').allTextContents();
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    // All that a scheme changes.
    await expectAccessible(page, ['color-contrast', 'link-in-text-block']);
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNoSidewaysScroll(page);
    const plain = await open(name, { javaScript: false });
    expect(headings.length).toBeGreaterThan(0);
    expect(await plain.locator('main h1, main h2').allTextContents()).toEqual(headings);
  });
});
