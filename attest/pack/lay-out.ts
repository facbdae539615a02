import { canonicalJson, ReproofError, sha256Of } from '../../model/index.ts';
import type { Bundle } from '../bundle.ts';
import { type Envelope, openEnvelope, preAuthEncoding } from '../dsse.ts';
import { type PublicKey, readPublicKeyText } from '../public-key.ts';
import { readComparison } from '../statement/read-comparison.ts';
import { type AnyStatement, readAnyStatement } from '../statement/read-statement.ts';
import {
  COMPARISON_TYPE,
  CYCLONEDX_TYPE,
  PAYLOAD_TYPE,
  PROVENANCE_TYPE,
  SPDX_TYPE,
  SUMMARY_TYPE,
} from '../statement/types.ts';
import { decodeBase64 } from '../strict-json.ts';
import { readNote } from '../tlog/note.ts';
import { readBundle } from '../verify/index.ts';
import type { Pack } from './read-pack.ts';
import { type LaidOutStatement, readmeOf } from './readme.ts';

/** A file for other tools: a base name, or one in `rebuilt/`. */
export type LaidOutFile = { readonly name: string; readonly bytes: Uint8Array };

/** Where the bytes of an artifact go: published files by their name, rebuilt ones that differ below rebuilt/. */
export type LaidOutArtifact = { readonly name: string; readonly sha256: string };

export type LaidOut = { readonly files: readonly LaidOutFile[]; readonly artifacts: readonly LaidOutArtifact[] };

const WORDS: Readonly<Record<string, string>> = {
  [COMPARISON_TYPE]: 'comparison',
  [PROVENANCE_TYPE]: 'provenance',
  [CYCLONEDX_TYPE]: 'cdx',
  [SPDX_TYPE]: 'spdx',
  [SUMMARY_TYPE]: 'summary',
};
/** What a name of a published file may be, so that it can be a file's name anywhere. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.+~_%:-]{0,199}$/;

/**
 * Lays a pack out for tools of others: a bundle, its envelope, and what openssl checks, for each statement. The names are
 * those of signed statements; a statement that the pack's own key did not sign is refused.
 * Throws EVIDENCE_*, KEY_INVALID.
 */
export function layOut(pack: Pack): LaidOut {
  const { singles } = pack;
  const key = singles['statement.pub'] === undefined ? undefined : readPublicKeyText(textOf(singles['statement.pub']));
  const files = new Map<string, Uint8Array>();
  const artifacts = new Map<string, string>();
  const statements: LaidOutStatement[] = [];
  const held = new Set(pack.artifacts.map(({ sha256 }) => sha256));
  const read = pack.statements.map((bytes) => {
    const bundle = readBundle(bytes);
    return { bytes, bundle, ...openBy(bundle, key) };
  });
  const rebuilt = new Set<string>();
  for (const { statement, payload } of read)
    if (statement.predicateType === COMPARISON_TYPE) placeArtifacts(payload, { held, artifacts, rebuilt });
  for (const opened of read) {
    const { bundle } = opened;
    for (const { name, word, about } of placesOf(opened.statement, rebuilt)) {
      const stem = freeStem(`${name}.${word}`, files);
      for (const file of statementFiles(stem, opened)) files.set(file.name, file.bytes);
      statements.push({
        name,
        word: stem.slice(name.length + 1),
        predicateType: opened.statement.predicateType,
        logged: bundle.verificationMaterial.tlogEntries.length > 0,
        artifact:
          isOfRebuilt(word) || (word === 'provenance' && artifacts.has(`rebuilt/${about}`))
            ? `rebuilt/${about}`
            : about,
      });
    }
  }
  for (const [name, bytes] of Object.entries(singles)) if (bytes !== undefined) files.set(name, bytes);
  if (singles.checkpoint !== undefined)
    for (const file of checkpointFiles(singles.checkpoint)) files.set(file.name, file.bytes);
  pack.links.forEach((bytes, index) => void files.set(`rebuilderd-${index + 1}.link.json`, bytes));
  files.set('README.md', Buffer.from(readmeOf(statements, { withLog: singles.checkpoint !== undefined })));
  files.set('SHA256SUMS', Buffer.from(checksums(files, artifacts)));
  return {
    files: [...files].map(([name, bytes]) => ({ name, bytes })),
    artifacts: [...artifacts].map(([name, sha256]) => ({ name, sha256 })),
  };
}

function openBy(
  bundle: Bundle,
  key: PublicKey | undefined,
): { readonly payload: Uint8Array; readonly statement: AnyStatement } {
  if (key === undefined)
    throw new ReproofError('EVIDENCE_MALFORMED', 'laying a pack out: it has statements, and no statement.pub');
  const { payload } = openEnvelope(bundle.dsseEnvelope, PAYLOAD_TYPE, [key]);
  return { payload, statement: readAnyStatement(payload) };
}

/** What a statement is laid out as, and a file that it is about. */
type Place = { readonly name: string; readonly word: string; readonly about: string };

