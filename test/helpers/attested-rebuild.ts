import type { RebuildFacts } from '../../attest/index.ts';
import {
  type ArtifactVerdict,
  CONTROL_PAIR,
  type Difference,
  type EnvironmentLock,
  type LockedPackage,
  lockDigest,
  type PublishedArtifact,
  planDigest,
  type RebuildPlan,
  type RebuildRecord,
  type Verdict,
} from '../../model/index.ts';
import { sampleRecord, sampleTarget } from './sample-record.ts';
import { smallPlan } from './small-plan.ts';

const digest = (digit: string): string => digit.repeat(64);

function locked(name: string, version: string, digit: string): LockedPackage {
  const path = `pool/main/${name[0]}/${name}/${name}_${version}_amd64.deb`;
  const origin = { kind: 'archive', archive: 'debian', suite: 'trixie', component: 'main', path } as const;
  return { name, version, architecture: 'amd64', size: 1000, sha256: digest(digit), origin };
}

const LOCK: EnvironmentLock = {
  schema: 'reproof-lock/1',
  recipe: 1,
  ecosystem: 'debian',
  suite: 'trixie',
  architecture: 'amd64',
  layers: [
    { name: 'base', packages: [locked('dpkg', '1.22.21', 'a'), locked('libc6', '2.41-12', 'b')], remove: [] },
    {
      name: 'build-dependencies',
      packages: [
        locked('g++-14', '14.2.0-19', 'c'),
        {
          ...locked('libncurses-dev', '6.5+20250216-2', 'd'),
          origin: { kind: 'snapshot', sha1: 'e'.repeat(40), name: 'x.deb' },
        },
      ],
      remove: [],
    },
  ],
};

function publishedFile(name: string, digit: string, size: number): PublishedArtifact {
  const [binary = '', version = '', architecture = ''] = name.replace(/\.deb$/, '').split('_');
  const origin = {
    kind: 'archive',
    archive: 'debian',
    suite: 'trixie',
    component: 'main',
    path: `pool/main/l/less/${name}`,
  } as const;
  return { name, package: binary, version, architecture, size, sha256: digest(digit), origin };
}

/** The plan of sampleRecord's package, with two published files. */
export function attestedPlan(): RebuildPlan {
  const plan = smallPlan({ lock: LOCK });
  return {
    ...plan,
    target: sampleTarget,
    source: {
      dsc: { name: 'less_668-1.dsc', size: 2000, sha256: digest('6'), provenance: 'archive', text: 'Format: 3.0' },
      files: [
        {
          name: 'less_668.orig.tar.gz',
          size: 3000,
          sha256: digest('7'),
          origin: {
            kind: 'archive',
            archive: 'debian',
            suite: 'trixie',
            component: 'main',
            path: 'pool/main/l/less/less_668.orig.tar.gz',
          },
        },
      ],
    },
    settings: { ...plan.settings, sourceFolder: 'less-668', variables: { DEB_BUILD_MAINT_OPTIONS: 'hardening=+all' } },
    expected: [publishedFile('less-doc_668-1_all.deb', '8', 5000), publishedFile('less_668-1_amd64.deb', '4', 161200)],
  };
}

const DIFFERENCE: Difference = {
  path: 'less-doc_668-1_all.deb',
  kind: 'deb',
  notes: [],
  truncated: false,
  reasons: [],
  children: [
    {
      path: 'data.tar.xz',
      kind: 'tar',
      notes: [],
      truncated: false,
      children: [],
      reasons: [
        { kind: 'timestamp', evidence: 'mtime', left: '2026', right: '2027' },
        { kind: 'order', evidence: 'members' },
      ],
    },
  ],
};

const VERDICTS = {
  reproducible: { kind: 'reproducible', detail: 'Both published files came out byte for byte.' },
  unreproducible: { kind: 'unreproducible', reason: 'nondeterministic', detail: 'less-doc differs.' },
  'failed-to-build': { kind: 'failed-to-build', detail: 'the build phase ended with status 2' },
  inconclusive: { kind: 'inconclusive', reason: 'limit exceeded', detail: 'stopped after 120 s' },
} as const satisfies Record<Verdict['kind'], Verdict>;

/** A finished rebuild of two published files that ended with a word, all of whose values are made up. */
export function attestedRebuild(
  word: Verdict['kind'] = 'reproducible',
  id = '7q2mk4zr5xwa',
): RebuildFacts & { readonly plan: RebuildPlan } {
  const plan = attestedPlan();
  const built = word === 'reproducible' || word === 'unreproducible';
  const artifacts = built
    ? plan.expected.map(({ name, size, sha256 }): ArtifactVerdict => {
        const published = { name, size, sha256 };
        return word === 'reproducible' || name.startsWith('less_')
          ? { kind: 'identical', name, published, rebuilt: published }
          : { kind: 'differs', name, published, rebuilt: { name, size, sha256: digest('9') } };
      })
    : [];
  const rebuilt = artifacts.map((artifact) => ('rebuilt' in artifact ? artifact.rebuilt : artifact.published));
  const buildinfo = { name: 'less_668-1_amd64.buildinfo', size: 4000, sha256: digest('0') };
  const log = { blob: digest('5'), bytes: 40210, truncated: false };
  const first = {
    kind: 'first',
    outcome: built
      ? { kind: 'built' }
      : word === 'failed-to-build'
        ? { kind: 'failed', phase: 'build', exitStatus: 2, notes: [] }
        : { kind: 'exceeded', limit: 'wall-time', value: 120 },
    artifacts: built ? [buildinfo, ...rebuilt.toReversed()] : [],
    log,
    varied: [],
    wallSeconds: 31.25,
  } as const satisfies RebuildRecord['attempts'][number];
  const differing = rebuilt.map((file) => (file.sha256 === digest('9') ? { ...file, sha256: digest('f') } : file));
  const record = sampleRecord(id, {
    planDigest: planDigest(plan),
    environment: { lockDigest: lockDigest(LOCK), rootfsDigest: digest('3'), packages: 4, reused: false },
    verified: [
      {
        kind: 'release',
        archive: 'debian',
        suite: 'trixie',
        sha256: digest('2'),
        signedBy: ['0123456789ABCDEF'],
        keyring: 'debian-archive-keyring.gpg',
        date: '2026-01-01T00:00:00Z',
        expired: false,
      },
      { kind: 'index', archive: 'debian', suite: 'trixie', path: 'main/source/Sources.xz', sha256: digest('1') },
    ],
    attempts:
      word === 'unreproducible'
        ? [
            first,
            {
              ...first,
              kind: 'control',
              artifacts: differing,
              log: { ...log, blob: digest('b') },
              varied: ['host name'],
            },
          ]
        : [first],
    artifacts,
    differences:
      word === 'unreproducible'
        ? [DIFFERENCE, { ...DIFFERENCE, path: `${CONTROL_PAIR}less-doc_668-1_all.deb`, truncated: true }]
        : [],
    verdict: VERDICTS[word],
    stages: [
      { stage: 'source', startedAt: '2026-01-02T03:04:05.000Z', wallSeconds: 1.5, resumed: false },
      { stage: 'verdict', startedAt: '2026-01-02T03:06:00.250Z', wallSeconds: 0.001, resumed: false },
    ],
  });
  return { record, plan };
}
