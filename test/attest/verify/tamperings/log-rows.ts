import { publicKeyText } from '../../../../attest/index.ts';
import { signCheckpoint, writeNote, writeVerifierKey } from '../../../../attest/tlog/index.ts';
import { labWitness, otherRebuilder, sampleFacts, statementsOf, trustedRootText } from '../../../helpers/verify-lab.ts';
import { at, attested, edit, flipped, type Loose, type Scenario, type Tampering } from './scenario.ts';

const ENTRY = 'verificationMaterial.tlogEntries.0';
const PROOF = `${ENTRY}.inclusionProof`;
const CHECKPOINT = `${PROOF}.checkpoint.envelope`;
/** Another operator's log under the same origin. */
const impostor = otherRebuilder('log.rebuilder.example');

/** What is changed in the entry of the comparison. */
const ofEntry: readonly (readonly [string, string, string, (old: never) => unknown])[] = [
  ['another place in the entry', 'LOG_PROOF_INVALID', `${ENTRY}.logIndex`, () => '3'],
  ['another place in the proof', 'LOG_PROOF_INVALID', `${PROOF}.logIndex`, () => '3'],
  ['a place past the tree', 'LOG_PROOF_INVALID', `${PROOF}.logIndex`, () => '99'],
  ['another log id', 'LOG_PROOF_INVALID', `${ENTRY}.logId.keyId`, flipped],
  ['another root', 'LOG_PROOF_INVALID', `${PROOF}.rootHash`, flipped],
  ['another size of the tree', 'LOG_PROOF_INVALID', `${PROOF}.treeSize`, () => '6'],
  ['another entry', 'LOG_PROOF_INVALID', `${ENTRY}.canonicalizedBody`, flipped],
  ['an entry with blanks in it', 'LOG_PROOF_INVALID', `${ENTRY}.canonicalizedBody`, withBlank],
  ['one hash too many', 'LOG_PROOF_INVALID', `${PROOF}.hashes`, (old: string[]) => [...old, old[0]]],
  ['one hash too few', 'LOG_PROOF_INVALID', `${PROOF}.hashes`, (old: string[]) => old.slice(1)],
  ['hashes in another order', 'LOG_PROOF_INVALID', `${PROOF}.hashes`, (old: string[]) => old.toReversed()],
  ['no hashes', 'LOG_PROOF_INVALID', `${PROOF}.hashes`, () => []],
  ['a promised time', 'EVIDENCE_MALFORMED', `${ENTRY}.integratedTime`, () => '1767312000'],
  ['another kind of entry', 'EVIDENCE_MALFORMED', `${ENTRY}.kindVersion.kind`, () => 'dsse'],
  ['a checkpoint of another size', 'LOG_SIGNATURE_INVALID', CHECKPOINT, (old: string) => old.replace('\n7\n', '\n8\n')],
  ['a checkpoint of another log', 'LOG_SIGNATURE_INVALID', CHECKPOINT, (old: string) => old.replace(/^log/, 'lag')],
  [
    'a checkpoint with a line more',
    'LOG_SIGNATURE_INVALID',
    CHECKPOINT,
    (old: string) => old.replace('\n\n', '\nmore\n\n'),
  ],
  ['a checkpoint that the log did not sign', 'LOG_SIGNATURE_INVALID', CHECKPOINT, withoutSignature],
  ['a checkpoint whose signature is another', 'LOG_SIGNATURE_INVALID', CHECKPOINT, (old: string) => turned(old, 0)],
  ['a cosignature that is another', 'LOG_SIGNATURE_INVALID', CHECKPOINT, (old: string) => turned(old, 1)],
  ['a checkpoint without an end', 'LOG_MALFORMED', CHECKPOINT, (old: string) => old.slice(0, -1)],
  ['a checkpoint that is cut off', 'LOG_MALFORMED', CHECKPOINT, (old: string) => old.slice(0, 30)],
];

/** Each hash of the path, by its number. */
const ofHashes = [0, 1, 2].map(
  (number): Tampering => ({
    what: `another hash ${number} in the path`,
    code: 'LOG_PROOF_INVALID',
    change: ({ statements: [bundle] }) => edit(bundle, `${PROOF}.hashes.${number}`, flipped),
  }),
);

