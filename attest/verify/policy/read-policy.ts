import { isReproofError, ReproofError, sha256Of } from '../../../model/index.ts';
import { isDateTime } from '../../date-time.ts';
import { faultIn, type JsonSchema, strict } from '../../json-schema.ts';
import { readPublicKeyPem } from '../../link-public-key.ts';
import { type PublicKey, readPublicKey, readPublicKeyText } from '../../public-key.ts';
import { parseStrictJson } from '../../strict-json.ts';
import { readVerifierKey, type VerifierKey } from '../../tlog/note-key.ts';
import { AGREEING, CONTRARY, type Policy, type PolicyKey, type PolicyRebuilder, REBUILDER_KINDS } from './policy.ts';

const POLICY_BYTES = 256 * 1024;
const POLICY_DEPTH = 16;
const OPENING_BRACE = 0x7b;
const DAY_MILLISECONDS = 86_400_000;
/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410), before its 32 bytes. */
const ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

const name: JsonSchema = { type: 'string', pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N} ._@:/\\-]{0,99}$' };
const time: JsonSchema = { type: 'string', is: isDateTime };
const noteKey: JsonSchema = { type: 'string', maxLength: 1_000 };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const key = strict({ key: { type: 'string', maxLength: 1_000 }, from: time, until: time, untilIndex: count }, [
  'from',
  'until',
  'untilIndex',
]);
const rebuilder = strict(
  {
    name,
    operator: name,
    kind: { enum: REBUILDER_KINDS },
    keys: { type: 'array', items: key, minItems: 1, maxItems: 100 },
    log: strict({ key: noteKey, witnesses: count, minimumSize: count }, ['witnesses', 'minimumSize']),
    maxAgeDays: { type: 'number', exclusiveMinimum: 0, maximum: 36_500 },
  },
  ['kind', 'log', 'maxAgeDays'],
);
const schema = strict(
  {
    schema: { const: 'reproof-policy/1' },
    name,
    uri: { type: 'string', maxLength: 1_000, is: (text) => URL.canParse(text) },
    agree: { type: 'integer' },
    verdicts: { type: 'array', items: { enum: AGREEING }, minItems: 1 },
    against: { type: 'array', items: { enum: CONTRARY } },
    disagreement: { enum: ['refuse', 'report'] },
    rebuilders: { type: 'array', items: rebuilder, minItems: 1, maxItems: 100 },
    witnesses: { type: 'array', items: noteKey, maxItems: 100 },
  },
  ['uri', 'verdicts', 'against', 'disagreement', 'witnesses'],
);

/** A policy as it is written; what may be left out is optional. */
type Read = Pick<Policy, 'name' | 'uri' | 'agree'> &
  Partial<Pick<Policy, 'verdicts' | 'against' | 'disagreement'>> & {
    readonly rebuilders: readonly ReadRebuilder[];
    readonly witnesses?: readonly string[];
  };
type ReadRebuilder = {
  readonly name: string;
  readonly operator: string;
  readonly kind?: PolicyRebuilder['kind'];
  readonly keys: readonly ReadKey[];
  readonly log?: { readonly key: string; readonly witnesses?: number; readonly minimumSize?: number };
  readonly maxAgeDays?: number;
};
type ReadKey = { readonly key: string; readonly from?: string; readonly until?: string; readonly untilIndex?: number };

/**
 * Reads a policy: YAML 1.2 or JSON, without anchors, tags or doubled keys, and nothing in it that is not known. Throws
 * POLICY_INVALID, also for M = 0, for M above the number of operators, and for a key that two rebuilders share.
 */
export async function readPolicy(bytes: Uint8Array): Promise<Policy> {
  const value = await readValue(bytes);
  const fault = faultIn(value, schema);
  if (fault !== undefined) return refuse(fault);
  const given = value as Read;
  const rebuilders = given.rebuilders.map(rebuilderOf);
  const witnesses = (given.witnesses ?? []).map((text, index) => noteKeyOf(text, 4, `witnesses.${index}`));
  const operators = new Set(rebuilders.map(({ operator }) => operator)).size;
  checkUnique(rebuilders, witnesses);
  if (given.agree < 1) refuse('agree: at least one operator must agree; nobody would be asked otherwise');
  if (given.agree > operators) refuse(`agree: ${given.agree} operators shall agree, and the policy knows ${operators}`);
  for (const { log, name: who } of rebuilders)
    if (log !== undefined && log.witnesses > witnesses.length)
      refuse(`${who} asks for ${log.witnesses} witnesses, and the policy knows ${witnesses.length}`);
  return {
    name: given.name,
    ...(given.uri === undefined ? {} : { uri: given.uri }),
    digest: sha256Of(bytes),
    agree: given.agree,
    operators,
    verdicts: given.verdicts ?? ['reproducible'],
    against: given.against ?? ['unreproducible'],
    disagreement: given.disagreement ?? 'refuse',
    rebuilders,
    witnesses,
  };
}

