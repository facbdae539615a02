import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { performSync } from '../../../rebuilder/sync/index.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { packagesIndex } from './support.ts';
import {
  AMD64,
  FIRST,
  forever,
  lab,
  listed,
  NEWER,
  publish,
  queued,
  sid,
  sync,
  taskOf,
  useArchive,
} from './sync-lab.ts';

const INSTALLER = 'main/debian-installer/binary-amd64/Packages';

useArchive();

describe('a sync', () => {
  it('lists what a signed suite publishes, by build, and queues it', async () => {
    await publish('sid', sid());
    expect(await sync()).toMatchObject({ kind: 'synced', profile: 'sid', sources: 2, files: 3, added: 3, queued: 2 });
    expect(await listed()).toEqual(FIRST);
    expect(await queued()).toEqual(['hello 1:2-1', 'less 1']);
  });

  it('reads nothing but the Release file when nothing changed', async () => {
    await publish('sid', sid());
    await sync();
    lab.requests = [];
    expect(await sync()).toMatchObject({ kind: 'unchanged' });
    expect(lab.requests).toEqual(['/debian/dists/sid/InRelease']);
  });

  it('takes the place of superseded versions', async () => {
    await publish('sid', sid());
    await sync();
    await publish('sid', sid('1:3-1'), { date: NEWER });
    expect(await sync()).toMatchObject({ added: 1, withdrawn: 1, queued: 1, dropped: 1 });
    expect(await queued()).toEqual(['hello 1:3-1', 'less 1']);
  });

  it('reads again when its rules change', async () => {
    await publish('sid', sid());
    await sync();
    expect(await sync({ exclude: [{ source: ['hel*'] }] })).toMatchObject({
      kind: 'synced',
      files: 2,
      withdrawn: 1,
      dropped: 1,
    });
    expect(await queued()).toEqual(['less 1']);
  });

  it('leaves the jobs of another profile alone', async () => {
    await publish('sid', sid());
    await sync();
    expect(await sync({ name: 'only-hello', include: [{ source: ['hello'] }] })).toMatchObject({
      withdrawn: 0,
      dropped: 0,
    });
    expect(await sync({ name: 'only-hello', include: [{ source: ['none'] }] })).toMatchObject({
      withdrawn: 1,
      dropped: 0,
    });
    expect(await queued()).toEqual(['hello 1:2-1', 'less 1']);
    expect(await listed()).toEqual(FIRST);
  });

  it('lists one architecture without the files of architecture all', async () => {
    await publish('sid', sid());
    await sync({ architectures: ['amd64'] });
    expect(await listed()).toEqual([
      'sid hello 1:2-1 amd64: hello_2-1_amd64.deb',
      'sid less 1 amd64: less_1+b1_amd64.deb',
    ]);
  });

  it('lists architecture all alone', async () => {
    await publish('sid', sid());
    await sync({ architectures: ['all'] });
    expect(await listed()).toEqual(['sid less 1 all: less-doc_1_all.deb']);
  });

  it("lists the installer's packages with their source's others, where asked", async () => {
    await publish('sid', { ...sid(), [INSTALLER]: packagesIndex([['less-udeb_1+b1_amd64', 'less_1']], 'udeb') });
    await sync();
    expect(await listed()).toEqual(FIRST);
    await sync({ installer: true });
    expect(await listed()).toContain(
      'sid less 1 amd64: less-doc_1_all.deb less-udeb_1+b1_amd64.udeb less_1+b1_amd64.deb',
    );
  });

  it('lists debug symbols of what the suite holds, where asked', async () => {
    await publish('sid', sid());
    await publish('sid-debug', {
      [AMD64]: packagesIndex([
        ['hello-dbgsym_1:2-1_amd64', 'hello_1:2-1'],
        ['hello-dbgsym_1:1-1_amd64', 'hello_1:1-1'],
      ]),
    });
    const before = lab.files;
    lab.files = Object.fromEntries(
      Object.entries(before).map(([path, bytes]) => [path.replace(/^(?=\/dists\/sid-debug)/, '-debug'), bytes]),
    );
    await sync({ debug: true });
    expect(await listed()).toContain('sid hello 1:2-1 amd64: hello-dbgsym_2-1_amd64.deb hello_2-1_amd64.deb');
    expect((await listed()).join()).not.toContain('1-1_amd64');
  });

  it('goes on without an index of architecture all that others repeat and the mirror is late with, and tries again', async () => {
    await publish('sid', sid(), { fields: 'No-Support-for-Architecture-all: Packages\n' });
    const whole = lab.files;
    lab.files = Object.fromEntries(Object.entries(whole).filter(([path]) => !path.includes('binary-all')));
    const notes: string[] = [];
    const report = (event: { kind: string; text?: string }) => void (event.text && notes.push(event.text));
    expect(await performSync(taskOf(), { signal: forever, report })).toMatchObject({ kind: 'synced', files: 3 });
    expect(notes).toEqual([expect.stringContaining('main/binary-all/Packages of sid could not be had')]);
    lab.files = whole;
    expect(await sync()).toMatchObject({ kind: 'synced', added: 0, withdrawn: 0 });
    expect(await sync()).toMatchObject({ kind: 'unchanged' });
  });
});

describe('reproof sync', () => {
  const cli = (...argv: string[]) =>
    runCli(lab.data, [
      'sync',
      ...argv,
      '--data',
      join(lab.data, 'd'),
      '--mirror',
      lab.mirror,
      '--keyring',
      lab.keyring,
    ]);

  it('says in one line what it did, or as JSON', async () => {
    await publish('sid', sid());
    const first = await cli('debian', '--suite', 'sid');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^debian-sid: 2 sources, 3 files; 3 added, 0 withdrawn, 2 queued, 0 dropped; [\d.]+ s\n$/,
    );
    const again = await cli('debian', '--suite', 'sid', '--json');
    expect(JSON.parse(again.stdout)).toEqual({ kind: 'unchanged', profile: 'debian-sid', seconds: expect.any(Number) });
    const ruled = await cli('debian', '--suite', 'sid', '--profile', 'hello', '--include', 'hel*', '--arch', 'amd64');
    expect(ruled.stdout).toMatch(/^hello: 1 sources, 1 files; 1 added,/);
  });

  it.each([
    [[]],
    [['--profile', 'none']],
    [['fedora']],
    [['debian']],
    [['debian', '--suite', '../x']],
    [['debian', '--suite', 'sid', '--profile', '-x']],
  ])('refuses %j as wrong usage', async (argv) => {
    expect(await cli(...argv)).toMatchObject({ status: 64, stdout: '' });
  });
});
