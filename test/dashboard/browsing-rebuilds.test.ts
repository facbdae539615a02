import { describe, expect, it } from 'vitest';
import type { Difference } from '../../model/index.ts';
import { expectAccessible, expectNoSidewaysScroll, useBrowser } from '../helpers/browser.ts';
import { HOSTILE_TEXT } from '../helpers/dashboard-data.ts';
import { useDashboard } from '../helpers/dashboard-lab.ts';
import { FILE, makeRebuild, smallTree } from '../helpers/rebuild-rows.ts';

const browser = useBrowser();
const dashboard = useDashboard();
/** A browser on a busy machine takes its time. */
const PATIENCE = { timeout: 120_000 };

/** A diff of very many lines, and members of which few fit on a page. */
function largeTree(): Difference {
  const lines = Array.from(
    { length: 20_000 },
    (_, at) => `@@ -${at * 9 + 1},2 +${at * 9 + 1},2 @@\n same ${at}\n-old ${at}\n+new ${at}\n`,
  );
  const member = (path: string): Difference => ({
    ...smallTree,
    path,
    diff: `-in ${path}\n+of ${path}\n`,
    children: [],
  });
  return {
    ...smallTree,
    children: [
      { ...member('large.txt'), diff: lines.join('') },
      ...Array.from({ length: 250 }, (_, at) => member(`member ${at}`)),
      { ...member(HOSTILE_TEXT), diff: `-${HOSTILE_TEXT}\n+${'long '.repeat(100_000)}\n` },
    ],
  };
}

describe('browsing differences', () => {
  it('goes through a large one by scrolling, by keys and by opening nodes', PATIENCE, async () => {
    const lab = dashboard();
    const id = await makeRebuild(lab, { tree: largeTree() });
    const page = await browser.page({ origin: lab.origin });
    await page.goto(`${lab.address}/rebuilds/${id}/differences/${FILE}/1`);
    expect(await page.locator('.l.o').count()).toBeLessThan(600);
    await page.locator('a[data-more]').scrollIntoViewIfNeeded();
    await page.locator('.l.o', { hasText: '-old 150' }).first().waitFor({ state: 'attached' });
    expect(await page.locator('.l.o').count()).toBeLessThan(1000);

    await page.goto(`${lab.address}/rebuilds/${id}/differences/${FILE}`);
    await expectAccessible(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('member 0');
    const closed = page.locator('details[data-load]', { hasText: 'member 60' });
    await closed.locator('summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('.l.o', { hasText: '-in member 60' }).first().waitFor();
    await page.locator('a[data-more="auto"]').last().scrollIntoViewIfNeeded();
    await page.locator('summary', { hasText: 'member 150' }).waitFor({ state: 'attached' });
  });

  it('stands side by side, in the width of a telephone and in the dark', PATIENCE, async () => {
    const lab = dashboard();
    const id = await makeRebuild(lab, { tree: largeTree() });
    for (const [width, dark] of [
      [320, true],
      [1440, false],
    ] as const) {
      const page = await browser.page({ origin: lab.origin, width, dark });
      await page.goto(`${lab.address}/rebuilds/${id}/differences/${FILE}/252`);
      await page.getByRole('link', { name: 'Side by side' }).click();
      expect(await page.locator('.row').count()).toBeGreaterThan(0);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    }
  });

  it('works by links alone where no script runs', PATIENCE, async () => {
    const lab = dashboard();
    const id = await makeRebuild(lab, { tree: largeTree() });
    const page = await browser.page({ origin: lab.origin, javaScript: false });
    await page.goto(`${lab.address}/rebuilds/${id}`);
    await page.getByRole('link', { name: 'What differs' }).first().click();
    await page.locator('summary', { hasText: 'large.txt' }).click();
    await page.getByRole('link', { name: 'See what differs in it: 80,000 lines' }).click();
    await page.getByRole('link', { name: 'More lines' }).click();
    expect(await page.locator('.l.o').first().textContent()).not.toBe('-old 0');
    await page.getByRole('link', { name: 'The next one' }).click();
    expect(await page.locator('h1').textContent()).toBe('member 0');
    await page.locator('.trail a').last().click();
    await page.getByRole('link', { name: 'More parts' }).click();
    expect(await page.locator('summary', { hasText: 'member 150' }).count()).toBe(1);
  });
});

describe('browsing a rebuild and its log', () => {
  it('is accessible, narrow and wide, whatever it is called', PATIENCE, async () => {
    const lab = dashboard();
    const { results } = lab.data;
    for (const [path, width] of [
      [`rebuilds/${results.hostile}`, 320],
      [`rebuilds/${results.hostile}/log`, 320],
      [`rebuilds/${results.hostile}/differences`, 320],
      [`jobs/${lab.data.waitingJob}`, 320],
    ] as const) {
      const page = await browser.page({ origin: lab.origin, width });
      await page.goto(`${lab.address}/${path}`);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    }
  });

  it('goes to any line by its address, marks ranges, and loads on', PATIENCE, async () => {
    const lab = dashboard();
    const log = Array.from({ length: 5000 }, (_, at) => `row ${at + 1}`).join('\n');
    const id = await makeRebuild(lab, { log });
    const page = await browser.page({ origin: lab.origin });
    await page.goto(`${lab.address}/rebuilds/${id}/log#L3000`);
    await page.locator('#L3000.at').waitFor();
    await page.locator('#L3004 > a').click({ modifiers: ['Shift'] });
    expect(await page.locator('.l.at').count()).toBe(5);
    expect(page.url()).toMatch(/#L3000-L3004$/);
    await page.locator('a[data-more]').scrollIntoViewIfNeeded();
    await page.locator('#L3500').waitFor({ state: 'attached' });
    await page.goto(`${lab.address}/rebuilds/${id}/log?search=row+4999`);
    await page.getByRole('link', { name: 'line 4,999' }).click();
    await page.locator('#L4999.at').waitFor();
  });

  it('follows the log of a build that runs, and goes to its result', PATIENCE, async () => {
    const lab = dashboard();
    const { runningJob } = lab.data;
    const log = await lab.liveLogs.begin(runningJob);
    await log.write(Buffer.from('before\npart'));
    const page = await browser.page({ origin: lab.origin });
    await page.goto(`${lab.address}/jobs/${runningJob}`);
    const box = page.locator('[data-follow]');
    await page.locator('[data-live-state]', { hasText: 'Following.' }).waitFor();
    await log.write(Buffer.from(`ly later\n${HOSTILE_TEXT}\n`));
    await page.waitForFunction(`document.querySelector('[data-follow]').textContent.includes('partly later')`);
    await page.waitForFunction(`document.querySelector('[data-follow]').textContent.includes('<img src=x')`);
    expect(await box.locator('img').count()).toBe(0);
    expect(await box.textContent()).not.toMatch(/[\u001b\u202e\u0007]/);
    await expectAccessible(page);
    await log.end();
    await page.locator('[data-live-state]', { hasText: 'The build ended.' }).waitFor();
    await page.locator('.state', { hasText: 'Its log is not here yet' }).waitFor();
    await page.locator('.note', { hasText: 'looks for news of it by itself' }).waitFor();
    await (await lab.liveLogs.begin(runningJob)).write(Buffer.from('begun anew\n'));
    await box.filter({ hasText: 'begun anew' }).waitFor();
  });
});
