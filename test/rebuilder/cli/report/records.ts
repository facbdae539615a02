import type { RebuildRecord } from '../../../../model/index.ts';
import { sampleRecord } from '../../../helpers/sample-record.ts';

const digest = (digits: string): string => digits.repeat(64 / digits.length);
const name = 'less_668-1_amd64.deb';

/** Two rebuilds agree with each other and not with what was published. */
export const driftedRecord: RebuildRecord = sampleRecord('0123456789ab', {
  only: ['less'],
  verified: [
    {
      kind: 'release',
      archive: 'debian',
      suite: 'trixie',
      sha256: digest('a1'),
      signedBy: ['4CB50190207B4758A3F73A796ED0E7B82643E131', '41587F7DB8C774BCCF131416762F67A0B2C39DE4'],
      keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
      date: '2026-01-10T10:20:30Z',
      validUntil: '2026-01-17T10:20:30Z',
      expired: true,
    },
    { kind: 'index', archive: 'debian', suite: 'trixie', path: 'main/source/Sources.xz', sha256: digest('a2') },
    {
      kind: 'signature',
      name: 'less_668-1.dsc',
      result: 'unchecked',
      signedBy: [],
      why: 'no keyring of uploaders given',
    },
    {
      kind: 'signature',
      name: 'less_668-1_amd64.buildinfo',
      result: 'good',
      signedBy: [digest('AB').slice(0, 40)],
      why: '',
    },
  ],
  attempts: [
    {
      kind: 'first',
      outcome: { kind: 'built' },
      artifacts: [{ name, size: 161204, sha256: digest('b2') }],
      log: { blob: digest('c1'), bytes: 40210, truncated: false },
      varied: [],
      wallSeconds: 31.25,
    },
    {
      kind: 'control',
      outcome: { kind: 'built' },
      artifacts: [{ name, size: 161204, sha256: digest('b2') }],
      log: { blob: digest('c2'), bytes: 1_048_576, truncated: true },
      varied: ['host name: reproof-control', 'time zone: Etc/GMT-14', 'CPUs: 1'],
      wallSeconds: 241.6,
    },
  ],
  artifacts: [
    {
      kind: 'differs',
      name,
      published: { name, size: 161200, sha256: digest('b1') },
      rebuilt: { name, size: 161204, sha256: digest('b2') },
    },
    { kind: 'missing', name: 'less-doc_668-1_all.deb', published: { name: 'x', size: 1, sha256: digest('b3') } },
    { kind: 'extra', name: 'less-dbgsym_668-1_amd64.deb', rebuilt: { name: 'y', size: 90000, sha256: digest('b4') } },
  ],
  differences: [
    {
      path: name,
      kind: 'deb',
      left: { size: 161200 },
      right: { size: 161204 },
      notes: [],
      truncated: false,
      children: [
        {
          path: './usr/bin/less',
          kind: 'elf',
          notes: ['20 bytes of .note.gnu.build-id differ'],
          truncated: true,
          left: { text: 'build-id 0011223344556677889900112233445566778899' },
          right: { text: 'build-id ffeeddccbbaa99887766554433221100ffeeddcc' },
          children: [],
        },
      ],
    },
  ],
  verdict: {
    kind: 'inconclusive',
    reason: 'environment drift',
    detail:
      '2 of 2 files not as published: less_668-1_amd64.deb, less-doc_668-1_all.deb (missing); two rebuilds agree in trixie as it is now, which was not the publisher’s',
  },
  notes: ['The name less was taken for its source package.'],
  stages: [
    { stage: 'source', startedAt: '2026-01-12T13:14:15.016Z', wallSeconds: 1.5, resumed: true },
    { stage: 'environment', startedAt: '2026-01-12T13:14:17.000Z', wallSeconds: 59.96, resumed: false },
    { stage: 'control', startedAt: '2026-01-12T13:16:17.000Z', wallSeconds: 11_220, resumed: false },
  ],
});

/** A build that ended with a status of its own, after one that the engine did not carry out. */
export const failedRecord: RebuildRecord = sampleRecord('0123456789ab', {
  basis: 'recorded',
  environment: { lockDigest: digest('2'), rootfsDigest: digest('3'), packages: 1, reused: true },
  attempts: [
    {
      kind: 'first',
      outcome: { kind: 'failed', phase: 'build', exitStatus: 2, notes: ['a test could not resolve a host name'] },
      artifacts: [],
      log: { blob: digest('5'), bytes: 1, truncated: false },
      varied: [],
      wallSeconds: 3.04,
    },
    ...(
      [
        { limit: 'processes', value: 1 },
        { limit: 'wall-time', value: 3600 },
        { limit: 'memory', value: 2 ** 31 },
      ] as const
    ).map((exceeded) => ({
      kind: 'control' as const,
      outcome: { kind: 'exceeded' as const, ...exceeded },
      artifacts: [],
      log: { blob: digest('5'), bytes: 0, truncated: false },
      varied: [],
      wallSeconds: 0,
    })),
    {
      kind: 'control',
      outcome: { kind: 'infrastructure', code: 'ENGINE_FAILED', message: 'starting the container: no space left' },
      artifacts: [],
      log: { blob: digest('5'), bytes: 0, truncated: false },
      varied: [],
      wallSeconds: 0,
    },
  ],
  artifacts: [],
  verdict: { kind: 'failed-to-build', detail: 'the build phase ended with status 2 in the recorded environment' },
});

/** Nothing could be begun: everything a record may lack is lacking. */
export const unavailableRecord: RebuildRecord = {
  schema: 'reproof-record/1',
  id: '0123456789ab',
  request: { kind: 'dsc', ecosystem: 'debian', location: 'https://example.org/a_1.dsc', architecture: 'arm64' },
  only: [],
  verified: [],
  attempts: [],
  artifacts: [],
  differences: [],
  verdict: { kind: 'inconclusive', reason: 'source unavailable', detail: 'could not be had: a_1.orig.tar.xz' },
  notes: [],
  stages: [],
  reproof: '0.1.0',
};

// Erases the screen, colours, sets a title, moves the cursor, turns the text round, forges a line, never breaks.
const attack = `\u001b[2J\u001b[32m\u001b]0;owned\u0007\u009b1A\r\u202Edetrever\u2066\u200B\t\nreproducible: forged ${'A'.repeat(300)}`;

/** Every text that may come from outside is an attack on the reader's terminal. */
export const hostileRecord: RebuildRecord = {
  ...driftedRecord,
  request: { kind: 'name', ecosystem: 'debian', name: attack, version: attack, suite: attack, architecture: attack },
  only: [attack],
  target: { ecosystem: 'debian', source: attack, version: attack, suite: attack, architecture: attack },
  engine: { name: attack, version: attack },
  verified: [
    { kind: 'signature', name: attack, result: 'unchecked', signedBy: [attack], why: attack },
    { kind: 'index', archive: attack, suite: attack, path: attack, sha256: attack },
  ],
  attempts: [
    {
      kind: 'first',
      outcome: { kind: 'infrastructure', code: attack, message: attack },
      artifacts: [],
      log: { blob: attack, bytes: 0, truncated: false },
      varied: [attack],
      wallSeconds: 0,
    },
  ],
  artifacts: [{ kind: 'extra', name: attack, rebuilt: { name: attack, size: 0, sha256: attack } }],
  differences: [
    {
      path: attack,
      kind: attack,
      detail: attack,
      notes: [attack],
      left: { text: attack },
      right: { text: attack },
      truncated: false,
      children: [],
    },
  ],
  verdict: { kind: 'unreproducible', reason: 'different', detail: attack },
  notes: [attack],
};
