import type { z } from 'zod';
import type { ListedFile, ListedSource, PackageStore } from '../../store/packages/types.ts';
import { given } from '../paging.ts';
import type { packageReport, suiteImport } from './bodies.ts';

/** Takes a client's list in: additions to its scope, which no other profile's list is touched by. */
export async function importReport(packages: PackageStore, report: z.output<typeof packageReport>): Promise<void> {
  const { distribution, release, architecture } = report;
  const profile = profileOf(distribution, release, architecture);
  const sources = report.packages
    .filter((one) => one.artifacts.length > 0)
    .map(({ name, version, url, artifacts }): ListedSource => {
      const { component } = artifacts[0] ?? {};
      return {
        distribution,
        name,
        version,
        architecture,
        url,
        ...(given({ release, component }) as { release?: string; component?: string }),
        files: once(artifacts.map((file) => listedFile(file))),
      };
    });
  await packages.import({ profile, distribution, kind: 'additions' }, sources);
}

/** The same for version 0, whose groups may be of several architectures. */
export async function importSuite(packages: PackageStore, report: z.output<typeof suiteImport>): Promise<void> {
  const { distro, suite } = report;
  const byArchitecture = Map.groupBy(report.groups, (group) => group.architecture);
  for (const [architecture, groups] of byArchitecture) {
    const sources = groups
      .filter((group) => group.artifacts.length > 0)
      .map((group): ListedSource => {
        const { name, version, input_url: url } = group;
        const component = group.suite === '' ? undefined : group.suite;
        return {
          distribution: distro,
          name,
          version,
          architecture,
          ...(given({ component, url }) as { component?: string; url?: string }),
          files: once(group.artifacts.map((file) => listedFile({ ...file, architecture, component }))),
        };
      });
    await packages.import(
      { profile: `${profileOf(distro, undefined, architecture)}/${suite}`, distribution: distro, kind: 'additions' },
      sources,
    );
  }
}

function profileOf(distribution: string, release: string | undefined, architecture: string): string {
  return `rebuilderd:${distribution}/${release ?? '-'}/${architecture}`;
}

function listedFile(file: {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly component?: string | undefined;
  readonly url: string;
}): ListedFile {
  const { name, version, architecture, url, component } = file;
  const fileName = lastSegment(url) ?? `${name}_${version}_${architecture}`;
  return { name, version, architecture, url, fileName, ...(given({ component }) as { component?: string }) };
}

/** The file's name in an address, as it would be saved; undefined where it has none that could be one. */
function lastSegment(url: string): string | undefined {
  try {
    const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
    return /^[^/\0]{1,255}$/.test(name) && name !== '.' && name !== '..' ? name : undefined;
  } catch {
    return undefined;
  }
}

/** A client that syncs all beside an architecture names files twice. */
function once(files: readonly ListedFile[]): readonly ListedFile[] {
  return [
    ...new Map(files.map((file) => [JSON.stringify([file.name, file.version, file.architecture]), file])).values(),
  ];
}
