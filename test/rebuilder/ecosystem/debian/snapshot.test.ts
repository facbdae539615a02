import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snapshotBinary, snapshotSource } from '../../../../rebuilder/ecosystem/debian/snapshot.ts';
import { appearance, SnapshotService, sha1Of } from '../../../helpers/snapshot-service.ts';
import { newFetcher } from '../../fetch/support.ts';

const tarball = Buffer.from('upstream');
const dsc = Buffer.from('a .dsc');
let service: SnapshotService;

beforeAll(async () => {
  service = await SnapshotService.start();
});
afterAll(() => service.close());

async function context() {
  const fetcher = await newFetcher({ tries: 1 });
  return { base: service.url, fetcher, signal: new AbortController().signal };
}

describe('asking the snapshot service', () => {
  it('finds a source whose upstream tarball lies in the archive under another name as well', async () => {
    const files = { 'hello_2.10.orig.tar.gz': tarball, 'hello_2.10-1.dsc': dsc };
    const other = appearance('hello-traditional_2.10.orig.tar.gz', tarball);
    service.keepSource({ name: 'hello', version: '2.10-1', files }, { 'hello_2.10.orig.tar.gz': [other] });
    const found = await snapshotSource({ name: 'hello', version: '2.10-1' }, await context());
    expect(found?.map(({ name, sha1 }) => [name, sha1])).toEqual([
      ['hello-traditional_2.10.orig.tar.gz', sha1Of(tarball)],
      ['hello_2.10-1.dsc', sha1Of(dsc)],
      ['hello_2.10.orig.tar.gz', sha1Of(tarball)],
    ]);
  });

  it('takes the main archive’s file where another archive has one of the same name', async () => {
    const deb = (archive: string) => ({
      name: 'x11',
      version: '1:7+b1',
      architecture: 'amd64',
      bytes: Buffer.from(archive),
      archive,
    });
    service.keepBinaries(deb('debian-ports'), deb('debian'), deb('debian-security'));
    const found = await snapshotBinary({ name: 'x11', version: '1:7+b1', architecture: 'amd64' }, await context());
    expect(found).toEqual({
      name: 'x11_7+b1_amd64.deb',
      size: 6,
      sha1: sha1Of(Buffer.from('debian')),
      architecture: 'amd64',
      url: `${service.url}/file/${sha1Of(Buffer.from('debian'))}`,
    });
    expect(service.asked).toContain('/mr/binary/x11/1%3A7%2Bb1/binfiles?fileinfo=1');
  });

  it('takes its page of HTML with status 404 for what it does not have', async () => {
    expect(await snapshotBinary({ name: 'no', version: '1', architecture: 'amd64' }, await context())).toBeUndefined();
    expect(await snapshotSource({ name: 'no', version: '1' }, await context())).toBeUndefined();
  });
});
