import { publicKeyText, signEnvelope } from '../../../../attest/index.ts';
import { PAYLOAD_TYPE } from '../../../../attest/statement/index.ts';
import { at, edit, type Loose, loose, type Scenario, type Tampering } from './scenario.ts';

const SIG = 'dsseEnvelope.signatures.0.sig';
const HINT = 'verificationMaterial.publicKey.hint';

/** What is changed in the first bundle's JSON. */
const ofBundle: readonly (readonly [string, string, string, (old: never) => unknown])[] = [
  ['another version of bundles', 'EVIDENCE_MALFORMED', 'mediaType', (old: string) => old.replace('v0.3', 'v0.2')],
  ['a bundle without an envelope', 'EVIDENCE_MALFORMED', 'dsseEnvelope', () => undefined],
  ['a bundle without a hint', 'EVIDENCE_MALFORMED', HINT, () => undefined],
  ['a hint that is too short', 'EVIDENCE_MALFORMED', HINT, () => 'AAAA'],
  ['a signature with stray bits', 'EVIDENCE_MALFORMED', SIG, strayBits],
  [
    'a signature without padding',
    'EVIDENCE_MALFORMED',
    SIG,
    (old: string) => (old.endsWith('=') ? old.replace(/=+$/, '') : `${old}=`),
  ],
  ['a signature in base64url', 'EVIDENCE_MALFORMED', SIG, (old: string) => `-_${old.slice(2)}`],
  [
    'a payload with a line feed',
    'EVIDENCE_MALFORMED',
    'dsseEnvelope.payload',
    (old: string) => `${old.slice(0, 4)}\n${old.slice(4)}`,
  ],
  ['no signature', 'EVIDENCE_MALFORMED', 'dsseEnvelope.signatures', () => []],
  ['two signatures', 'EVIDENCE_MALFORMED', 'dsseEnvelope.signatures', (old: unknown[]) => [...old, old[0]]],
  [
    'a size with a zero in front',
    'EVIDENCE_MALFORMED',
    'verificationMaterial.tlogEntries.0.inclusionProof.treeSize',
    (old: string) => `0${old}`,
  ],
  [
    'a size past what is exact',
    'EVIDENCE_MALFORMED',
    'verificationMaterial.tlogEntries.0.inclusionProof.treeSize',
    () => '9007199254740993',
  ],
  [
    'a hash of 31 bytes',
    'EVIDENCE_MALFORMED',
    'verificationMaterial.tlogEntries.0.inclusionProof.hashes.0',
    () => Buffer.alloc(31).toString('base64'),
  ],
  ['the id of a key that nobody has', 'EVIDENCE_KEY_ID', HINT, () => Buffer.alloc(32).toString('base64')],
  ['another id beside the signature', 'EVIDENCE_KEY_ID', 'dsseEnvelope.signatures.0.keyid', () => 'SHA256:mine'],
];

/** What is changed in the first bundle's text. */
const ofText: readonly (readonly [string, string, (text: string) => string | Buffer])[] = [
  ['half a bundle', 'EVIDENCE_MALFORMED', (text) => text.slice(0, text.length / 2)],
  ['an empty bundle', 'EVIDENCE_MALFORMED', () => ''],
  ['a list in place of a bundle', 'EVIDENCE_MALFORMED', (text) => `[${text}]`],
  [
    'a member of the bundle named twice',
    'EVIDENCE_MALFORMED',
    (text) => text.replace('"mediaType"', '"mediaType":"x","mediaType"'),
  ],
  [
    'a member of the envelope named twice',
    'EVIDENCE_MALFORMED',
    (text) => text.replace('"payload":', '"payload":"","payload":'),
  ],
  [
    'a name spelled with an escape, and again',
    'EVIDENCE_MALFORMED',
    (text) => text.replace('"payload":', '"p\\u0061yload":"","payload":'),
  ],
  [
    'a member that nobody knows',
    'EVIDENCE_MALFORMED',
    (text) => text.replace('"mediaType"', '"certificate":1,"mediaType"'),
  ],
  ['a byte order mark', 'EVIDENCE_MALFORMED', (text) => `\ufeff${text}`],
  ['bytes that are not UTF-8', 'EVIDENCE_MALFORMED', (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff])])],
  ['something behind the bundle', 'EVIDENCE_MALFORMED', (text) => `${text}{}`],
  [
    'a bundle nested too deep',
    'EVIDENCE_LIMIT',
    (text) => text.replace('"mediaType"', `"x":${'['.repeat(99)}${']'.repeat(99)},"mediaType"`),
  ],
  ['a bundle that is too large', 'EVIDENCE_LIMIT', (text) => `${text}${' '.repeat(49 * 1024 ** 2)}`],
];

