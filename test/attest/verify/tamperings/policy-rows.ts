import { publicKeyText } from '../../../../attest/index.ts';
import { writeVerifierKey } from '../../../../attest/tlog/index.ts';
import { labWitness, otherRebuilder, sampleRebuilder } from '../../../helpers/verify-lab.ts';
import { edit, type Loose, type Scenario, type Tampering } from './scenario.ts';

const INVALID = 'POLICY_INVALID';
const KEY = 'rebuilders.0.keys.0';

/** What is changed in the policy. */
const ofPolicy: readonly (readonly [string, string, (policy: Loose) => void])[] = [
  ['M = 0', INVALID, (policy) => edit(policy, 'agree', () => 0)],
  ['M below 0', INVALID, (policy) => edit(policy, 'agree', () => -1)],
  ['M above N', INVALID, (policy) => edit(policy, 'agree', () => 4)],
  ['M that is a percentage', INVALID, (policy) => edit(policy, 'agree', () => '66%')],
  ['M that is no whole number', INVALID, (policy) => edit(policy, 'agree', () => 1.5)],
  ['no M', INVALID, (policy) => edit(policy, 'agree', () => undefined)],
  [
    'M = N where two are of one operator',
    INVALID,
    (policy) => edit(policy, 'rebuilders.1.operator', () => 'ours.example'),
  ],
  ['no rebuilders', INVALID, (policy) => edit(policy, 'rebuilders', () => [])],
  [
    'no verdict that counts',
    INVALID,
    (policy) => {
      policy.verdicts = [];
    },
  ],
  [
    'a verdict that counts and says nothing',
    INVALID,
    (policy) => {
      policy.verdicts = ['inconclusive'];
    },
  ],
  [
    'a rule that nobody knows',
    INVALID,
    (policy) => {
      policy.maximumAge = 3;
    },
  ],
  ['another version of policies', INVALID, (policy) => edit(policy, 'schema', () => 'reproof-policy/2')],
  [
    'one key with two voices',
    INVALID,
    (policy) => addRebuilder(policy, 'again', publicKeyText(sampleRebuilder().signer)),
  ],
  ['two rebuilders of one name', INVALID, (policy) => edit(policy, 'rebuilders.1.name', () => 'ours')],
  ['a key that is no key', INVALID, (policy) => edit(policy, `${KEY}.key`, () => 'x')],
  [
    'a key of another kind',
    INVALID,
    (policy) => edit(policy, 'rebuilders.1.keys.0.key', () => publicKeyText(sampleRebuilder().signer)),
  ],
  [
    'a key that ends before it begins',
    INVALID,
    (policy) =>
      Object.assign((policy as never as { rebuilders: { keys: Loose[] }[] }).rebuilders[0]?.keys[0] ?? {}, {
        from: '2026-02-01T00:00:00Z',
        until: '2026-01-01T00:00:00Z',
      }),
  ],
  ['more witnesses asked for than known', INVALID, (policy) => edit(policy, 'rebuilders.0.log.witnesses', () => 2)],
  ['one witness under two names', INVALID, (policy) => edit(policy, 'witnesses', (old: string[]) => [...old, ...old])],
  [
    'a key of a log in the place of a witness',
    INVALID,
    (policy) => edit(policy, 'witnesses.0', () => writeVerifierKey(sampleRebuilder().logKey)),
  ],
  [
    'a key of a witness in the place of a log',
    INVALID,
    (policy) => edit(policy, 'rebuilders.0.log.key', () => writeVerifierKey(labWitness(1).key)),
  ],
  [
    'a key of a log whose hash is another',
    INVALID,
    (policy) => edit(policy, 'rebuilders.0.log.key', (old: string) => old.replace(/\+[0-9a-f]{8}\+/, '+00000000+')),
  ],
  [
    'an age asked of what bears none',
    INVALID,
    (policy) =>
      void ((policy.rebuilders as Loose[])[1] as Loose & { maxAgeDays?: number }).maxAgeDays === undefined &&
      edit(policy, 'rebuilders.1', (old: Loose) => ({ ...old, maxAgeDays: 3 })),
  ],
  [
    'a log asked of who has none',
    INVALID,
    (policy) =>
      edit(policy, 'rebuilders.1', (old: Loose) => ({
        ...old,
        log: { key: writeVerifierKey(sampleRebuilder().logKey) },
      })),
  ],
  ['a statement older than is allowed', 'POLICY_AGE', (policy) => edit(policy, 'rebuilders.0.maxAgeDays', () => 0.5)],
  [
    'a key that began after what it signed',
    'POLICY_KEY_NOT_VALID',
    (policy) => edit(policy, KEY, (old: Loose) => ({ ...old, from: '2026-01-02T12:00:00Z' })),
  ],
  [
    'a key that ended before what it signed',
    'POLICY_KEY_NOT_VALID',
    (policy) => edit(policy, KEY, (old: Loose) => ({ ...old, until: '2026-01-01T00:00:00Z' })),
  ],
  [
    'a key that counts for earlier entries of the log',
    'POLICY_KEY_NOT_VALID',
    (policy) => edit(policy, KEY, (old: Loose) => ({ ...old, untilIndex: 2 })),
  ],
  [
    'keys of others',
    'POLICY_TOO_FEW',
    (policy) => edit(policy, `${KEY}.key`, () => publicKeyText(otherRebuilder().signer)),
  ],
  ['two keys of one operator that agree, and two operators asked for', 'POLICY_TOO_FEW', oneOperatorTwice],
];

