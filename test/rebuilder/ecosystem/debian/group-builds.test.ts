import { describe, expect, it } from 'vitest';
import { BuildGroups } from '../../../../rebuilder/ecosystem/debian/group-builds.ts';
import type { PackageLine } from '../../../../rebuilder/ecosystem/debian/package-list.ts';

const PLACE = { component: 'main', baseUrl: 'http://example.org/debian' };

/** NAME_VERSION_ARCHITECTURE, built from SOURCE_VERSION. */
function line(file: string, from: string): PackageLine {
  const [name = '', version = '', architecture = ''] = file.split('_');
  const [source = '', sourceVersion = ''] = from.split('_');
  const path = `pool/${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`;
  return { name, version, architecture, source, sourceVersion, maintainer: 'A', path, size: 1, sha256: 'a'.repeat(64) };
}

function builds(architectures: string[], ...files: [string, string][]): string[] {
  const groups = new BuildGroups(architectures, (why) => {
    throw new Error(why);
  });
  for (const [file, from] of files) groups.add(line(file, from), PLACE);
  return [...groups.builds()].map(
    ({ name, version, architecture, files: own }) =>
      `${name} ${version} ${architecture}: ${own.map((each) => `${each.name}_${each.version}_${each.architecture}`).join(' ')}`,
  );
}

describe('BuildGroups', () => {
  it('puts files of architecture all with those of the machine of the same source version', () => {
    expect(
      builds(['amd64', 'all'], ['git-doc_2_all', 'git_2'], ['git_2_amd64', 'git_2'], ['gitk_2_all', 'git_2']),
    ).toEqual(['git 2 amd64: git_2_amd64 git-doc_2_all gitk_2_all']);
  });

  it('puts them with the first architecture that has files of it, and alone where none has', () => {
    const files: [string, string][] = [
      ['a_1_arm64', 'a_1'],
      ['a-doc_1_all', 'a_1'],
      ['b_1_all', 'b_1'],
    ];
    expect(builds(['amd64', 'arm64', 'all'], ...files)).toEqual([
      'a 1 arm64: a_1_arm64 a-doc_1_all',
      'b 1 all: b_1_all',
    ]);
    expect(builds(['arm64', 'amd64'], ['a_1_amd64', 'a_1'], ...files)).toEqual([
      'a 1 arm64: a_1_arm64 a-doc_1_all',
      'a 1 amd64: a_1_amd64',
      'b 1 all: b_1_all',
    ]);
  });

  it('keeps the source and its version of a binNMU, with the files of architecture all', () => {
    expect(builds(['amd64'], ['less_668-1+b1_amd64', 'less_668-1'], ['less-doc_668-1_all', 'less_668-1'])).toEqual([
      'less 668-1 amd64: less_668-1+b1_amd64 less-doc_668-1_all',
    ]);
  });

  it('makes two builds of files that were rebuilt a different number of times', () => {
    expect(
      builds(['amd64'], ['b_1+b2_amd64', 's_1'], ['a_1_amd64', 's_1'], ['doc_1_all', 's_1'], ['c_1+b2_amd64', 's_1']),
    ).toEqual(['s 1 amd64: a_1_amd64 doc_1_all', 's 1 amd64: b_1+b2_amd64 c_1+b2_amd64']);
  });

  it('takes no binary version of its own for a binNMU, nor one of the source that looks like it', () => {
    expect(
      builds(['amd64'], ['gcc_4:14_amd64', 'gcc-defaults_1.2'], ['cpp_4:14_amd64', 'gcc-defaults_1.2']),
    ).toHaveLength(1);
    expect(builds(['amd64'], ['x_1+b1_amd64', 'x_1+b1'], ['y_2_amd64', 'x_1+b1'])).toHaveLength(1);
  });

  it('makes builds of their own of files of architecture all that are out of date', () => {
    expect(builds(['amd64'], ['a_2_amd64', 'a_2'], ['a-doc_1_all', 'a_1'], ['a-doc_2_all', 'a_2'])).toEqual([
      'a 2 amd64: a_2_amd64 a-doc_2_all',
      'a 1 all: a-doc_1_all',
    ]);
  });

  it('lists several versions of a package as builds of their own', () => {
    expect(builds(['amd64'], ['a_2_amd64', 'a_2'], ['a_1_amd64', 'a_1'])).toEqual([
      'a 2 amd64: a_2_amd64',
      'a 1 amd64: a_1_amd64',
    ]);
  });

  it('gives epochs in versions, which file names have not', () => {
    const groups = new BuildGroups(['amd64'], () => {
      throw new Error();
    });
    groups.add(line('vim_2:9.1_amd64', 'vim_2:9.1'), PLACE);
    expect([...groups.builds()]).toMatchObject([
      {
        version: '2:9.1',
        files: [
          { version: '2:9.1', fileName: 'vim_9.1_amd64.deb', url: 'http://example.org/debian/pool/vim_9.1_amd64.deb' },
        ],
      },
    ]);
  });

  it('takes a file that two indices list once, however many there are, and refuses two contents of it', () => {
    const groups = new BuildGroups(['amd64'], (why) => {
      throw new Error(why);
    });
    const many = Array.from({ length: 100 }, (_, number) => line(`p${number}_1_amd64`, 's_1'));
    for (const each of [...many, ...many]) groups.add(each, PLACE);
    expect(() => groups.add({ ...many[50]!, sha256: 'b'.repeat(64) }, PLACE)).toThrow(
      'p50_1_amd64.deb is listed twice',
    );
    expect([...groups.builds()].map((build) => build.files.length)).toEqual([100]);
  });

  it('takes debug symbols only beside what is there', () => {
    const groups = new BuildGroups(['amd64'], () => {
      throw new Error();
    });
    groups.add(line('a_2_amd64', 'a_2'), PLACE);
    for (const version of ['1', '2']) groups.addBeside(line(`a-dbgsym_${version}_amd64`, `a_${version}`), PLACE);
    expect([...groups.builds()].map((build) => build.files.map((file) => file.name))).toEqual([['a', 'a-dbgsym']]);
  });
});