export const logRows: readonly Tampering[] = [
  ...ofEntry.map(
    ([what, code, path, change]): Tampering => ({
      what,
      code,
      change: ({ statements: [bundle] }) => edit(bundle, path, change),
    }),
  ),
  ...ofHashes,
  {
    what: 'the entry of the other statement',
    code: 'LOG_PROOF_INVALID',
    change: ({ statements: [one, other] }) => {
      const entries = at(other, 'verificationMaterial.tlogEntries');
      edit(one, 'verificationMaterial.tlogEntries', () => entries);
    },
  },
  {
    what: 'no entry',
    code: 'POLICY_NOT_LOGGED',
    change: ({ statements: [bundle] }) => edit(bundle, 'verificationMaterial.tlogEntries', () => []),
  },
  {
    what: 'a log that another key keeps under the same name',
    code: 'LOG_SIGNATURE_INVALID',
    change: async (scenario) => {
      const made = await attested({ ...impostor, signer: scenario.lab.ours.signer }, statementsOf(sampleFacts()));
      scenario.statements = made.statements;
    },
  },
  {
    what: 'no witness',
    code: 'POLICY_WITNESSES_MISSING',
    change: (scenario) => useWitnesses(scenario, 0),
  },
  {
    what: 'a witness that the policy does not know',
    code: 'POLICY_WITNESSES_MISSING',
    change: ({ policy }) => edit(policy, 'witnesses.0', () => writeVerifierKey(labWitness(7).key)),
  },
  {
    what: 'a tree smaller than was seen before',
    code: 'LOG_CHECKPOINT_STALE',
    change: ({ policy }) => edit(policy, 'rebuilders.0.log.minimumSize', () => 8),
  },
  {
    what: 'a checkpoint of the pack that is older than its proofs',
    code: 'LOG_CHECKPOINT_STALE',
    change: (scenario) => useCheckpoint(scenario, 6),
  },
  {
    what: 'two trees of one size that the log signed',
    code: 'LOG_FORKED',
    change: (scenario) => useCheckpoint(scenario, 7),
  },
  {
    what: 'a checkpoint of the pack that its log did not sign',
    code: 'LOG_SIGNATURE_INVALID',
    change: ({ singles }) => {
      singles.checkpoint = (singles.checkpoint ?? '').replace('\n7\n', '\n8\n');
    },
  },
  {
    what: 'another log.pub for other tools',
    code: 'EVIDENCE_KEY_ID',
    change: ({ singles }) => {
      singles['log.pub'] = publicKeyText(impostor.logSigner);
    },
  },
  {
    what: 'a trusted root with another key for the log',
    code: 'EVIDENCE_KEY_ID',
    change: ({ singles }) => {
      singles['trusted-root.json'] = trustedRootText(impostor);
      singles['log.pub'] = publicKeyText(impostor.logSigner);
    },
  },
  {
    what: 'a trusted root that gives the key of another log the id of this one',
    code: 'EVIDENCE_KEY_ID',
    change: ({ singles, lab }) => {
      const root = JSON.parse(trustedRootText(impostor)) as Loose;
      const own = JSON.parse(trustedRootText(lab.ours)) as { tlogs: { logId: unknown }[] };
      edit(root, 'tlogs.0.logId', () => own.tlogs[0]?.logId);
      edit(root, 'tlogs.0.checkpointKeyId', () => own.tlogs[0]?.logId);
      singles['trusted-root.json'] = JSON.stringify(root);
      singles['log.pub'] = publicKeyText(impostor.logSigner);
    },
  },
];

async function useWitnesses(scenario: Scenario, witnesses: number): Promise<void> {
  const made = await attested(scenario.lab.ours, statementsOf(sampleFacts()), witnesses);
  scenario.statements = made.statements;
  scenario.singles.checkpoint = made.checkpoint;
}

/** A checkpoint of this size with a root that is none, signed by the log. */
async function useCheckpoint(scenario: Scenario, size: number): Promise<void> {
  const { logKey, logSigner } = scenario.lab.ours;
  const checkpoint = { origin: logKey.name, size, rootHash: Buffer.alloc(32, 1), extensions: [] };
  scenario.singles.checkpoint = writeNote((await signCheckpoint(checkpoint, logSigner)).note);
}

function withBlank(base64: string): string {
  return Buffer.from(Buffer.from(base64, 'base64').toString().replace(':', ': ')).toString('base64');
}

function withoutSignature(note: string): string {
  return note.replace(/— log\S* \S+\n/, '');
}

/** A note with the last bit of a signature turned over. */
function turned(note: string, number: number): string {
  const lines = note.split('\n');
  const at = lines.indexOf('') + 1 + number;
  const [dash, name, signature = ''] = (lines[at] ?? '').split(' ');
  lines[at] = [dash, name, flipped(signature)].join(' ');
  return lines.join('\n');
}
