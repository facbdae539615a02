import { COFF_MACHINES } from '../../../formats/index.ts';
import type { ReasonKind } from '../../../model/index.ts';
import { rangeSource } from '../../byte-source.ts';
import { escapeName } from '../../escape.ts';
import { bothOf, identical } from '../../identity.ts';
import { changedFields } from '../../pairing.ts';
import { sectionParts } from '../../section-parts.ts';
import type { ByteSource, Explanation, LeafComparator } from '../../types.ts';
import { codeChange } from './code-sections.ts';
import { type PeFacts, readPeFacts } from './pe-facts.ts';

const HEAD = 64;

/** PE programs and libraries (EFI, .NET and unified kernel images among them) and COFF objects, section by section. */
export const pe: LeafComparator = {
  kind: 'leaf',
  id: 'pe',
  recognizes: (head) => isImage(Buffer.from(head)) || isObject(Buffer.from(head.subarray(0, HEAD))),
  async *explain(left, right) {
    const [old, now] = await bothOf(readPeFacts(left), readPeFacts(right));
    yield { kind: 'fields', fields: changedFields(old.fields, now.fields) };
    yield* timeChanges(old, now);
    yield* pdbChanges(old, now);
    if (old.fields.checksum !== now.fields.checksum)
      yield {
        kind: 'reason',
        reason: reason('checksum', 'checksum of the optional header', [old.fields.checksum, now.fields.checksum]),
      };
    yield { kind: 'lines', title: 'tools of the Rich header', left: old.rich, right: now.rich };
    yield* signatureChange({ source: left, facts: old }, { source: right, facts: now });
    yield* codeChange({ source: left, sections: old.code }, { source: right, sections: now.code });
    yield* sectionParts({ source: left, sections: old.sections }, { source: right, sections: now.sections });
  },
};

function isImage(head: Buffer): boolean {
  if (head.length < HEAD || head[0] !== 0x4d || head[1] !== 0x5a) return false;
  const at = head.readUInt32LE(0x3c);
  return at + 4 <= head.length && head.readUInt32BE(at) === 0x50450000;
}

/** Objects have no magic number: a known machine, no optional header, no flag of an image, and a printable section name. */
function isObject(head: Buffer): boolean {
  if (head.length < HEAD || !COFF_MACHINES.has(head.readUInt16LE())) return false;
  const [sections, optionalSize, flags] = [head.readUInt16LE(2), head.readUInt16LE(16), head.readUInt16LE(18)];
  if (sections === 0 || sections > 4096 || optionalSize !== 0 || (flags & 0x2002) !== 0) return false;
  return /^[.$/\w][\x20-\x7e]*\0*$/.test(head.toString('latin1', 20, 28));
}

function reason(
  kind: ReasonKind,
  evidence: string,
  [left, right]: readonly [string | undefined, string | undefined],
): Extract<Explanation, { kind: 'reason' }>['reason'] {
  return { kind, evidence, ...(left ? { left } : {}), ...(right ? { right } : {}) };
}

function* timeChanges(left: PeFacts, right: PeFacts): Generator<Explanation> {
  const changes = changedFields(left.times, right.times);
  yield { kind: 'fields', fields: changes };
  const hashes = left.timeIsHash && right.timeIsHash;
  for (const { name, left: old, right: now } of changes) {
    if (hashes) {
      yield { kind: 'reason', reason: reason('build-id', `${name}, a hash of the content`, [old, now]) };
      return;
    }
    yield { kind: 'reason', reason: reason('timestamp', name, [old, now]) };
  }
}

function* pdbChanges(left: PeFacts, right: PeFacts): Generator<Explanation> {
  const fieldsOf = ({ pdb }: PeFacts): Record<string, string> => ({
    'PDB path': escapeName(pdb?.path ?? ''),
    'PDB identity': pdb?.identity ?? '',
  });
  const changes = changedFields(fieldsOf(left), fieldsOf(right));
  yield { kind: 'fields', fields: changes };
  for (const { name, left: old, right: now } of changes)
    yield { kind: 'reason', reason: reason(name === 'PDB path' ? 'path' : 'build-id', name, [old, now]) };
}

type Side = { readonly source: ByteSource; readonly facts: PeFacts };

async function* signatureChange(left: Side, right: Side): AsyncGenerator<Explanation> {
  const certificates = ({ source, facts }: Side): ByteSource | undefined => {
    const section = facts.sections.find(({ name }) => name === '(certificates)');
    return section === undefined ? undefined : rangeSource(source, section);
  };
  const [old, now] = [certificates(left), certificates(right)];
  if (old === undefined && now === undefined) return;
  if (old !== undefined && now !== undefined && (await identical(old, now))) return;
  const size = (one: ByteSource | undefined): string => (one === undefined ? 'not signed' : `${one.size} bytes`);
  yield { kind: 'reason', reason: reason('signature', 'Authenticode certificate table', [size(old), size(now)]) };
}
