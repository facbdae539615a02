import {
  bundleOf,
  COMPARISON_TYPE,
  type Keys,
  openEnvelope,
  PAYLOAD_TYPE,
  type PublicKey,
  readEnvelope,
  type Signer,
  signEnvelope,
  statementBytes,
} from '../../attest/index.ts';
import { canonicalJson, isReproofError, ReproofError } from '../../model/index.ts';
import type { StatementFiles } from '../store/index.ts';
import { BUNDLE_ENDING, ENVELOPE_ENDING, readKept, signedStatement } from './kept-statements.ts';
import { statementsOf } from './name-statements.ts';
import { type LocateFile, sbomStatements } from './sbom-statements.ts';
import type {
  Attested,
  EvidenceKeeper,
  KeptStatement,
  NamedStatement,
  PublishedStatements,
  SignedStatement,
  StatementLog,
} from './types.ts';

/** What evidence is made with. The log is opened when the first statement is published. */
export type EvidenceParts = {
  readonly files: StatementFiles;
  readonly keys: Keys;
  readonly openLog: () => Promise<StatementLog>;
  /** Where rebuilt files lie, for their SBOMs. */
  readonly locate: LocateFile;
};

const NOT_KNOWN = 'no published file is known by its digest, so nothing is stated of any';

/** Opens what signs, keeps and publishes statements. Keys and log are reached when they are needed first. */
export function openEvidence(parts: EvidenceParts): EvidenceKeeper {
  const { files, keys } = parts;
  let log: Promise<StatementLog> | undefined;
  const statements = async (owner: string): Promise<readonly KeptStatement[]> => {
    const there = await files.read(owner);
    return there === undefined ? [] : readKept(there, await keys.history());
  };
  return {
    attest: async (facts): Promise<Attested> => {
      const sboms = await sbomStatements(facts, parts.locate);
      const named = [...statementsOf(facts), ...sboms.statements];
      const isKnown = named.some(({ statement }) => statement.predicateType === COMPARISON_TYPE);
      const signed = named.length === 0 ? [] : await keep(facts.record.id, named, parts);
      return {
        statements: signed,
        ...(isKnown ? {} : { unsigned: NOT_KNOWN }),
        ...(sboms.failures.length === 0 ? {} : { failures: sboms.failures }),
      };
    },
    keep: (owner, named, signer) => keep(owner, named, { ...parts, signer }),
    publish: async (owner) => {
      const kept = await statements(owner);
      if (kept.length === 0) return { entries: [] };
      log ??= parts.openLog().catch((error: unknown) => {
        // The next one tries again.
        log = undefined;
        throw error;
      });
      return publish(owner, kept, { parts, log: await log });
    },
    statements,
    has: (owner) => files.has(owner),
    close: async () => (await log?.catch(() => undefined))?.close(),
  };
}

async function keep(
  owner: string,
  named: readonly NamedStatement[],
  { files, keys, signer: given }: EvidenceParts & { readonly signer?: Signer | undefined },
): Promise<readonly SignedStatement[]> {
  const there = (await files.read(owner)) ?? new Map<string, Uint8Array>();
  const known = await keys.history();
  const next = new Map<string, Uint8Array>();
  const signed: SignedStatement[] = [];
  let signer = given;
  for (const { name, statement } of named) {
    const payload = statementBytes(statement);
    const file = `${name}${ENVELOPE_ENDING}`;
    const earlier = there.get(file);
    const bundle = there.get(`${name}${BUNDLE_ENDING}`);
    if (earlier !== undefined && isSigned(earlier, payload, known)) {
      next.set(file, earlier);
      if (bundle !== undefined) next.set(`${name}${BUNDLE_ENDING}`, bundle);
    } else {
      signer ??= await keys.signer('statement');
      next.set(file, jsonBytes(await signEnvelope(PAYLOAD_TYPE, payload, signer)));
    }
    signed.push(signedStatement(name, payload));
  }
  await files.write(owner, next);
  return signed;
}

/** Whether an envelope holds this payload, signed by a key of ours: signed anew it would only be logged once more. */
function isSigned(bytes: Uint8Array, payload: Uint8Array, keys: readonly PublicKey[]): boolean {
  try {
    return Buffer.compare(openEnvelope(readEnvelope(bytes), PAYLOAD_TYPE, keys).payload, payload) === 0;
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return false;
  }
}

async function publish(
  owner: string,
  kept: readonly KeptStatement[],
  { parts: { files, keys }, log }: { readonly parts: EvidenceParts; readonly log: StatementLog },
): Promise<PublishedStatements> {
  const known = await keys.history();
  const next = new Map<string, Uint8Array>();
  const logged = await Promise.all(
    kept.map(async ({ name, envelope, keyid, bundle }) => {
      if (bundle !== undefined) return { name, envelope, bundle };
      const key = known.find((one) => one.keyid === keyid);
      if (key === undefined) throw new ReproofError('INTERNAL', `publishing ${name}: its key is not known`);
      return { name, envelope, bundle: bundleOf(envelope, key, [await log.append(envelope, key)]) };
    }),
  );
  for (const { name, envelope, bundle } of logged) {
    next.set(`${name}${ENVELOPE_ENDING}`, jsonBytes(envelope));
    next.set(`${name}${BUNDLE_ENDING}`, jsonBytes(bundle));
  }
  await files.write(owner, next);
  return {
    entries: logged.map(({ name, bundle }) => ({
      name,
      logIndex: Number(bundle.verificationMaterial.tlogEntries[0]?.logIndex),
    })),
  };
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${canonicalJson(value)}\n`);
}
