import { keyId } from '../../../../attest/index.ts';
import { FILE } from '../../../helpers/verify-lab.ts';
import {
  edit,
  envelopesBy,
  flipped,
  type Loose,
  linkBy,
  OSS_PAYLOAD_TYPE,
  ossStatements,
  type Scenario,
  type Tampering,
} from './scenario.ts';

/** What is changed in the link of rebuilderd. */
const ofLink: readonly (readonly [string, string, string, (old: never) => unknown])[] = [
  [
    'another product in the link',
    'EVIDENCE_SIGNATURE_INVALID',
    'signed.products',
    () => ({ x: { sha256: FILE.sha256 } }),
  ],
  ['another step in the link', 'EVIDENCE_SIGNATURE_INVALID', 'signed.name', () => 'rebuild x'],
  ['another material in the link', 'EVIDENCE_SIGNATURE_INVALID', 'signed.materials', () => ({})],
  ['another command in the link', 'EVIDENCE_SIGNATURE_INVALID', 'signed.command', () => ['sh']],
  [
    'another signature of the link',
    'EVIDENCE_SIGNATURE_INVALID',
    'signatures.0.sig',
    (old: string) => old.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  ],
  ['a key id of the link that lies', 'EVIDENCE_KEY_ID', 'signatures.0.keyid', () => 'f'.repeat(64)],
  ['a signature of the link in capitals', 'EVIDENCE_MALFORMED', 'signatures.0.sig', (old: string) => old.toUpperCase()],
  ['a signature of the link twice', 'EVIDENCE_MALFORMED', 'signatures', (old: unknown[]) => [...old, ...old]],
  ['a link of another kind', 'EVIDENCE_MALFORMED', 'signed._type', () => 'layout'],
  [
    'a digest of the link in another spelling',
    'EVIDENCE_MALFORMED',
    'signed.products',
    () => ({ [FILE.name]: { sha256: FILE.sha256.toUpperCase() } }),
  ],
  ['a link that nobody signed', 'POLICY_TOO_FEW', 'signatures', () => []],
];

/** What OSS Rebuild's key signed, and cannot be. */
const ofSigned: readonly (readonly [string, string, (statements: readonly Loose[]) => void])[] = [
  [
    'a candidate that was not built',
    'EVIDENCE_MALFORMED',
    ([one]) => edit(one, 'predicate.buildDefinition.resolvedDependencies.0.digest.sha256', () => 'd'.repeat(64)),
  ],
  [
    'statements of two builds',
    'EVIDENCE_MALFORMED',
    ([one]) => edit(one, 'predicate.runDetails.metadata.invocationID', () => 'two'),
  ],
  [
    'a build type that is not known',
    'EVIDENCE_MALFORMED',
    ([one]) => edit(one, 'predicate.buildDefinition.buildType', () => 'https://example.org/x'),
  ],
  ['another predicate', 'EVIDENCE_TYPE', ([one]) => edit(one, 'predicateType', () => 'https://example.org/x')],
  [
    'a subject without a SHA-256',
    'EVIDENCE_MALFORMED',
    ([one]) => edit(one, 'subject.0.digest', () => ({ sha512: 'd'.repeat(128) })),
  ],
];

export const otherRows: readonly Tampering[] = [
  ...ofLink.map(
    ([what, code, path, change]): Tampering => ({
      what,
      code,
      change: ({ links: [link] }) => edit(link, path, change),
    }),
  ),
  {
    what: 'a member of the link named twice',
    code: 'EVIDENCE_MALFORMED',
    change: (scenario) => {
      const text = JSON.stringify(scenario.links[0]).replace('"products"', '"products":{},"products"');
      scenario.rawLinks = [Buffer.from(text)];
    },
  },
  {
    what: 'a link about other bytes',
    code: 'POLICY_TOO_FEW',
    change: async (scenario) => {
      scenario.links = [await linkBy(scenario.lab.rebuilderd, 'e'.repeat(64))];
    },
  },
  {
    what: "a link by a stranger with the rebuilder's key id",
    code: 'EVIDENCE_SIGNATURE_INVALID',
    change: async (scenario) => {
      const link = await linkBy(scenario.lab.other.logSigner, FILE.sha256);
      edit(link, 'signatures.0.keyid', () => keyId(scenario.lab.rebuilderd.publicKey.subarray(-32)));
      scenario.links = [link];
    },
  },
  {
    what: 'another payload of OSS Rebuild',
    code: 'EVIDENCE_SIGNATURE_INVALID',
    change: ({ ossRebuild: [line] }) => edit(line, 'payload', (old: string) => flippedText(old)),
  },
  {
    what: 'another signature of OSS Rebuild',
    code: 'EVIDENCE_SIGNATURE_INVALID',
    change: ({ ossRebuild: [line] }) => edit(line, 'signatures.0.sig', flipped),
  },
  {
    what: "OSS Rebuild's statements by a stranger",
    code: 'EVIDENCE_SIGNATURE_INVALID',
    change: (scenario) => signOss(scenario, ossStatements(FILE.sha256), scenario.lab.other.signer),
  },
  {
    what: 'one of two lines of OSS Rebuild',
    code: 'EVIDENCE_MALFORMED',
    change: (scenario) => void scenario.ossRebuild.pop(),
  },
  {
    what: 'a line of OSS Rebuild twice',
    code: 'EVIDENCE_MALFORMED',
    change: ({ ossRebuild }) => void ossRebuild.push({ ...ossRebuild[0] }),
  },
  {
    what: 'half a line of OSS Rebuild',
    code: 'EVIDENCE_MALFORMED',
    change: (scenario) => {
      const text = scenario.ossRebuild.map((line) => JSON.stringify(line)).join('\n');
      scenario.rawOssRebuild = Buffer.from(text.slice(0, -40));
    },
  },
  {
    what: 'bytes that OSS Rebuild calls equal once they are stabilised',
    code: 'POLICY_TOO_FEW',
    change: (scenario) => signOss(scenario, ossStatements(FILE.sha256, 'd'.repeat(64))),
  },
  ...ofSigned.map(
    ([what, code, change]): Tampering => ({
      what: `${what}, signed by OSS Rebuild`,
      code,
      change: (scenario) => {
        const statements = structuredClone(ossStatements(FILE.sha256)) as unknown as Loose[];
        change(statements);
        return signOss(scenario, statements);
      },
    }),
  ),
];

async function signOss(scenario: Scenario, statements: readonly unknown[], signer = scenario.lab.oss): Promise<void> {
  scenario.ossRebuild = await envelopesBy(signer, OSS_PAYLOAD_TYPE, statements);
}

function flippedText(payload: string): string {
  return Buffer.from(Buffer.from(payload, 'base64').toString().replace('less', 'mess')).toString('base64');
}