/** What is about a rebuilt file that is another than the published one of its name. */
const REBUILT = 'rebuilt.';

function isOfRebuilt(word: string): boolean {
  return word.startsWith(REBUILT);
}

/**
 * Provenance is laid beside each of its files; what is about the environment they were all built in is laid out once.
 * `rebuilt`: digests of files that are others than those published.
 */
function placesOf(statement: AnyStatement, rebuilt: ReadonlySet<string>): readonly Place[] {
  const { predicateType, subject } = statement;
  const word = WORDS[predicateType];
  if (word === undefined)
    throw new ReproofError('EVIDENCE_TYPE', 'laying a pack out: it has a statement of a type that is not known here');
  const names = subject.map(({ name }) => checkName(name ?? ''));
  if (word !== 'provenance' && names.length === 1 && rebuilt.has(subject[0]?.digest.sha256 ?? ''))
    return names.map((name) => ({ name, word: `${REBUILT}${word}`, about: name }));
  if (word === 'provenance' || (names.length === 1 && !isOfEnvironment(statement)))
    return names.map((name) => ({ name, word, about: name }));
  return [{ name: 'environment', word, about: names[0] ?? '' }];
}

/** Whether an SBOM lists what files were built with: CycloneDX's formulation, SPDX's build dependencies. */
function isOfEnvironment({ predicate = {} }: AnyStatement): boolean {
  if (Array.isArray(predicate.formulation)) return true;
  const { relationships } = predicate;
  return (
    Array.isArray(relationships) &&
    relationships.some(
      (one: { readonly relationshipType?: unknown } | null) => one?.relationshipType === 'BUILD_DEPENDENCY_OF',
    )
  );
}

function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new ReproofError('EVIDENCE_MALFORMED', `laying a pack out: ${JSON.stringify(name)} can be no file's name`);
}

/** Of two statements of one kind about one file the second is laid out as the second. */
function freeStem(stem: string, files: ReadonlyMap<string, Uint8Array>): string {
  if (!files.has(`${stem}.sigstore.json`)) return stem;
  for (let count = 2; ; count++) if (!files.has(`${stem}-${count}.sigstore.json`)) return `${stem}-${count}`;
}

function statementFiles(
  stem: string,
  opened: {
    readonly bytes: Uint8Array;
    readonly bundle: Bundle;
    readonly payload: Uint8Array;
    readonly statement: AnyStatement;
  },
): readonly LaidOutFile[] {
  const envelope: Envelope = opened.bundle.dsseEnvelope;
  const { predicateType, predicate } = opened.statement;
  const isSbom = predicateType === CYCLONEDX_TYPE || predicateType === SPDX_TYPE;
  return [
    { name: `${stem}.sigstore.json`, bytes: opened.bytes },
    { name: `${stem}.dsse.json`, bytes: Buffer.from(`${canonicalJson(envelope)}\n`) },
    { name: `${stem}.signed`, bytes: preAuthEncoding(envelope.payloadType, opened.payload) },
    { name: `${stem}.sig`, bytes: decodeBase64(envelope.signatures[0]?.sig ?? '') ?? new Uint8Array() },
    ...(isSbom ? [{ name: `${stem}.json`, bytes: Buffer.from(`${canonicalJson(predicate)}\n`) }] : []),
  ];
}

function placeArtifacts(
  payload: Uint8Array,
  {
    held,
    artifacts,
    rebuilt: others,
  }: {
    readonly held: ReadonlySet<string>;
    readonly artifacts: Map<string, string>;
    readonly rebuilt: Set<string>;
  },
): void {
  const { subject, predicate } = readComparison(payload);
  const published = subject[0];
  if (published === undefined) return;
  const name = checkName(published.name);
  const { sha256 } = published.digest;
  if (held.has(sha256)) artifacts.set(name, sha256);
  const rebuilt = predicate.artifact.rebuilt?.digest?.sha256;
  if (rebuilt === undefined || rebuilt === sha256) return;
  others.add(rebuilt);
  if (held.has(rebuilt)) artifacts.set(`rebuilt/${name}`, rebuilt);
}

/** What the log signed and its signature, each as openssl takes it. */
function checkpointFiles(checkpoint: Uint8Array): readonly LaidOutFile[] {
  const { text, signatures } = readNote(checkpoint);
  return [
    { name: 'checkpoint.signed', bytes: Buffer.from(text) },
    { name: 'checkpoint.sig', bytes: signatures[0]?.signature ?? new Uint8Array() },
  ];
}

function checksums(files: ReadonlyMap<string, Uint8Array>, artifacts: ReadonlyMap<string, string>): string {
  const lines = [
    ...[...files].map(([name, bytes]) => [name, sha256Of(bytes)] as const),
    ...[...artifacts].map(([name, sha256]) => [name, sha256] as const),
  ];
  return lines
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, sha256]) => `${sha256}  ${name}\n`)
    .join('');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
