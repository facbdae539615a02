import { describe, expect, it } from 'vitest';
import { checkBuildFolder, ownVolume } from '../../../rebuilder/sandbox/build-folder.ts';

const cut = (path: string) => ({
  buildRoot: path.slice(0, path.lastIndexOf('/')) || '/',
  sourceFolder: path.slice(path.lastIndexOf('/') + 1),
});

describe('the folder a build may have', () => {
  it.each([
    '/build/x-1.0',
    '/build/reproducible-path/x-1.0',
    '/builds/group/x',
    '/home/user/x',
    '/root/x',
    '/srv/a/b/c/x',
    '/tmp/x',
    '/tmp/buildd/x',
    '/usr/local/src/x',
    '/usr/src/x',
    '/var/tmp/x',
    '/varnish/x',
  ])('%s', (path) => {
    expect(() => checkBuildFolder(cut(path))).not.toThrow();
  });

  it.each([
    ['/x', 'the files built would lie in the root folder'],
    ['/etc/x', '/etc is a folder of the system'],
    ['/etc/a/x', '/etc/a is a folder of the system'],
    ['/usr/x', '/usr is a folder of the system'],
    ['/usr/srcs/x', '/usr/srcs is a folder of the system'],
    ['/var/lib/dpkg/x', '/var/lib/dpkg is a folder of the system'],
    ['/proc/x', '/proc is a folder of the system'],
    ['/dev/shm/x', '/dev/shm is a folder of the system'],
    ['/build/reproof-input', 'that folder is kept for the build itself'],
    ['/build/reproof-output/x', 'that folder is kept for the build itself'],
    ['/build/reproof-status/a/x', 'that folder is kept for the build itself'],
  ])('not %s', (path, why) => {
    expect(() => checkBuildFolder(cut(path))).toThrowError(
      expect.objectContaining({
        code: 'PLAN_INVALID',
        message: expect.stringContaining(`${path} cannot be built in: ${why}`),
      }),
    );
  });

  it('lies on the volume that every build has where it is below /build', () => {
    expect(['/build', '/build/a/b', '/builds', '/home'].map(ownVolume)).toEqual([true, true, false, false]);
  });
});
