import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import tarStream from 'tar-stream';
import { type FileDigest, sha256Of } from '../../model/index.ts';

/** A native source package made by a test, on disk: its .dsc and tarball. */
export type SourcePackage = {
  readonly name: string;
  readonly version: string;
  readonly dscPath: string;
  readonly dscText: string;
  readonly tarball: FileDigest & { readonly path: string };
};

export type SourceOptions = {
  readonly name: string;
  readonly version?: string;
  readonly folder: string;
  /** Shell lines of the binary target, run in the source folder; `$(call deb)` packs debian/tmp. */
  readonly binary: string;
  readonly buildDepends?: string;
  readonly architecture?: 'any' | 'all';
};

const CHANGELOG_DATE = 'Mon, 01 Jan 2024 00:00:00 +0000';

/** Writes NAME_VERSION.dsc and its tarball (3.0 (native)) into `folder`. The same options give the same bytes. */
export async function makeSourcePackage(options: SourceOptions): Promise<SourcePackage> {
  const version = options.version ?? '1.0';
  const architecture = options.architecture ?? 'any';
  const top = `${options.name}-${version}`;
  const files: readonly (readonly [string, string, number])[] = [
    [
      'debian/changelog',
      `${options.name} (${version}) unstable; urgency=low\n\n  * Test.\n\n -- Test <test@example.org>  ${CHANGELOG_DATE}\n`,
      0o644,
    ],
    ['debian/source/format', '3.0 (native)\n', 0o644],
    [
      'debian/control',
      `Source: ${options.name}\nSection: misc\nPriority: optional\nMaintainer: Test <test@example.org>\nStandards-Version: 4.7.0\n${options.buildDepends ? `Build-Depends: ${options.buildDepends}\n` : ''}\nPackage: ${options.name}\nArchitecture: ${architecture}\nDescription: made by a test\n Nothing to see.\n`,
      0o644,
    ],
    [
      'debian/rules',
      `#!/bin/sh\nset -eu\ncase "$1" in\nclean|build*) exit 0 ;;\nesac\nmkdir -p debian/tmp/DEBIAN debian/tmp/usr/share/${options.name}\n${options.binary}\ndpkg-gencontrol -p${options.name} -Pdebian/tmp\nfind debian/tmp -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +\nchmod -R go=rX debian/tmp\ndpkg-deb --root-owner-group -b debian/tmp ..\n`,
      0o755,
    ],
  ];
  const pack = tarStream.pack();
  const mtime = new Date(0);
  for (const folder of ['', '/debian', '/debian/source'])
    pack.entry({ name: `${top}${folder}/`, type: 'directory', mode: 0o755, mtime });
  for (const [name, text, mode] of files) pack.entry({ name: `${top}/${name}`, mode, mtime }, text);
  pack.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of pack as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const bytes = gzipSync(Buffer.concat(chunks));
  const tarballName = `${options.name}_${version}.tar.gz`;
  const tarball = { name: tarballName, size: bytes.length, sha256: sha256Of(bytes) };
  const dscText = `Format: 3.0 (native)\nSource: ${options.name}\nBinary: ${options.name}\nArchitecture: ${architecture}\nVersion: ${version}\nMaintainer: Test <test@example.org>\nStandards-Version: 4.7.0\n${options.buildDepends ? `Build-Depends: ${options.buildDepends}\n` : ''}Package-List:\n ${options.name} deb misc optional arch=${architecture}\nChecksums-Sha256:\n ${tarball.sha256} ${tarball.size} ${tarballName}\nFiles:\n 00000000000000000000000000000000 ${tarball.size} ${tarballName}\n`;
  await mkdir(options.folder, { recursive: true });
  const dscPath = join(options.folder, `${options.name}_${version}.dsc`);
  await writeFile(dscPath, dscText);
  await writeFile(join(options.folder, tarballName), bytes);
  return {
    name: options.name,
    version,
    dscPath,
    dscText,
    tarball: { ...tarball, path: join(options.folder, tarballName) },
  };
}
