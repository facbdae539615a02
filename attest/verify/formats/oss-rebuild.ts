import { isSha256, ReproofError, type Sha256 } from '../../../model/index.ts';
import { isDateTime } from '../../date-time.ts';
import { openEnvelope, readEnvelope } from '../../dsse.ts';
import type { JsonSchema } from '../../json-schema.ts';
import type { PublicKey } from '../../public-key.ts';
import { readAnyStatement } from '../../statement/read-statement.ts';
import { PROVENANCE_TYPE, STATEMENT_TYPE } from '../../statement/types.ts';
import { refuseFault } from './read-bundle.ts';

/**
 * What OSS Rebuild (github.com/google/oss-rebuild) publishes of an artifact: rebuild.intoto.jsonl, DSSE envelopes a
 * line each. Both are SLSA provenance, told apart by their build types. The payload type is that of statements.
 */
const REBUILD = 'https://docs.oss-rebuild.dev/builds/Rebuild@v0.1';
const EQUIVALENCE = 'https://docs.oss-rebuild.dev/builds/ArtifactEquivalence@v0.1';
const PAYLOAD_TYPES = [STATEMENT_TYPE, 'application/vnd.in-toto+json'] as const;

const MOST_LINES = 16;

const text: JsonSchema = { type: 'string' };
const digest: JsonSchema = { type: 'object', additionalProperties: text };
const described: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 2_000 }, digest },
};
const invocation: JsonSchema = { type: 'string', maxLength: 200 };
/** More is in it than is read; what is read is signed by the key that was pinned. */
const predicateSchema: JsonSchema = {
  type: 'object',
  properties: {
    buildDefinition: {
      type: 'object',
      properties: {
        buildType: text,
        externalParameters: { type: 'object' },
        resolvedDependencies: { type: 'array', items: described, maxItems: 10_000 },
      },
      required: ['buildType', 'externalParameters', 'resolvedDependencies'],
    },
    runDetails: {
      type: 'object',
      properties: {
        metadata: {
          type: 'object',
          properties: {
            invocationID: invocation,
            invocationId: invocation,
            finishedOn: { type: 'string', is: isDateTime },
          },
        },
        byproducts: { type: 'array', items: described, maxItems: 1_000 },
      },
      required: ['metadata'],
    },
  },
  required: ['buildDefinition', 'runDetails'],
};
type Described = { readonly name?: string; readonly digest?: Readonly<Record<string, string>> };
type Predicate = {
  readonly buildDefinition: {
    readonly buildType: string;
    readonly externalParameters: Readonly<Record<string, unknown>>;
    readonly resolvedDependencies: readonly Described[];
  };
  readonly runDetails: {
    readonly metadata: { readonly invocationID?: string; readonly invocationId?: string; readonly finishedOn?: string };
    readonly byproducts?: readonly Described[];
  };
};

/** What one file says of an artifact. */
export type OssRebuild = {
  readonly published: Sha256;
  readonly rebuilt: Sha256;
  /** exact: the same bytes. stabilised: the same after what OSS Rebuild takes out of both. */
  readonly equality: 'exact' | 'stabilised';
  readonly invocation: string;
  /** When the build ended, as its own statement says (milliseconds since 1970). */
  readonly time?: number;
  readonly signedBy: readonly PublicKey[];
};

/**
 * Reads the lines of a file, each of which must be signed by one of these keys. Throws EVIDENCE_SIGNATURE_INVALID,
 * EVIDENCE_TYPE, EVIDENCE_MALFORMED, EVIDENCE_LIMIT.
 */
export function readOssRebuild(bytes: Uint8Array, keys: readonly PublicKey[]): OssRebuild {
  const lines = splitLines(bytes);
  const statements = lines.map((line) => {
    const envelope = readEnvelope(line);
    const type = PAYLOAD_TYPES.find((known) => known === envelope.payloadType) ?? STATEMENT_TYPE;
    const { payload, signedBy } = openEnvelope(envelope, type, keys);
    const statement = readAnyStatement(payload);
    if (statement.predicateType !== PROVENANCE_TYPE)
      throw new ReproofError('EVIDENCE_TYPE', `reading OSS Rebuild's statements: one is ${statement.predicateType}`);
    refuseFault("reading OSS Rebuild's statements", statement.predicate, predicateSchema);
    return { subject: statement.subject, signedBy, ...(statement.predicate as Predicate) };
  });
  const of = (type: string) => statements.filter(({ buildDefinition }) => buildDefinition.buildType === type);
  const [equivalence, ...more] = of(EQUIVALENCE);
  const [rebuild, ...others] = of(REBUILD);
  if (equivalence === undefined || rebuild === undefined || more.length + others.length > 0)
    return refuse('there is not one statement of a rebuild and one of equivalence');
  const [subject] = equivalence.subject;
  const [built] = rebuild.subject;
  if (subject === undefined || built === undefined || equivalence.subject.length + rebuild.subject.length !== 2)
    return refuse('a statement has not one subject');
  const { candidate } = equivalence.buildDefinition.externalParameters;
  const named = equivalence.buildDefinition.resolvedDependencies.find(({ name }) => name === candidate);
  if (candidate !== built.name || named?.digest?.sha256 !== built.digest.sha256)
    return refuse('what was built is not what was compared');
  const invocation = invocationOf(equivalence.runDetails.metadata);
  if (invocation !== invocationOf(rebuild.runDetails.metadata)) return refuse('they are of two builds');
  const published = digestOf(subject);
  const rebuilt = digestOf(built);
  const exact = published === rebuilt;
  if (!exact && !(equivalence.runDetails.byproducts ?? []).some(({ digest: some }) => some?.sha256 !== undefined))
    return refuse('the bytes differ, and nothing says what is the same of them');
  const ended = rebuild.runDetails.metadata.finishedOn;
  return {
    published,
    rebuilt,
    equality: exact ? 'exact' : 'stabilised',
    invocation,
    ...(ended === undefined ? {} : { time: Date.parse(ended) }),
    signedBy: equivalence.signedBy.filter(({ keyid }) => rebuild.signedBy.some((key) => key.keyid === keyid)),
  };
}

function digestOf({ digest: { sha256 = '' } }: { readonly digest: Readonly<Record<string, string>> }): Sha256 {
  return isSha256(sha256) ? sha256 : refuse('a subject has no SHA-256');
}

function invocationOf(metadata: {
  readonly invocationID?: string | undefined;
  readonly invocationId?: string | undefined;
}): string {
  return metadata.invocationID ?? metadata.invocationId ?? '';
}

function splitLines(bytes: Uint8Array): readonly Uint8Array[] {
  const text = Buffer.from(bytes);
  const lines: Uint8Array[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf(10, at);
    const line = text.subarray(at, end === -1 ? text.length : end);
    if (line.length > 0) lines.push(line);
    if (lines.length > MOST_LINES) refuse(`there are more than ${MOST_LINES} lines`);
    at += line.length + 1;
  }
  if (lines.length === 0) refuse('there is no line');
  return lines;
}

function refuse(why: string): never {
  throw new ReproofError('EVIDENCE_MALFORMED', `reading OSS Rebuild's statements: ${why}`);
}
