import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { canonicalJson } from '../../model/index.ts';
import { DEB_LIMITS, readDeb } from '../../rebuilder/inventory/index.ts';
import { artifactSbom, type SbomFormat } from '../../sbom/index.ts';
import { CONTROL, handMadeAr, handMadeTar } from './hand-made-deb.ts';
import { tarHeader } from './hostile-files.ts';

// A program: reads a .deb of FILES files (1 KiB each), writes its SBOM in FORMAT, and prints how long that is. Its
// memory is limited by whoever starts it.
const [, , count = '0', format = 'cyclonedx-1.6'] = process.argv;
const content = Buffer.alloc(1024, 'x');

async function payload(): Promise<Buffer> {
  const gzip = createGzip({ level: 1 });
  const packed = Array.fromAsync(gzip as AsyncIterable<Buffer>);
  for (let index = 0; index < Number(count); index++) {
    const name = `./usr/share/a-folder-with-a-name/and-another-one/file-number-${index}`;
    if (!gzip.write(Buffer.concat([tarHeader(name, '00000002000'), content]))) await once(gzip, 'drain');
  }
  gzip.end(Buffer.alloc(1024));
  return Buffer.concat(await packed);
}

const deb = handMadeAr([
  ['debian-binary', Buffer.from('2.0\n')],
  ['control.tar', handMadeTar([{ name: './control', content: Buffer.from(CONTROL) }])],
  ['data.tar.gz', await payload()],
]);
async function* bytes(): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < deb.length; offset += 65_536) yield deb.subarray(offset, offset + 65_536);
}
const signal = new AbortController().signal;
const contents = await readDeb(bytes(), { name: 'many.deb', limits: DEB_LIMITS, signal });
const text = canonicalJson(artifactSbom(contents, format as SbomFormat, { version: '0.1.0' }));
process.stdout.write(
  JSON.stringify({ files: contents.files.length, bytes: text.length, peak: process.resourceUsage().maxRSS * 1024 }),
);
