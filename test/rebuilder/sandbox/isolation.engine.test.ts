import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RebuildRecord } from '../../../model/index.ts';
import { labEngine, labOptions, rebuildDsc } from '../../helpers/engine-lab.ts';
import { makeSourcePackage } from '../../helpers/source-package.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-isolation-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function rebuildTelling(name: string, binary: string): Promise<{ record: RebuildRecord; log: string }> {
  const source = await makeSourcePackage({ name, folder, binary });
  const options = labOptions();
  const record = await rebuildDsc(source.dscPath, options, { control: false });
  const log = await readFile(join(options.dataFolder, 'rebuilds', record.id, 'build.log.gz'));
  return { record, log: gunzipSync(log).toString('utf8') };
}

describe('what a build can see and do', () => {
  it('has no network but loopback, no capability, no way to write its root, and is nobody special', async () => {
    const { record, log } = await rebuildTelling(
      'looks-around',
      `sed -n 's/^ *\\([a-z0-9]*\\):.*/interface=\\1;/p' /proc/net/dev
sed -n 's/^\\(Cap[A-Z][a-z]*\\|NoNewPrivs\\|Seccomp\\):[[:space:]]*/\\1=/p' /proc/self/status
wc -l < /proc/net/route | sed 's/^/routes=/'
touch /usr/x 2>/dev/null && echo root=writable || echo root=read-only
echo uid=$(id -u) user=$(id -un) umask=$(umask) home=$HOME tz=$TZ lang=$LC_ALL host=$(hostname)
echo folder=$PWD epoch=$SOURCE_DATE_EPOCH options=$DEB_BUILD_OPTIONS
mount | grep -c /dev/vd | sed 's/^/disk-mounts=/'`,
    );
    expect(record.attempts[0]?.outcome).toEqual({ kind: 'built' });
    expect([...log.matchAll(/interface=(\w+);/g)].map((match) => match[1])).toEqual(['lo']);
    // A header line and no route.
    expect(log).toMatch(/routes=1$/m);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(log).toMatch(new RegExp(`${set}=0000000000000000`));
    expect(log).toMatch(/NoNewPrivs=1$/m);
    expect(log).toMatch(/Seccomp=2$/m);
    expect(log).toMatch(/root=read-only$/m);
    expect(log).toMatch(/uid=1001 user=build umask=0022 home=\/nonexistent tz=UTC lang=C.UTF-8 host=reproof$/m);
    expect(log).toMatch(/folder=\/build\/reproducible-path\/looks-around-1.0 epoch=1704067200 options=parallel=\d+$/m);
  });

  it.each([
    [
      'name',
      `perl -MSocket=getaddrinfo -e 'my ($e) = getaddrinfo("deb.example.org", "80"); die "deb.example.org: $e\n" if $e'`,
    ],
    [
      'address',
      `perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "192.0.2.1:80", Timeout => 5) or die "connecting: $!\n"'`,
    ],
  ])('fails when it tries to reach out by %s, and the record says so', async (by, binary) => {
    const { record } = await rebuildTelling(`reaches-out-by-${by}`, binary);
    expect(record.verdict.kind).toBe('failed-to-build');
    expect(record.attempts[0]?.outcome).toMatchObject({
      kind: 'failed',
      phase: 'build',
      notes: [expect.stringContaining('tried to reach a network')],
    });
    expect(record.verdict.detail).toMatch(/tried to reach a network/);
  });

  it('meets no container with a network at any moment of a rebuild', async () => {
    const engine = await labEngine();
    const seen = new Map<string, string>();
    const events = (await engine.docker.getEvents({
      filters: JSON.stringify({ type: ['container'], event: ['start'] }) as never,
    })) as NodeJS.ReadableStream & { destroy(): void };
    const looks: Promise<unknown>[] = [];
    events.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n').filter(Boolean)) {
        const { id, Actor } = JSON.parse(line) as { id: string; Actor: { Attributes: Record<string, string> } };
        if (Actor.Attributes['org.reproof.owner'] === undefined) continue;
        looks.push(
          engine.docker
            .getContainer(id)
            .inspect()
            .then((info) =>
              seen.set(
                Actor.Attributes['org.reproof.role'] ?? '',
                `${info.HostConfig.NetworkMode} ${info.HostConfig.Privileged} ${info.HostConfig.Binds ?? 'no binds'}`,
              ),
            )
            .catch(() => {}),
        );
      }
    });
    // Build dependencies that no other test has, so that resolving and installing run too.
    const source = await makeSourcePackage({
      name: `networkless-${Date.now()}`,
      folder,
      binary: 'sleep 7',
      buildDepends: 'ed',
    });
    const record = await rebuildDsc(source.dscPath, labOptions(), { control: false });
    events.destroy();
    await Promise.all(looks);
    expect(record.attempts[0]?.outcome).toEqual({ kind: 'built' });
    expect([...seen.keys()].sort()).toEqual(
      ['build', 'measure', 'resolve'].concat(record.environment?.reused ? [] : ['install']).sort(),
    );
    for (const state of seen.values()) expect(state).toBe('none false no binds');
  });
});
