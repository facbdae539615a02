import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientResult, workerKey } from '../helpers/client-lab.ts';
import { thresholdSettings } from '../helpers/client-settings.ts';
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
  lab = await openFilledClientLab({ without: 'slow' });
}, 900_000);

afterAll(() => lab?.close(), 60_000);

describe("Debian's own debian-repro-status", () => {
  it.each(SUITES)('of %s tells what of a system was reproduced', async (suite) => {
    const names = ['new-agrees', 'new-differs', 'old-agrees', 'new-missing'];
    for (const name of names) await lab.built(name);
    const lines = [...names, 'unheard-of'].map((name) => `installed ${name} amd64 ${VERSION}\n`);
    await lab.write('installed', lines.join(''));
    const status = (...argv: readonly string[]): Promise<ClientResult> =>
      lab.run(suite, ['debian-repro-status', ...argv, '--architecture', 'amd64']);
    const installed = ['--dpkg-query-output', '/lab/installed'];
    const told = await status('-H', lab.url, ...installed);
    expect(told).toMatchObject(good);
    expect(told.said).toMatch(/^\[\+\] new-agrees amd64 1\.0-1 GOOD *$/m);
    expect(told.said).toMatch(/^\[\+\] old-agrees amd64 1\.0-1 GOOD *$/m);
    expect(told.said).toMatch(/^\[-\] new-differs amd64 1\.0-1 BAD *$/m);
    expect(told.said).toMatch(/^\[\?\] new-missing amd64 1\.0-1 UNKWN *$/m);
    expect(told.said).toContain('40.00% been reproduced');
    const bad = await status('-H', lab.url, ...installed, '--filter', 'BAD');
    expect(bad).toMatchObject(good);
    expect(bad.said).toContain('[-] new-differs');
    expect(bad.said).not.toContain('new-agrees');
    const ofItself = await status('-H', lab.url, '--summary');
    expect(ofItself).toMatchObject(good);
    expect(ofItself.said).toContain('Your system has 0.00% been reproduced');
    // Below a path a service is one like any other; that of sid asks several.
    const urls = suite === 'sid' ? [lab.below.url, lab.url] : [lab.below.url];
    const below = await status(...urls.flatMap((url) => ['-H', url]), ...installed, '--summary');
    expect(below).toMatchObject(good);
    expect(below.said).toContain(suite === 'sid' ? '40.00% been reproduced' : ' 0.00% been reproduced');
  });
});

describe("Debian's own repro-threshold", () => {
  const verify = async (name: string, keys: readonly string[], threshold = 1): Promise<ClientResult> => {
    const signed = keys.flatMap((key) => ['-S', `/lab/${key}.pem`]);
    const file = `/lab/${name}_${VERSION}_amd64.deb`;
    const argv = ['repro-threshold', 'plumbing', 'verify', '-t', `${threshold}`, ...signed, '-R', lab.url, file];
    return lab.run('sid', argv);
  };
  const refused = { status: 1, said: expect.stringContaining('only 0/1 required signatures') };

  beforeAll(async () => {
    for (const name of ['mixed', 'new-differs', 'new-agrees']) await lab.built(name, '&distribution=new');
    await lab.built('old-agrees');
    const { current } = await lab.get('/api/v1/meta/public-keys');
    await lab.write('ours.pem', current[0]);
    for (const suite of SUITES) await lab.write(`${suite}.pem`, (await workerKey(lab, lab.workers[suite])).pem);
  });

  it.each(SUITES)("accepts what a worker of %s rebuilt by that worker's key, and by no other", async (suite) => {
    const name = `${DISTRIBUTION[suite]}-agrees`;
    expect(await verify(name, [suite])).toMatchObject({ status: 0, said: expect.stringContaining('1/1 required') });
    expect(await verify(name, ['ours'])).toMatchObject(refused);
  });

  it('refuses what differs, whatever keys it is given', async () => {
    expect(await verify('new-differs', ['ours', ...SUITES])).toMatchObject(refused);
  });

  it('accepts by the key of this server what it rebuilt itself, though a worker found it to differ', async () => {
    expect((await lab.get('/api/v1/packages/binary?name=mixed')).records).toMatchObject([
      { status: 'BAD' },
      { status: 'GOOD' },
    ]);
    expect(await verify('mixed', ['ours'])).toMatchObject({ status: 0, said: expect.stringContaining('1/1 required') });
    expect(await verify('mixed', [...SUITES])).toMatchObject(refused);
  });

  it('takes a rebuilder into its settings, and out of them', async () => {
    const own = 'repro-threshold plumbing';
    const added = `${own} add-rebuilder ${lab.url} --name lab && ${own} list-rebuilders --all`;
    const removed = `${own} remove-rebuilder ${lab.url} && echo removed && ${own} list-rebuilders --all`;
    const { status, stdout } = await lab.run('sid', ['sh', '-c', `${added} && ${removed}`]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\[ \] "lab" [^\n]*\nremoved\n$/);
  });

  it('lets apt install what was rebuilt alone', async () => {
    const host = ['--add-host', 'rebuilder.test:127.0.0.1', '--add-host', 'archive.test:127.0.0.1'];
    const { current } = await lab.get('/api/v1/meta/public-keys');
    const url = lab.url.replace('127.0.0.1', 'rebuilder.test');
    await lab.write('threshold.conf', thresholdSettings(url, current[0]));
    const from = lab.files.url.replace('127.0.0.1', 'archive.test');
    await lab.write('sources.list', `deb [trusted=yes arch=amd64] reproduced+${from}/flat ./\n`);
    const own = [
      'APT::Sandbox::User=root',
      'Dir::Etc::sourcelist=/lab/sources.list',
      'Dir::Etc::sourceparts=/dev/null',
    ];
    const apt = `apt-get -q -o ${own.join(' -o ')}`;
    const script = [
      'repro-threshold plumbing list-rebuilders',
      `${apt} update`,
      `${apt} -y install mixed && dpkg-query -W mixed`,
      `${apt} -y install new-differs || echo refused`,
    ];
    const options = [...host, '--env', 'REPRO_THRESHOLD_CONFIG=/lab/threshold.conf'];
    const { said } = await lab.run('sid', ['sh', '-c', script.join('; ')], { options });
    expect(said).toContain('[x] "lab"');
    expect(said).toContain(`mixed\t${VERSION}\n`);
    expect(said).toContain('Not enough reproducible builds attestations: only 0/1 required signatures');
    expect(said).toMatch(/^refused$/m);
  });

  it('is one of the rebuilders that repro-threshold asks', async () => {
    const urls = [lab.below.url, lab.url].flatMap((url) => ['-R', url]);
    const argv = ['repro-threshold', 'plumbing', 'verify', '-t', '1', '-S', '/lab/ours.pem', ...urls];
    expect(await lab.run('sid', [...argv, `/lab/mixed_${VERSION}_amd64.deb`])).toMatchObject(good);
  });
});