function rebuilderOf(given: ReadRebuilder, index: number): PolicyRebuilder {
  const { kind = 'reproof' } = given;
  const place = `rebuilders.${index}`;
  if (kind !== 'reproof' && given.log !== undefined)
    refuse(`${place}: what ${kind} signs is in no log that is known here`);
  if (kind === 'rebuilderd' && given.maxAgeDays !== undefined)
    refuse(`${place}: links of rebuilderd bear no time, so that none can be too old`);
  return {
    name: given.name,
    operator: given.operator,
    kind,
    keys: given.keys.map((one, at) => keyOf(one, kind, `${place}.keys.${at}`)),
    ...(given.log === undefined
      ? {}
      : {
          log: {
            key: noteKeyOf(given.log.key, 1, `${place}.log.key`),
            witnesses: given.log.witnesses ?? 0,
            minimumSize: given.log.minimumSize ?? 0,
          },
        }),
    ...(given.maxAgeDays === undefined ? {} : { maxAgeMilliseconds: given.maxAgeDays * DAY_MILLISECONDS }),
  };
}

function keyOf(given: ReadKey, kind: PolicyRebuilder['kind'], place: string): PolicyKey {
  const from = given.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(given.from);
  const until = given.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(given.until);
  if (from > until) refuse(`${place}: it ends before it begins`);
  return {
    key: publicKeyIn(given.key, kind, place),
    from,
    until,
    ...(given.untilIndex === undefined ? {} : { untilIndex: given.untilIndex }),
  };
}

function publicKeyIn(pem: string, kind: PolicyRebuilder['kind'], place: string): PublicKey {
  try {
    // rebuilderd writes its keys in a spelling of its own.
    return kind === 'rebuilderd'
      ? readPublicKey(Buffer.concat([ED25519, readPublicKeyPem(pem)]))
      : readPublicKeyText(pem);
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return refuse(`${place}: ${error.message}`);
  }
}

function noteKeyOf(text: string, type: VerifierKey['type'], place: string): VerifierKey {
  let key: VerifierKey;
  try {
    key = readVerifierKey(text);
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return refuse(`${place}: ${error.message}`);
  }
  // A log signs checkpoints (1), a witness cosigns them with a time (4): c2sp.org/tlog-cosignature.
  return key.type === type ? key : refuse(`${place}: it is a key of type ${key.type}, ${type} is wanted`);
}

/** A key in two places would give one signature two voices. */
function checkUnique(rebuilders: readonly PolicyRebuilder[], witnesses: readonly VerifierKey[]): void {
  const names = rebuilders.map(({ name: who }) => who);
  if (new Set(names).size < names.length) refuse('rebuilders: two have the same name');
  const keys = rebuilders.flatMap(({ keys: some }) => some.map(({ key: { keyid } }) => keyid));
  if (new Set(keys).size < keys.length) refuse('rebuilders: a key is there twice');
  const cosigners = witnesses.map(({ publicKey }) => Buffer.from(publicKey).toString('hex'));
  if (new Set(cosigners).size < cosigners.length) refuse('witnesses: a key is there twice');
}

/** JSON is read without the reader of YAML, which takes longer to load than everything else takes to verify. */
async function readValue(bytes: Uint8Array): Promise<unknown> {
  if (bytes.length > POLICY_BYTES) refuse(`it has ${bytes.length} bytes, ${POLICY_BYTES} are allowed`);
  try {
    if (bytes[0] === OPENING_BRACE)
      return parseStrictJson(bytes, 'it is no JSON', { bytes: POLICY_BYTES, depth: POLICY_DEPTH });
    const { parsePlainYaml } = await import('./plain-yaml.ts');
    return parsePlainYaml(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return refuse(error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message);
  }
}

function refuse(why: string): never {
  throw new ReproofError('POLICY_INVALID', `reading a policy: ${why}`);
}
