import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An RPM package of one file, made by rpmbuild at this time, in seconds since 1970, on this host. */
export function rpmPackage(options: { text: string; time?: number; host?: string; requires?: string }): Buffer {
  const { text, time = 1_700_000_000, host = 'one', requires = 'a' } = options;
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
echo ${text} > %{buildroot}/usr/share/x/file
%files
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
