import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EnvironmentLock } from '../../model/index.ts';
import { openStore } from '../../rebuilder/store/index.ts';
import { startServer } from '../helpers/faulty-server.ts';
import { type OwnLab, openOwnLab, prepareLab, type Stop } from '../helpers/own-lab.ts';
import { makeSourcePackage } from '../helpers/source-package.ts';

const HALF_WAY = 'half-way through the build';
let sources = '';

beforeAll(async () => {
  sources = await mkdtemp(join(tmpdir(), 'reproof-interrupt-'));
  await prepareLab(sources);
});

afterAll(async () => {
  await rm(sources, { recursive: true, force: true });
});

/** Ends a run by a signal at a moment of a stage; it ends in good order, at once, and leaves nothing but what is done. */
async function interrupt(
  lab: OwnLab,
  { signal, until, lastStage }: Stop & { readonly lastStage?: string },
  ...argv: readonly string[]
): Promise<string> {
  const stopped = await lab.stopAt({ signal, until }, ...argv, '--verbose');
  expect(stopped.stderr).toContain(`reproof: stopping (${signal}); once more to stop at once\n`);
  expect(stopped.stderr).toMatch(/reproof: .*interrupted.*\n {2}→ reproof list shows/);
  expect(stopped).toMatchObject({ status: 130, signal: null, stdout: '' });
  expect(await lab.left()).toEqual([]);
  expect((await lab.temporaryFiles()).filter((name) => !/^[0-9a-f]{64}\.partial$/.test(name))).toEqual([]);
  const [summary] = await lab.list();
  expect(summary).toMatchObject({ state: 'unfinished', ...(lastStage === undefined ? {} : { lastStage }) });
  const id = summary?.id ?? '';
  expect(await readdir(join(lab.data, 'rebuilds')).catch(() => [])).not.toContain(id);
  expect((await lab.run('show', id)).stderr).toContain(`go on with reproof resume ${id}`);
  return id;
}

/** Takes the packages of the environment's last layer out of the cache, so that they are fetched again. */
async function forgetPackages(lab: OwnLab, id: string): Promise<void> {
  const store = await openStore(lab.data);
  const lock = (await store.stages(id)).find(({ stage }) => stage === 'lock')?.value as EnvironmentLock;
  await store.close();
  for (const { sha256 } of lock.layers.at(-1)?.packages ?? [])
    await rm(join(lab.cache, 'sha256', sha256.slice(0, 2), sha256));
}

describe('a rebuild interrupted by a signal', () => {
  it('ends in good order while it resolves, installs, fetches, builds and builds again, and goes on from there', async () => {
    const lab = await openOwnLab();
    const { dscPath } = await makeSourcePackage({
      name: 'is-interrupted',
      folder: sources,
      buildDepends: 'hello',
      binary: `echo ${HALF_WAY}; sleep 2; cat /proc/sys/kernel/random/uuid > debian/tmp/usr/share/is-interrupted/id`,
    });
    const resolving = {
      signal: 'SIGTERM',
      until: () => lab.running('resolve', 'apt-get'),
      lastStage: 'source',
    } as const;
    const id = await interrupt(lab, resolving, 'rebuild', dscPath, '--suite', 'trixie');

    const installing = { signal: 'SIGINT', until: () => lab.running('install', 'policy-rc.d') } as const;
    await interrupt(lab, { ...installing, lastStage: 'plan' }, 'resume', id);

    await forgetPackages(lab, id);
    const server = await startServer((_request, response) => void response.writeHead(200).write('only the beginning'));
    onTestFinished(() => server.close());
    const fetching = {
      signal: 'SIGTERM',
      // A file is claimed before it is asked for: the claim alone does not say that anything is on its way.
      until: () =>
        vi.waitFor(async () => {
          expect(server.requests).toHaveLength(1);
          expect((await readdir(join(lab.cache, 'partial'))).join()).toMatch(/claim/);
        }, 60_000),
    } as const;
    await interrupt(lab, { ...fetching, lastStage: 'plan' }, 'resume', id, '--mirror', `${server.url}/debian`);
    expect(server.requests.map(({ path }) => path)).toEqual([expect.stringMatching(/\/pool\/main\/h\/hello\/hello_/)]);

    await interrupt(lab, { signal: 'SIGINT', until: HALF_WAY, lastStage: 'environment' }, 'resume', id);
    await interrupt(lab, { signal: 'SIGINT', until: 'control: started', lastStage: 'compare' }, 'resume', id);
    await interrupt(lab, { signal: 'SIGTERM', until: HALF_WAY, lastStage: 'compare' }, 'resume', id);

    const { status, stdout } = await lab.run('resume', id);
    expect(stdout).toMatch(/^unreproducible \(nondeterministic\): is-interrupted/);
    expect(status).toBe(1);
    expect(await lab.checkEvidence(id)).toMatchObject({ status: 0 });
    expect(await lab.temporaryFiles()).toEqual([]);
    expect(await lab.left()).toEqual([]);
  });
});
