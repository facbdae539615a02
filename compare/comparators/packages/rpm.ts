import { isUtf8 } from 'node:buffer';
import { type RpmHeader, type RpmStart, readRpm, rpmFiles } from '../../../formats/index.ts';
import type { FieldChange, Reason } from '../../../model/index.ts';
import { escapeName, shorten } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import type { ByteSource, Explanation, LeafComparator } from '../../types.ts';

const VALUES = 4_000_000;
const SHOWN_CHARACTERS = 400;
/** Tags whose values say why they differ. */
const REASONS: readonly (readonly [RegExp, Reason['kind'], string])[] = [
  [/^(?:BUILDTIME|FILEMTIMES|CHANGELOGTIME)$/, 'timestamp', 'seconds since 1970'],
  [
    /^(?:FILEDIGESTS|PAYLOADDIGEST|PAYLOADDIGESTALT|PAYLOADSHA3_256(?:ALT)?|SOURCEPKGID)$/,
    'checksum',
    'digests of other bytes',
  ],
  [/^(?:FILEUSERNAME|FILEGROUPNAME|FILEUIDS|FILEGIDS)$/, 'owner', 'who owns the files'],
  [/^FILEMODES$/, 'mode', 'modes of the files'],
  [/^(?:BUILDHOST|COOKIE|FILEINODES|FILEDEVICES)$/, 'metadata', 'of the machine it was built on'],
  [/^(?:VERSION|RELEASE|RPMVERSION)$/, 'version-text', 'a version'],
];
const SIGNATURES = /^(?:DSAHEADER|RSAHEADER|OPENPGP|PGP5?|GPG|FILESIGNATURES|VERITYSIGNATURES)$/;
const DIGESTS = /^(?:SHA1HEADER|SHA256HEADER|SHA3_256HEADER|MD5|LEMD5_[12])$/;

/** RPM packages: lead, signatures and header by tag; the payload is a part of its own. */
export const rpm: LeafComparator = {
  kind: 'leaf',
  id: 'rpm',
  recognizes: (head) => Buffer.from(head.subarray(0, 4)).toString('hex') === 'edabeedb',
  async *explain(left, right, { budget }) {
    const limits = { storeBytes: budget.limits.textBytes, values: VALUES };
    const [old, now] = await bothOf(readRpm(left.open(), limits), readRpm(right.open(), limits));
    const lead = Object.keys(old.lead).map((name) => change(`lead ${name}`, [old.lead[name]], [now.lead[name]]));
    yield { kind: 'fields', fields: lead };
    yield* explainHeader(old.signature, now.signature, 'signature');
    yield* explainHeader(old.header, now.header, '');
    if (
      !old.bytes.equals(now.bytes) &&
      sameValues(old.signature, now.signature) &&
      sameValues(old.header, now.header)
    ) {
      const evidence = 'the headers hold the same tags with the same values';
      yield { kind: 'reason', reason: { kind: 'packing', evidence } };
    }
    yield { kind: 'part', name: 'payload', left: payloadOf(left, old), right: payloadOf(right, now) };
  },
};

function* explainHeader(old: RpmHeader, now: RpmHeader, where: string): Generator<Explanation> {
  for (const tag of [...new Set([...old.keys(), ...now.keys()])].sort(byBytes)) {
    const [left, right] = [old.get(tag), now.get(tag)];
    if (left !== undefined && right !== undefined && sameItems(left, right)) continue;
    const name = where === '' ? tag : `${where} ${tag}`;
    const single = Math.max(left?.length ?? 0, right?.length ?? 0) <= 1 && ![left, right].some(isLong);
    if (single) yield { kind: 'fields', fields: [change(name, left, right)] };
    else yield { kind: 'lines', title: name, left: linesOf(left), right: linesOf(right) };
    const reason = reasonOf(tag, where);
    if (reason !== undefined) yield { kind: 'reason', reason };
  }
  if (
    [...old.keys()].join('\n') !== [...now.keys()].join('\n') &&
    old.size === now.size &&
    [...old.keys()].every((tag) => now.has(tag))
  )
    yield {
      kind: 'reason',
      reason: { kind: 'order', evidence: `tags of the ${where || 'main'} header in another order` },
    };
}

function reasonOf(tag: string, where: string): Reason | undefined {
  if (where !== '') {
    if (SIGNATURES.test(tag)) return { kind: 'signature', evidence: `${tag} of the signature header differs` };
    if (DIGESTS.test(tag))
      return { kind: 'checksum', evidence: `${tag} of the signature header follows from the rest` };
    return undefined;
  }
  const found = REASONS.find(([pattern]) => pattern.test(tag));
  return found === undefined ? undefined : { kind: found[1], evidence: `${tag} differs: ${found[2]}` };
}

function change(name: string, left: readonly (string | undefined)[] | undefined, right: typeof left): FieldChange {
  const told = (values: typeof left): string => shorten(escapeName(values?.join(', ') ?? ''), SHOWN_CHARACTERS);
  return {
    name,
    ...(left === undefined ? {} : { left: told(left) }),
    ...(right === undefined ? {} : { right: told(right) }),
  };
}

function isLong(values: readonly string[] | undefined): boolean {
  return values?.some((value) => value.includes('\n') || value.length > SHOWN_CHARACTERS) === true;
}

/** Text is latin1 in a header's values; shown in UTF-8 where it is that. */
function linesOf(values: readonly string[] | undefined): readonly string[] {
  return (values ?? []).flatMap((value) => {
    const bytes = Buffer.from(value, 'latin1');
    return isUtf8(bytes) ? bytes.toString('utf8').split('\n') : value.split('\n').map(escapeName);
  });
}

function sameValues(old: RpmHeader, now: RpmHeader): boolean {
  return old.size === now.size && [...old].every(([tag, values]) => sameItems(values, now.get(tag) ?? []));
}

function sameItems(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

function payloadOf(source: ByteSource, { payloadOffset, header }: RpmStart): ByteSource {
  return {
    name: 'payload',
    payloadFiles: () => rpmFiles(header),
    size: source.size === undefined ? undefined : source.size - payloadOffset,
    seekable: source.seekable === true,
    open: (start = 0, chunks) => source.open(payloadOffset + start, chunks),
  };
}
