import { gzipSync } from 'node:zlib';
import { smallElf } from './small-elf.ts';
import { smallZip } from './small-zip.ts';

/** A tar header, ustar, its checksum right; `size` as the field's own text or bytes. */
export function tarHeader(name: string, size: string | Buffer, options: { type?: string; link?: string } = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'latin1');
  header.write(`0000644\0${'0000000\0'.repeat(2)}`, 100, 'latin1');
  if (typeof size === 'string') header.write(size, 124, 12, 'latin1');
  else size.copy(header, 124);
  header.write('00000000000\0', 136, 'latin1');
  header.write(options.type ?? '0', 156, 'latin1');
  header.write(options.link ?? '', 157, 100, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

const END = Buffer.alloc(1024);
const octal = (size: number): string => size.toString(8).padStart(11, '0');

/** A tar archive with these members, content padded as it must be. */
export function tarFile(
  members: readonly { readonly name: string; readonly content?: Buffer; readonly link?: string }[],
): Buffer {
  const pieces = members.flatMap(({ name, content = Buffer.alloc(0), link }) => [
    tarHeader(name, octal(content.length), link === undefined ? {} : { type: '2', link }),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
  ]);
  return Buffer.concat([...pieces, END]);
}

/** An ar member header with a size of any text. */
export const arFile = (size: string): Buffer =>
  Buffer.from(
    `!<arch>\n${'a/'.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${size.padEnd(10)}\`\nx\n`,
  );

/** zeros.gz inside gzip, so many times: each layer is small. */
export function nestedGzip(layers: number, innermost: Buffer): Buffer {
  let bytes = innermost;
  for (let layer = 0; layer < layers; layer++) bytes = gzipSync(bytes);
  return bytes;
}

/** Zip files in zip files, `width` to a layer. */
export function nestedZip(layers: number, width: number): Buffer {
  let bytes = smallZip([{ name: 'core', content: Buffer.alloc(1000), deflate: true }]);
  for (let layer = 0; layer < layers; layer++)
    bytes = smallZip(
      Array.from({ length: width }, (_, index) => ({ name: `${layer}-${index}.zip`, content: bytes, deflate: true })),
    );
  return bytes;
}

/** Names that would leave a folder, end a string, act on a terminal or read backwards. */
export const HOSTILE_NAMES: readonly string[] = [
  '../../../../tmp/escaped',
  '/etc/passwd',
  '..',
  '.',
  '',
  'a\0b',
  'a\nb',
  'a\x1b[2Jb',
  'a\u202eb',
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'con',
  'x'.repeat(99),
  '\xff\xfe',
  '-rf',
  '$(touch /tmp/escaped)',
  '`touch /tmp/escaped`',
  'a;b|c&d',
];

/** Files that break one rule each, by what they do. All are small; what they claim is not. */
export const HOSTILE_FILES: Readonly<Record<string, Buffer>> = {
  'a tar member of negative size': Buffer.concat([tarHeader('a', Buffer.alloc(12, 0xff)), END]),
  'a tar member of 2^63 bytes': Buffer.concat([
    tarHeader('a', Buffer.from([0x80, 0, 0, 0, 0x7f, ...Array(7).fill(0xff)])),
    END,
  ]),
  'a tar member whose size is no number': Buffer.concat([tarHeader('a', 'zzzzzzzzzzz\0'), END]),
  'a tar long name of 8 GiB': Buffer.concat([tarHeader('././@LongLink', '77777777777\0', { type: 'L' }), END]),
  'a tar extended header of 8 GiB': Buffer.concat([tarHeader('x', '77777777777\0', { type: 'x' }), END]),
  'a tar extended header that never ends a record': Buffer.concat([
    tarHeader('x', octal(512), { type: 'x' }),
    Buffer.alloc(512, '9'),
    END,
  ]),
  'tar links in a ring': tarFile([
    { name: 'a', link: 'b' },
    { name: 'b', link: 'a' },
    { name: 'c', link: 'c' },
  ]),
  'a tar of names that leave the folder': tarFile(
    HOSTILE_NAMES.map((name) => ({ name, content: Buffer.from(name, 'latin1') })),
  ),
  'a zip of names that leave the folder': smallZip(
    HOSTILE_NAMES.map((name) => ({ name, content: Buffer.from(name, 'latin1') })),
  ),
  'an ar member of negative size': arFile('-1'),
  'an ar member of 9 GB': arFile('9999999999'),
  'a cpio member of 4 GiB': Buffer.from(`070701${'0'.repeat(48)}ffffffff${'0'.repeat(32)}ffffffff${'0'.repeat(8)}`),
  'an ELF file of 65,535 sections that are not there': elfClaiming(0xffff),
  'an ELF file of overlapping sections': smallElf(
    Array.from({ length: 2000 }, (_, index) => ({ name: '.same', type: 1, bytes: Buffer.from([index & 255]) })),
    { bits: 64, endian: 'little' },
  ),
  'JSON of 100,000 open brackets': Buffer.from('['.repeat(100_000)),
  'XML of 100,000 open elements': Buffer.from(`<?xml version="1.0"?>${'<a>'.repeat(100_000)}`),
  'XML of entities that grow a thousandfold': Buffer.from(
    `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "${'x'.repeat(100)}">${Array.from(
      { length: 10 },
      (_, index) => `<!ENTITY b${index} "${`&${index === 0 ? 'a' : `b${index - 1}`};`.repeat(10)}">`,
    ).join('')}]><a>&b9;</a>`,
  ),
  'text of one line of a megabyte': Buffer.from('ab'.repeat(500_000)),
  'text of 200,000 lines alike': Buffer.from('same\n'.repeat(200_000)),
  'a PDF of 20,000 objects of one number': Buffer.from(`%PDF-1.4\n${'1 0 obj\n<<>>\nendobj\n'.repeat(20_000)}`),
  'a PNG whose chunk is 4 GiB': Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    Buffer.from('ffffffff49484452', 'hex'),
    Buffer.alloc(40),
  ]),
  'a PNG of 2^31 by 2^31 pixels': Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    Buffer.from('0000000d494844527fffffff7fffffff0806000000', 'hex'),
    Buffer.alloc(40),
  ]),
  'a WebAssembly section of 4 GiB': Buffer.from('0061736d0100000001ffffffff0f', 'hex'),
  'a Java class of 65,535 constants that are not there': Buffer.from('cafebabe00000041ffff', 'hex'),
  'a font of 65,535 tables that are not there': Buffer.from('00010000ffff00000000000000', 'hex'),
  'an SQLite file of no pages': Buffer.concat([Buffer.from('SQLite format 3\0', 'latin1'), Buffer.alloc(84, 0xff)]),
  'a gettext file of 4 G entries': Buffer.from('de120495000000ffffffff1c0000001c0000000000000000000000', 'hex'),
  'an rpm whose index has 4 G entries': Buffer.concat([
    Buffer.from('edabeedb0300', 'hex'),
    Buffer.alloc(90),
    Buffer.from('8eade80100000000ffffffffffffffff', 'hex'),
  ]),
  'a PE file whose header is outside of it': Buffer.concat([
    Buffer.from('MZ'),
    Buffer.alloc(58),
    Buffer.alloc(4, 0xff),
  ]),
  'deb822 of 100,000 fields': Buffer.from(
    `Package: a\n${Array.from({ length: 100_000 }, (_, index) => `F${index}: x\n`).join('')}`,
  ),
};

function elfClaiming(sections: number): Buffer {
  const bytes = smallElf([{ name: '.text', type: 1, bytes: Buffer.from('x') }], { bits: 64, endian: 'little' });
  bytes.writeUInt16LE(sections, 60);
  return bytes;
}