/** Policies by their bytes. */
const ofText: readonly (readonly [string, (text: string) => string])[] = [
  ['a policy with a key twice', (text) => text.replace('"agree"', '"agree":1,"agree"')],
  ['a policy that is cut off', (text) => text.slice(0, -20)],
  ['a policy with an anchor and an alias', () => 'schema: &x reproof-policy/1\nname: *x\nagree: 1\nrebuilders: []\n'],
  [
    'a policy in YAML with a key twice',
    () => 'schema: reproof-policy/1\nname: x\nagree: 1\nagree: 1\nrebuilders: []\n',
  ],
  ['a policy that is no YAML', () => 'schema: [\n'],
  ['a policy with a tag', () => 'schema: !!binary cmVwcm9vZg==\nname: x\nagree: 1\nrebuilders: []\n'],
  ['a policy of two documents', (text) => `${text}\n---\n${text}`],
  ['a policy that is too large', (text) => `${text}${' '.repeat(300_000)}`],
  ['a policy of nothing', () => ''],
];

export const policyRows: readonly Tampering[] = [
  ...ofPolicy.map(([what, code, change]): Tampering => ({ what, code, change: ({ policy }) => change(policy) })),
  ...ofText.map(
    ([what, change]): Tampering => ({
      what,
      code: INVALID,
      change: (scenario: Scenario) => {
        scenario.rawPolicy = Buffer.from(change(JSON.stringify(scenario.policy)));
      },
    }),
  ),
  {
    what: 'a time before anything was signed',
    code: 'POLICY_AGE',
    change: (scenario) => {
      scenario.at = Date.parse('2025-12-01T00:00:00Z');
    },
  },
];

function addRebuilder(policy: Loose, name: string, key: string): void {
  edit(policy, 'rebuilders', (old: Loose[]) => [...old, { name, operator: name, keys: [{ key }] }]);
}

/** Ours and OSS Rebuild become one operator's; the third is gone, and a fourth that says nothing makes N large enough. */
function oneOperatorTwice(policy: Loose): void {
  edit(policy, 'rebuilders.2.operator', () => 'ours.example');
  edit(policy, 'rebuilders.1.keys.0.key', () => publicKeyText(otherRebuilder().logSigner));
  edit(policy, 'agree', () => 2);
}
