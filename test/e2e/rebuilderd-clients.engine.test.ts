import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerKey } from '../helpers/client-lab.ts';
import { syncSettings } from '../helpers/client-settings.ts';
import {
  DISTRIBUTION,
  type FilledClientLab,
  openFilledClientLab,
  SUITES,
  VERSION,
} from '../helpers/filled-client-lab.ts';

let lab: FilledClientLab;
const good = { status: 0 } as const;

beforeAll(async () => {
  lab = await openFilledClientLab();
}, 900_000);

afterAll(() => lab?.close(), 60_000);

describe("Debian's own rebuildctl", () => {
  it.each([
    ['trixie', /\t0\.(\d|1\d|2[0-4])\./],
    ['sid', /\t(0\.(2[5-9]|[3-9]\d)|[1-9]\d*)\./],
  ] as const)('of %s is of the generation that is meant', async (suite, version) => {
    const { stdout } = await lab.run(suite, ['dpkg-query', '--show', 'rebuildctl', 'rebuilderd-worker']);
    for (const line of stdout.trim().split('\n')) expect(line).toMatch(version);
  });

  it.each(SUITES)('of %s sends a list, which all generations see', async (suite) => {
    expect(lab.sent[suite]).toMatchObject(good);
    const name = `${DISTRIBUTION[suite]}-agrees`;
    for (const asking of SUITES) {
      const listed = await lab.rebuildctl(asking, 'pkgs', 'ls', '--name', name);
      expect(listed).toMatchObject(good);
      expect(listed.stdout).toContain(`${name} ${VERSION}`);
      expect(listed.stdout).toContain(`"${lab.urlOf(name, 'deb')}"`);
    }
  });

  it.each(SUITES)('of %s sends what an archive lists, by command line and by profile', async (suite) => {
    const archive = `${lab.files.url}/debian`;
    const [listed, profiled, architecture] =
      suite === 'sid' ? ['listed-new', 'profiled-new', 'all'] : ['listed-old', 'profiled-old', 'amd64'];
    const from = suite === 'sid' ? [archive, '--component', 'main', '--architecture', 'all'] : ['main', archive];
    const options = ['--release', 'sid', '--architecture', 'amd64', '--pkg', listed];
    expect(await lab.rebuildctl(suite, 'pkgs', 'sync', 'debian', ...from, ...options)).toMatchObject(good);
    await lab.write(`${suite}-sync.conf`, syncSettings(suite, { archive, name: profiled, architecture }));
    const profile = ['--sync-config', `/lab/${suite}-sync.conf`, 'p'];
    expect(await lab.rebuildctl(suite, 'pkgs', 'sync-profile', ...profile)).toMatchObject(good);
    const { stdout } = await lab.rebuildctl(suite, 'pkgs', 'ls', '--distro', 'debian');
    const release = suite === 'sid' ? 'sid, ' : '';
    for (const [name, built] of [
      [listed, 'amd64'],
      [profiled, architecture],
    ])
      expect(stdout).toMatch(
        new RegExp(`^\\[UNKWN\\] ${name} ${VERSION} +\\(debian, ${release}main, ${built}\\) `, 'm'),
      );
  });

  it.each(SUITES)('of %s lists by every filter, in JSON', async (suite) => {
    const name = suite === 'sid' ? 'listed-new' : 'listed-old';
    const filters = ['--name', name, '--distro', 'debian', '--suite', 'main', '--architecture', 'amd64'];
    const listed = await lab.rebuildctl(suite, 'pkgs', 'ls', '--json', ...filters, '--status', 'UNKWN');
    expect(listed).toMatchObject(good);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name, version: VERSION, architecture: 'amd64' }]);
    for (const [option, value] of [
      ['--status', 'GOOD'],
      ['--suite', 'contrib'],
      ['--architecture', 'arm64'],
    ] as const)
      expect(await lab.rebuildctl(suite, 'pkgs', 'ls', '--name', name, option, value)).toMatchObject({
        ...good,
        stdout: '',
      });
  });

  it.each(SUITES)('of %s pushes, lists and drops jobs', async (suite) => {
    const name = suite === 'sid' ? 'listed-new' : 'listed-old';
    const one = ['debian', 'main', name, VERSION, '--architecture', 'amd64'];
    const pushed = await lab.rebuildctl(suite, 'queue', 'push', ...one, '--priority=-7');
    expect(pushed).toMatchObject(good);
    expect((await lab.get(`/api/v1/queue?name=${name}`)).records).toMatchObject([{ priority: -7 }]);
    for (const options of [[], ['--head']]) {
      const listed = await lab.rebuildctl(suite, 'queue', 'ls', ...options);
      expect(listed).toMatchObject(good);
      expect(listed.stdout).toContain(`${name} ${VERSION}`);
    }
    const { stdout } = await lab.rebuildctl(suite, 'queue', 'ls', '--json');
    expect(JSON.stringify(JSON.parse(stdout))).toContain(name);
    expect(await lab.rebuildctl(suite, 'queue', 'drop', ...one)).toMatchObject(good);
    expect((await lab.get(`/api/v1/queue?name=${name}`)).total).toBe(0);
    expect((await lab.rebuildctl(suite, 'queue', 'ls')).stdout).not.toContain(name);
  });

  it('of sid says how many jobs it pushed, and lists planned ones', async () => {
    const { said } = await lab.rebuildctl('sid', 'queue', 'push', 'debian', 'main');
    expect(said).toMatch(/^Queue operation applied to 4 builds$/m);
    const planned = await lab.rebuildctl('sid', 'queue', 'ls', '--planned', '--head', '--json');
    expect(planned).toMatchObject(good);
    expect(JSON.parse(planned.stdout)).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'profiled-new' })]),
    );
  });

  it('of trixie requeues by name and by status', async () => {
    const requeue = ['pkgs', 'requeue', '--distro', 'debian', '--suite', 'main', '--architecture', 'amd64'];
    expect(await lab.rebuildctl('trixie', ...requeue, '--name', 'listed-old', '--priority', '3')).toMatchObject(good);
    expect((await lab.get('/api/v1/queue?name=listed-old')).total).toBe(1);
    await lab.rebuildctl('trixie', 'queue', 'drop', 'debian', 'main', 'listed-old');
    expect(await lab.rebuildctl('trixie', ...requeue, '--status', 'UNKWN', '--reset')).toMatchObject(good);
    expect((await lab.get('/api/v1/queue?name=listed-old')).total).toBe(1);
  });

  it.each(SUITES)('of %s is refused with a cookie that opens nothing', async (suite) => {
    const argv = ['rebuildctl', '-H', lab.url, 'queue', 'push', 'debian', 'main', 'mixed'];
    const refused = await lab.run(suite, argv, { cookie: 'wrong' });
    expect(refused.status).toBe(1);
    expect(refused.said).toContain('403 Forbidden');
  });
});

