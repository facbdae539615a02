import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCpio, readRpm, rpmFiles } from '../../formats/index.ts';
import { chunksOf } from './chunks.ts';

export type RpmOptions = {
  readonly text: string;
  readonly time?: number;
  readonly host?: string;
  readonly requires?: string;
  /** True adds a folder, a link of either kind, and an empty file. */
  readonly more?: boolean;
};

/** An RPM package of one file, made by rpmbuild at this time, in seconds since 1970, on this host. */
export function rpmPackage(options: RpmOptions): Buffer {
  const { text, time = 1_700_000_000, host = 'one', requires = 'a', more = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'rpm-'));
  try {
    const spec = `Name: x
Version: 1
Release: 1
Summary: an example
License: MIT
BuildArch: noarch
Requires: ${requires}
%description
x
%install
mkdir -p %{buildroot}/usr/share/x
cd %{buildroot}/usr/share/x
echo ${text} > file
${more ? 'mkdir d; ln file d/hard; ln -s file soft; touch empty; echo last > z' : ''}
%files
${more ? '%dir /usr/share/x/d\n/usr/share/x/d/hard\n/usr/share/x/soft\n/usr/share/x/empty\n/usr/share/x/z' : ''}
/usr/share/x/file
%changelog
* Mon Nov 13 2023 N <n@example.org> - 1-1
- first
`;
    writeFileSync(join(folder, 'x.spec'), spec);
    const macros = {
      _topdir: folder,
      _buildhost: host,
      use_source_date_epoch_as_buildtime: '1',
      clamp_mtime_to_source_date_epoch: '1',
    };
    const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
    const env = { PATH: process.env.PATH ?? '', HOME: folder, SOURCE_DATE_EPOCH: String(time) };
    execFileSync('rpmbuild', ['-bb', ...defines, 'x.spec'], { cwd: folder, env, stdio: 'ignore' });
    return readFileSync(globSync(join(folder, 'RPMS/*/*.rpm'))[0] as string);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The package with its payload written as rpm does for files of more than 4 GiB: by their numbers in the header. */
export async function strippedRpm(
  bytes: Buffer,
  change: (payload: Buffer) => Buffer = (same) => same,
): Promise<Buffer> {
  const { payloadOffset, header } = await readRpm(chunksOf(bytes, bytes.length), {
    storeBytes: 2 ** 20,
    values: 10_000,
  });
  const program = header.get('PAYLOADCOMPRESSOR')?.[0] ?? '';
  const files = rpmFiles(header);
  const pieces: Buffer[] = [];
  const named = execFileSync(program, ['-dc'], { input: bytes.subarray(payloadOffset) });
  const limits = { members: 100, nameBytes: 1000 };
  for await (const piece of readCpio(chunksOf(named, named.length), limits)) {
    if (piece.kind !== 'entry') continue;
    const number = files.findIndex(({ name }) => name === piece.name);
    pieces.push(Buffer.from(`07070X${number.toString(16).padStart(8, '0')}\0\0`, 'latin1'));
    let size = 0;
    for await (const content of piece.content) {
      pieces.push(Buffer.from(content));
      size += content.length;
    }
    pieces.push(Buffer.alloc((4 - (size % 4)) % 4));
  }
  pieces.push(
    Buffer.from(`070701${'0'.repeat(32)}00000001${'0'.repeat(48)}0000000b00000000TRAILER!!!\0\0\0\0`, 'latin1'),
  );
  const payload = execFileSync(program, ['-c'], { input: change(Buffer.concat(pieces)) });
  return Buffer.concat([bytes.subarray(0, payloadOffset), payload]);
}
