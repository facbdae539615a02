import { expect, it } from 'vitest';
import { canonicalJson, sha256Of } from '../../../../model/index.ts';
import { openDashboard } from '../../../../rebuilder/server/index.ts';
import { attestedRebuild } from '../../../helpers/attested-rebuild.ts';
import { words } from '../../../helpers/rebuild-pages.ts';
import { leaseTestified } from '../../../helpers/testified-job.ts';
import { serveWorkers } from '../../../helpers/worker-lab.ts';

/** The page of a result of a worker elsewhere, with its record. */
async function pageOf(change: { readonly testimony?: undefined } = {}): Promise<string> {
  const { routes, errorPages } = await openDashboard();
  const lab = await serveWorkers({ server: { errorPages }, groups: [routes] });
  const { upload, report, testimony } = await leaseTestified(lab);
  const record = Buffer.from(canonicalJson(attestedRebuild().record));
  await upload(record);
  await report(testimony, { record: sha256Of(record), ...change });
  return words(await (await fetch(`${lab.url}/rebuilds/1`, { headers: { accept: 'text/html' } })).text());
}

it('a rebuild on another machine shows what it ran with against the .buildinfo, and that the worker says so', async () => {
  const page = await pageOf();
  expect(page).toContain('nobody here saw its environment');
  expect(page).toMatch(/gcc-14 14\.2\.0-19 not there/);
  expect(page).toMatch(/Package \.buildinfo There/);
});

it('one whose worker said nothing of it shows none', async () => {
  const page = await pageOf({ testimony: undefined });
  expect(page).toContain('Against the .buildinfo');
  expect(page).not.toContain('nobody here saw its environment');
});