describe("Debian's own rebuilderd-worker", () => {
  it.each(SUITES)('of %s registers, and rebuildctl of both shows it', async (suite) => {
    await lab.built(`${DISTRIBUTION[suite]}-agrees`);
    const names = ((await lab.get('/api/v1/workers')).records as readonly { name: string }[]).map(({ name }) => name);
    const key = (await workerKey(lab, lab.workers[suite])).text;
    // A worker of version 0 has no name: it is called by the beginning of its key.
    expect(names).toContain(suite === 'sid' ? lab.workers[suite].name : key.slice(0, 8));
    const shown = await lab.rebuildctl('sid', 'status');
    expect(shown).toMatchObject(good);
    expect(shown.stdout).toContain(suite === 'sid' ? lab.workers[suite].name : key.slice(0, 8));
    const old = await lab.rebuildctl('trixie', 'status');
    expect(old).toMatchObject(good);
    expect(old.stdout).toContain(key);
  });

  it.each(SUITES)('of %s reports what agrees, differs, does not build, and cannot be fetched', async (suite) => {
    const [agrees = '', differs = '', breaks = '', missing = ''] = lab.packages.of(DISTRIBUTION[suite]);
    expect(await lab.built(agrees)).toMatchObject({ status: 'GOOD', has_attestation: true, has_diffoscope: false });
    expect(await lab.built(differs)).toMatchObject({ status: 'BAD', has_attestation: false, has_diffoscope: true });
    expect(await lab.built(breaks)).toMatchObject({ status: 'BAD', has_diffoscope: false });
    expect(await lab.built(missing)).toMatchObject({ status: null, artifact_id: null });
    for (const asking of SUITES) {
      const { stdout } = await lab.rebuildctl(asking, 'pkgs', 'ls', '--distro', DISTRIBUTION[suite]);
      for (const line of [`[GOOD ] ${agrees} `, `[BAD  ] ${differs} `, `[BAD  ] ${breaks} `, `[UNKWN] ${missing} `])
        expect(stdout).toContain(line);
    }
  });

  it.each(SUITES)('of %s leaves a log, a difference and a link, which rebuildctl of both fetches', async (suite) => {
    const [agrees = '', differs = '', , missing = ''] = lab.packages.of(DISTRIBUTION[suite]);
    for (const name of [agrees, differs, missing]) await lab.built(name);
    for (const asking of SUITES) {
      const fetch = async (what: string, name: string): Promise<string> => {
        const fetched = await lab.rebuildctl(asking, 'pkgs', what, '--name', name, '--distro', DISTRIBUTION[suite]);
        expect(fetched).toMatchObject(good);
        return fetched.stdout;
      };
      expect(await fetch('log', agrees)).toMatch(new RegExp(`^building ${agrees}\na byte that is no text: \ufffd`));
      expect(await fetch('log', missing)).toContain('404 Not Found');
      expect(await fetch('diffoscope', differs)).toContain(`/out/${differs}_${VERSION}_amd64.deb`);
      const link = JSON.parse(await fetch('attestation', agrees));
      expect(Object.keys(link.signed.products)).toEqual([`${agrees}_${VERSION}_amd64.deb`]);
    }
  });
});

describe('a service below a path', () => {
  it.each(SUITES)('takes what rebuildctl of %s sends and lists', async (suite) => {
    const given = { cookie: 'cookie-below' };
    const list = { distribution: 'below', names: [`below-${suite}`], to: lab.below.url };
    expect(await lab.send(suite, list, given)).toMatchObject(good);
    const argv = ['rebuildctl', '-H', lab.below.url, 'pkgs'];
    const listed = await lab.run(suite, [...argv, 'ls', '--name', `below-${suite}`], given);
    expect(listed.stdout).toContain(`[UNKWN] below-${suite} ${VERSION}`);
  });
});

describe('a build of more than a minute', () => {
  it.each(SUITES)(
    'by rebuilderd-worker of %s: the worker tells that it goes on, and its result counts',
    async (suite) => {
      const name = `${DISTRIBUTION[suite]}-slow`;
      expect(await lab.built(name)).toMatchObject({ status: 'GOOD', has_attestation: true });
      expect(lab.pings.get(name)).toBeGreaterThan(55);
      expect(await lab.workers[suite].log()).not.toMatch(/Failed to ping|Unexpected error, sleeping/);
    },
  );
});
