import { canonicalJson } from '../../../../model/index.ts';
import { FILE, sampleFacts, statementsOf } from '../../../helpers/verify-lab.ts';
import { at, attested, edit, type Loose, loose, type Scenario, type Tampering } from './scenario.ts';

const PAYLOAD = 'dsseEnvelope.payload';
const [comparison] = statementsOf(sampleFacts());

/** Paths to every value of a statement that is no object or list. */
function* leaves(value: unknown, path: readonly string[] = []): Iterable<string> {
  if (typeof value !== 'object' || value === null) return yield path.join('.');
  for (const [key, member] of Object.entries(value)) yield* leaves(member, [...path, key]);
}

/** The same value, another one. */
function other(old: unknown): unknown {
  if (typeof old === 'string')
    return /^[0-9a-f]{64}$/.test(old) ? old.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) : `${old}x`;
  return typeof old === 'number' ? old + 1 : !old;
}

function editPayload(bundle: unknown, change: (statement: Loose) => void): void {
  edit(bundle, PAYLOAD, (old: string) => {
    const statement = JSON.parse(Buffer.from(old, 'base64').toString()) as Loose;
    change(statement);
    return Buffer.from(canonicalJson(statement)).toString('base64');
  });
}

const eachField = [...leaves(comparison)].map(
  (path): Tampering => ({
    what: `another ${path} in the comparison`,
    code: 'EVIDENCE_SIGNATURE_INVALID',
    change: ({ statements: [bundle] }) => editPayload(bundle, (statement) => edit(statement, path, other)),
  }),
);

/** Statements that the right key signed, and that cannot be. */
async function signedAnew(scenario: Scenario, change: (statement: Loose) => void): Promise<void> {
  const [first, ...rest] = statementsOf(sampleFacts()).map(loose);
  if (first !== undefined) change(first);
  const made = await attested(scenario.lab.ours, [first, ...rest]);
  scenario.statements = made.statements;
  scenario.singles.checkpoint = made.checkpoint;
}

const signedNonsense: readonly (readonly [string, string, (statement: Loose) => void])[] = [
  [
    'a file called identical that has another digest',
    'EVIDENCE_MALFORMED',
    (one) => edit(one, 'predicate.artifact.rebuilt.digest.sha256', other),
  ],
  [
    'a reproducible rebuild whose file differs',
    'EVIDENCE_MALFORMED',
    (one) => edit(one, 'predicate.artifact.verdict', () => 'differs'),
  ],
  ['a verdict that does not exist', 'EVIDENCE_MALFORMED', (one) => edit(one, 'predicate.verdict.kind', () => 'safe')],
  [
    'a field that nobody knows',
    'EVIDENCE_MALFORMED',
    (one) => {
      (one.predicate as Loose).more = 1;
    },
  ],
  ['no field for the rebuild', 'EVIDENCE_MALFORMED', (one) => edit(one, 'predicate.rebuild', () => undefined)],
  [
    'two subjects',
    'EVIDENCE_MALFORMED',
    (one) => (one.subject as unknown[]).push({ name: 'x', digest: { sha256: 'f'.repeat(64) } }),
  ],
  [
    'another version of statements',
    'EVIDENCE_MALFORMED',
    (one) => edit(one, '_type', () => 'https://in-toto.io/Statement/v0.1'),
  ],
  [
    'another type of predicate',
    'POLICY_TOO_FEW',
    (one) => edit(one, 'predicateType', () => 'https://example.org/mine/v1'),
  ],
  [
    'a statement about other bytes',
    'POLICY_TOO_FEW',
    (one) => {
      edit(one, 'subject.0.digest.sha256', other);
      edit(one, 'predicate.artifact.rebuilt.digest.sha256', other);
    },
  ],
];

export const statementRows: readonly Tampering[] = [
  ...eachField,
  ...signedNonsense.map(
    ([what, code, change]): Tampering => ({
      what: `${what}, signed`,
      code,
      change: (scenario) => signedAnew(scenario, change),
    }),
  ),
  {
    what: 'the payload of the other statement',
    code: 'EVIDENCE_SIGNATURE_INVALID',
    change: ({ statements: [one, another] }) => edit(one, PAYLOAD, () => at(another, PAYLOAD)),
  },
  {
    what: 'the envelopes of two bundles exchanged',
    code: 'LOG_PROOF_INVALID',
    change: ({ statements: [one, another] }) => {
      const first = one?.dsseEnvelope;
      edit(one, 'dsseEnvelope', () => another?.dsseEnvelope);
      edit(another, 'dsseEnvelope', () => first);
    },
  },
  {
    what: 'another payload type',
    code: 'EVIDENCE_TYPE',
    change: ({ statements: [one] }) => edit(one, 'dsseEnvelope.payloadType', () => 'application/json'),
  },
  {
    what: 'a signature with one bit turned over',
    code: 'EVIDENCE_SIGNATURE_INVALID',
    change: ({ statements: [one] }) =>
      edit(one, 'dsseEnvelope.signatures.0.sig', (old: string) => {
        const bytes = Buffer.from(old, 'base64');
        bytes[20] = (bytes[20] ?? 0) ^ 1;
        return bytes.toString('base64');
      }),
  },
  {
    what: "the signature's other half (n - s), which is right as well",
    code: 'LOG_PROOF_INVALID',
    change: ({ statements: [one] }) => edit(one, 'dsseEnvelope.signatures.0.sig', mirrored),
  },
  {
    what: 'a file of other bytes under the same name',
    code: 'POLICY_TOO_FEW',
    change: ({ file }) => {
      file.sha256 = 'e'.repeat(64);
    },
  },
  {
    what: 'the comparison taken away',
    code: 'POLICY_TOO_FEW',
    change: (scenario) => void scenario.statements.shift(),
  },
  {
    what: 'all statements of one operator taken away',
    code: 'POLICY_TOO_FEW',
    change: (scenario) => {
      scenario.statements = [];
    },
  },
  {
    what: 'what another rebuild of ours said to the contrary',
    code: 'POLICY_CONTRADICTION',
    change: (scenario) => addContrary(scenario, 'abcdefghij24'),
  },
  {
    what: 'what the same rebuild said to the contrary',
    code: 'POLICY_CONTRADICTION',
    change: (scenario) => addContrary(scenario, 'abcdefghij23'),
  },
];

async function addContrary(scenario: Scenario, id: string): Promise<void> {
  const sized = { name: FILE.name, size: 1 };
  const facts = sampleFacts({
    id,
    artifacts: [
      {
        kind: 'differs',
        name: FILE.name,
        published: { ...sized, sha256: FILE.sha256 },
        rebuilt: { ...sized, sha256: '9'.repeat(64) },
      },
    ],
    verdict: { kind: 'unreproducible', reason: 'different', detail: 'Another file came out.' },
  });
  const [contrary] = statementsOf(facts);
  const [first, ...rest] = statementsOf(sampleFacts());
  const made = await attested(scenario.lab.ours, [first, ...rest, contrary]);
  scenario.statements = made.statements;
  scenario.singles.checkpoint = made.checkpoint;
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** DER of (r, n - s): SEQUENCE of two INTEGERs. */
function mirrored(base64: string): string {
  const der = Buffer.from(base64, 'base64');
  const rEnd = 4 + (der[3] ?? 0);
  const s = BigInt(`0x${der.subarray(rEnd + 2).toString('hex')}`);
  const hex = (ORDER - s).toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = Buffer.from(Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even, 'hex');
  const body = Buffer.concat([der.subarray(2, rEnd), Buffer.from([2, bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64');
}