/** What is changed in the bytes of the pack. */
const ofPack: readonly (readonly [string, string, (pack: Buffer) => Buffer])[] = [
  ['a pack cut off in a member', 'EVIDENCE_MALFORMED', (pack) => pack.subarray(0, 3000)],
  ['a pack without its end', 'EVIDENCE_MALFORMED', (pack) => pack.subarray(0, -1024)],
  ['a pack with half its end', 'EVIDENCE_MALFORMED', (pack) => pack.subarray(0, -1)],
  ['something behind the pack', 'EVIDENCE_MALFORMED', (pack) => Buffer.concat([pack, Buffer.alloc(512)])],
  ['a pack of another version', 'EVIDENCE_MALFORMED', (pack) => replaced(pack, 'evidence/1', 'evidence/2')],
  [
    'a member whose name leads elsewhere',
    'EVIDENCE_MALFORMED',
    (pack) => replaced(pack, 'statements/', '../../etc///'),
  ],
  ['a member whose digest is another', 'EVIDENCE_MALFORMED', (pack) => replaced(pack, '"mediaType"', '"mediatype"')],
  ['a member with another mode', 'EVIDENCE_MALFORMED', (pack) => replaced(pack, '0000644', '0000755')],
  ['a member that is a link', 'EVIDENCE_MALFORMED', (pack) => edited(pack, 156, '2')],
  ['a checksum that is another', 'EVIDENCE_MALFORMED', (pack) => edited(pack, 150, '7')],
  ['something in the padding', 'EVIDENCE_MALFORMED', (pack) => edited(pack, 1000, 'x')],
  ['a member twice', 'EVIDENCE_MALFORMED', twice],
  ['no pack at all', 'EVIDENCE_MALFORMED', () => Buffer.from('{}')],
];

export const readerRows: readonly Tampering[] = [
  ...ofBundle.map(
    ([what, code, path, change]): Tampering => ({
      what,
      code,
      change: ({ statements: [bundle] }) => {
        edit(bundle, path, change);
      },
    }),
  ),
  ...ofText.map(
    ([what, code, change]): Tampering => ({
      what,
      code,
      change: (scenario) => {
        const [first = '', ...rest] = scenario.statements.map((bundle) => JSON.stringify(bundle));
        // For other tools alone, and not for what is tried here.
        scenario.singles = {};
        scenario.rawStatements = [change(first), ...rest].map((text) => Buffer.from(text as string));
      },
    }),
  ),
  ...ofPack.map(
    ([what, code, editPack]): Tampering => ({
      what,
      code,
      change: (scenario) => {
        scenario.editPack = editPack;
      },
    }),
  ),
  {
    what: 'another key with the id of ours',
    code: 'EVIDENCE_SIGNATURE_INVALID',
    change: (scenario) => signByOther(scenario),
  },
  {
    what: 'another statement.pub for other tools',
    code: 'EVIDENCE_KEY_ID',
    change: ({ singles, lab }) => {
      singles['statement.pub'] = publicKeyText(lab.other.signer);
    },
  },
  {
    what: 'a statement.pub that is no key',
    code: 'KEY_INVALID',
    change: ({ singles }) => {
      singles['statement.pub'] = 'ssh-ed25519 AAAA';
    },
  },
  {
    what: 'a trusted root with a member that nobody knows',
    code: 'EVIDENCE_MALFORMED',
    change: ({ singles }) => {
      singles['trusted-root.json'] = (singles['trusted-root.json'] ?? '').replace('{', '{"more":1,');
    },
  },
  {
    what: 'a trusted root that trusts a certificate authority as well',
    code: 'EVIDENCE_MALFORMED',
    change: ({ singles }) => {
      const root = JSON.parse(singles['trusted-root.json'] ?? '') as Loose;
      root.certificateAuthorities = [{ uri: 'https://ca.example' }];
      singles['trusted-root.json'] = JSON.stringify(root);
    },
  },
];

async function signByOther(scenario: Scenario): Promise<void> {
  const [first] = scenario.statements;
  const payload = Buffer.from(String(at(first, 'dsseEnvelope.payload')), 'base64');
  const envelope = loose(await signEnvelope(PAYLOAD_TYPE, payload, scenario.lab.other.signer));
  edit(first, 'dsseEnvelope', () => envelope);
}

/** The last character before padding, with a bit set that says nothing. */
function strayBits(base64: string): string {
  return /==$/.test(base64)
    ? base64.replace(/.==$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}==`)
    : /=$/.test(base64)
      ? base64.replace(/.=$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`)
      : `${base64}=`;
}

function replaced(pack: Buffer, from: string, to: string): Buffer {
  const at = pack.indexOf(from);
  return Buffer.concat([pack.subarray(0, at), Buffer.from(to), pack.subarray(at + from.length)]);
}

function edited(pack: Buffer, at: number, text: string): Buffer {
  const changed = Buffer.from(pack);
  changed.write(text, at, 'latin1');
  return changed;
}

/** The last member once more. */
function twice(pack: Buffer): Buffer {
  const at = pack.lastIndexOf('statements/');
  return Buffer.concat([pack.subarray(0, -1024), pack.subarray(at, -1024), Buffer.alloc(1024)]);
}
