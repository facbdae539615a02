import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { rebuilderExecutor } from '../../../rebuilder/queue/index.ts';
import { openBlobs } from '../../../rebuilder/store/index.ts';
import { expectAccessible, expectNoSidewaysScroll, useBrowser } from '../../helpers/browser.ts';
import { useDashboard } from '../../helpers/dashboard-lab.ts';
import { labOptions, withRebuilder } from '../../helpers/engine-lab.ts';
import { temporaryFolder } from '../../helpers/run-cli.ts';
import { makeSourcePackage } from '../../helpers/source-package.ts';

const browser = useBrowser();
const dashboard = useDashboard();

/** In C's escapes, for printf(1): a script, a picture that runs one, a title, colours, a bell, and text turned round. */
const SAYS = String.raw`<script>window.ran=1</script><img src=x onerror=window.ran=2>\033]0;owned\007\033[31mred\033[0m\342\200\256end`;
const NAME = '<script>window.ran=3</script>&quot;<b>';
const MAINTAINER = 'Mallory "><script>window.ran=4</script>\u202e <mallory@example.org>';

it('nothing of a package made to attack the page runs, or breaks it', { timeout: 600_000 }, async () => {
  const folder = await temporaryFolder();
  const { dscPath } = await makeSourcePackage({
    name: 'attacks-pages',
    folder,
    binary: `printf '${SAYS}\\n'
head -c 10000000 /dev/zero | tr '\\0' 'x'; printf '\\n'
mkdir -p 'debian/tmp/usr/share/attacks-pages/${NAME.replace('/', '')}'
cat /proc/sys/kernel/random/uuid > "debian/tmp/usr/share/attacks-pages/$(printf '${SAYS}' | tr / _)"
(printf '${SAYS}'; head -c 200000 /dev/zero | tr '\\0' 'y'; cat /proc/sys/kernel/random/uuid) > debian/tmp/usr/share/attacks-pages/text`,
  });
  const { store, blobs, clock, address, origin } = dashboard();
  const version = '1.0';
  const file = {
    name: 'attacks-pages',
    version,
    architecture: 'amd64',
    component: 'main',
    url: `https://deb.example.org/${encodeURIComponent(NAME)}`,
    fileName: 'attacks-pages_1.0_amd64.deb',
  };
  const listed = { distribution: 'debian', release: 'hostile', component: 'main', name: 'attacks-pages', version };
  await store.packages.import({ profile: 'hostile', distribution: 'debian', kind: 'whole' }, [
    { ...listed, maintainer: MAINTAINER, architecture: 'amd64', files: [file] },
  ]);
  await store.jobs.setPriority({ name: 'attacks-pages' }, -10);
  const capabilities = { architectures: ['amd64'] };
  const worker = await store.access.registerWorker({ name: NAME, key: 'a key', kind: 'reproof', capabilities });
  const leased = await store.jobs.claim({ id: worker.id, capabilities }, 3600);
  expect(leased?.job.source).toBe('attacks-pages');
  if (leased === undefined) return;
  // Where the lab's environments are: they are not made anew for this.
  const kept = await openBlobs(join(labOptions().dataFolder, 'blobs'));
  const entry = await withRebuilder(labOptions(), async (rebuilder) =>
    rebuilderExecutor({
      rebuilder: {
        rebuild: (order, options) =>
          rebuilder.rebuild(
            {
              ...order,
              only: [],
              target: { kind: 'dsc', ecosystem: 'debian', location: join(dscPath), suite: 'trixie' },
            },
            options,
          ),
      },
      blobs: kept,
      now: clock.now,
      nocheck: false,
      control: true,
      checkedHere: true,
    }).run(leased, { signal: new AbortController().signal, stage: () => {}, log: () => {} }),
  );
  expect(entry).toMatchObject({ record: expect.any(String) });
  expect(entry.log?.bytes).toBeGreaterThan(10_000_000);
  for (const sha256 of [entry.log?.sha256, entry.record])
    if (sha256 !== undefined) await blobs.put('copied', kept.read(sha256), 1024 ** 3);
  const recorded = await store.results.record({ jobId: leased.job.id, lease: leased.lease }, entry, {
    baseHours: 24,
    limits: {},
  });
  if (recorded.kind === 'lease lost') throw new Error('the lease was lost');

  const visited = new Set<string>();
  const visit = async (page: Page, path: string): Promise<void> => {
    await page.goto(`${address}${path}`);
    visited.add(path);
    expect(
      await page.evaluate('[window.ran, document.querySelectorAll("main script, main img[onerror]").length]'),
    ).toEqual([undefined, 0]);
    expect(await page.textContent('footer')).toContain('How to read this');
    expect(await page.content()).not.toMatch(/[\u202e\u0007\u001b]/);
    await expectNoSidewaysScroll(page);
  };
  const page = await browser.page({ origin, width: 320, height: 700 });
  const rebuild = `/rebuilds/${recorded.id}`;
  for (const path of ['/packages/debian/hostile/attacks-pages', '/packages?release=hostile', rebuild, `${rebuild}/log`])
    await visit(page, path);
  expect(await page.textContent('main')).toContain('<script>window.ran=1</script>');
  await expectAccessible(page);
  await visit(page, `${rebuild}/differences`);
  const trees = await page
    .locator(`main a[href*="/differences/"]`)
    .evaluateAll((links) => links.map((link) => (link as unknown as { readonly pathname: string }).pathname));
  expect(trees.length).toBeGreaterThan(0);
  for (const path of trees.slice(0, 3)) await visit(page, path);
  await expectAccessible(page);
  expect(await page.textContent('main')).toContain('<script>window.ran=1<');
  expect(visited.size).toBeGreaterThan(5);
});
