import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, openPage } from '../test/helpers/browser.ts';
import { startDashboard } from '../test/helpers/dashboard-lab.ts';
import { dashboardPages, signedIn } from '../test/helpers/dashboard-pages.ts';

/**
 * Pictures of every page at 360, 768 and 1440 px, light and dark, for people to look at:
 *
 *   node bench/dashboard-screens.ts FOLDER [NAME...]
 *
 * Names leave out all other pages. Ends with 1 where a page was not as it should be.
 */
const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error('say where the pictures go');
const WIDTHS = [360, 768, 1440];

const data = await mkdtemp(join(tmpdir(), 'reproof-screens-'));
const lab = await startDashboard(data);
const browser = await launchBrowser();
const { cookie } = await signedIn(lab);
await mkdir(folder, { recursive: true });
for (const { name, path, operator, go, status = 200 } of dashboardPages(lab)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const dark of [false, true]) {
    const expected = status === 200 ? [] : [/\b4\d\d\b/];
    const { page, faults, close } = await openPage(browser, { origin: lab.origin, dark, expected });
    if (operator) await page.context().addCookies([cookie]);
    const answer = await page.goto(`${lab.address}${path}`);
    if (answer?.status() !== status) tell(`${name}: status ${answer?.status()}`);
    else await go?.(page);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(folder, `${name}-${width}-${dark ? 'dark' : 'light'}.png`), fullPage: true });
    }
    for (const fault of faults()) tell(`${name}: ${fault}`);
    await close();
  }
}
await browser.close();
await lab.close();
await rm(data, { recursive: true, force: true });

function tell(trouble: string): void {
  process.exitCode = 1;
  process.stderr.write(`${trouble}\n`);
}
