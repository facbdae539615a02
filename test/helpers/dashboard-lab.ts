import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { LiveLog } from '../../rebuilder/live-logs.ts';
import { openDashboard } from '../../rebuilder/server/index.ts';
import { type DashboardData, fillDashboard, HOSTILE_TEXT } from './dashboard-data.ts';
import { type LabOptions, openServiceLab, type ServiceLab, startServiceLab } from './service-lab.ts';

/** A service that listens on loopback, with data to look at. `address` has the base path, and no slash at its end. */
export type DashboardLab = ServiceLab & {
  readonly address: string;
  readonly origin: string;
  readonly data: DashboardData;
  /** The log of the job that runs. */
  readonly live: LiveLog;
};

/** One filled service for all tests of a file: call it at the top of the file, and what it gives in tests. */
export function useDashboard(options: LabOptions = {}): () => DashboardLab {
  let lab: (DashboardLab & { readonly close: () => Promise<void> }) | undefined;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'reproof-dashboard-'));
    lab = await startDashboard(folder, options);
  });
  afterAll(async () => {
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
  });
  return () => {
    if (lab === undefined) throw new Error('the service has not started');
    return lab;
  };
}

/** The same in a folder, for as long as its caller wants it. */
export async function startDashboard(
  folder: string,
  options: LabOptions = {},
): Promise<DashboardLab & { readonly close: () => Promise<void> }> {
  const lab = await startServiceLab(folder, await withPages(options));
  const { store, blobs, clock } = lab;
  const data = await fillDashboard({ store, blobs, pass: clock.pass, now: clock.now });
  const live = await lab.liveLogs.begin(data.runningJob);
  await live.write(Buffer.from(`dpkg-buildpackage: info: source package running\n${HOSTILE_TEXT}\n`));
  const address = await lab.listen();
  return { ...lab, data, live, address, origin: new URL(address).origin };
}

/** A server with pages over a real store in an empty folder, for one test. */
export async function openDashboardLab(options: LabOptions = {}): Promise<ServiceLab> {
  return openServiceLab(await withPages(options));
}

async function withPages(options: LabOptions): Promise<LabOptions> {
  const { routes, errorPages } = await openDashboard();
  return { ...options, server: { errorPages, ...options.server }, groups: [routes, ...(options.groups ?? [])] };
}
