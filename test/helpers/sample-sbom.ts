import { sha256Of } from '../../model/index.ts';
import { type ArtifactContents, type EnvironmentContents, environmentOfPlan } from '../../sbom/index.ts';
import { sampleRecord } from './sample-record.ts';
import { smallPlan } from './small-plan.ts';

const sha1 = (digit: string): string => digit.repeat(40);

/** A package with all that an SBOM tells: relations of each kind, licences known and not, links, names of any script. */
export const sampleArtifact: ArtifactContents = {
  package: { name: 'small', version: '2:1.0~rc1+dfsg-1+b2', architecture: 'amd64', suite: 'trixie' },
  source: { name: 'small-source', version: '2:1.0~rc1+dfsg-1' },
  file: { name: 'small_1.0~rc1+dfsg-1+b2_amd64.deb', size: 4711, sha256: sha256Of('the package') },
  relations: {
    'Pre-Depends': 'init-system-helpers (>= 1.54~)',
    Depends: 'libc6 (>= 2.34), libstdc++6:any (>= 13), exim4 | mail-transport-agent, libc6 (<< 2.50)',
    Recommends: 'libc6-dbg, perl:any',
    Suggests: 'small-doc',
    'Built-Using': 'gcc-14 (= 14.2.0-19), small-source (= 2:1.0~rc1+dfsg-1)',
  },
  licences: ['GPL-2+', 'Expat', 'GPL-1+ or Artistic', 'A licence of its own', 'public-domain'],
  files: [
    { kind: 'file', path: '/usr/bin/small', sha1: sha1('1'), sha256: sha256Of('small') },
    { kind: 'symlink', path: '/usr/bin/tiny', target: 'small' },
    { kind: 'file', path: '/usr/share/doc/small/\\xff\\x1b[2J', sha1: sha1('2'), sha256: sha256Of('hostile') },
    { kind: 'file', path: '/usr/share/doc/small/λ', sha1: sha1('3'), sha256: sha256Of('greek') },
    { kind: 'file', path: '/usr/share/doc/small/λ', sha1: sha1('4'), sha256: sha256Of('again') },
  ],
  builtAt: 1_704_067_200,
};

const plan = smallPlan({
  lock: {
    schema: 'reproof-lock/1',
    recipe: 1,
    ecosystem: 'debian',
    suite: 'trixie',
    architecture: 'amd64',
    layers: [
      {
        name: 'base',
        packages: [locked('base-files', '13.8'), locked('libold1', '1.0-1'), locked('tzdata', '2025b-4', 'all')],
        remove: [],
      },
      {
        name: 'build-dependencies',
        packages: [locked('g++', '4:14.2.0-1'), locked('small', '0.9-1'), locked('tzdata', '2025b-5', 'all')],
        remove: ['libold1'],
      },
    ],
  },
});

/** A plan, and a record of a rebuild of it that came out as published. */
export const samplePlan = {
  ...plan,
  expected: [
    {
      name: 'small_1.0_amd64.deb',
      package: 'small',
      version: '1.0',
      architecture: 'amd64',
      size: 4711,
      sha256: '4'.repeat(64),
      origin: { kind: 'given' as const, name: 'small_1.0_amd64.deb' },
    },
  ],
};
const file = { name: 'small_1.0_amd64.deb', size: 4711, sha256: '4'.repeat(64) };
export const sampleRebuild = sampleRecord('aaaaaaaaaaaa', {
  artifacts: [{ kind: 'identical', name: file.name, published: file, rebuilt: file }],
});

/** The environment of that plan and record. */
export const sampleEnvironment: EnvironmentContents = environmentOfPlan(
  samplePlan,
  ['TZ=UTC', 'SOURCE_DATE_EPOCH=1704067200', 'DEB_BUILD_OPTIONS=parallel=2 nocheck'],
  sampleRebuild,
);

function locked(name: string, version: string, architecture = 'amd64') {
  const component = 'main';
  return {
    name,
    version,
    architecture,
    size: 1024,
    sha256: sha256Of(`${name} ${version}`),
    origin: { kind: 'archive' as const, archive: 'debian', suite: 'trixie', component, path: `pool/${name}.deb` },
  };
}
