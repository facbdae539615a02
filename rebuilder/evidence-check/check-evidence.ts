import { join } from 'node:path';
import {
  folderSource,
  type KeyLife,
  type Keys,
  type LogReport,
  rawEd25519,
  sameBytes,
  verifyLog,
} from '../../attest/index.ts';
import { isReproofError } from '../../model/index.ts';
import { BUNDLE_ENDING, ENVELOPE_ENDING, readKept } from '../evidence/kept-statements.ts';
import { type DataLog, readDataLog } from '../evidence/read-data-log.ts';
import { openStatementFiles, type PublishedRebuild, type StatementFiles } from '../store/index.ts';
import { type LoggedPlace, notInLog, placeInLog } from './logged-place.ts';

/** Something that is not as it has to be. `place` is a path in the data folder. */
export type EvidenceFault = {
  readonly place: string;
  readonly kind: 'damaged' | 'missing';
  readonly why: string;
};

export type EvidenceReport = {
  /** Whether nothing is damaged or missing. */
  readonly ok: boolean;
  readonly statements: number;
  /** Statements that are signed and not logged: no damage. `reproof attest` logs them. */
  readonly unlogged: number;
  /** Of statements, keys and the log; the first 1000. */
  readonly faults: readonly EvidenceFault[];
  /** What reading all of the log found; undefined where there is none, it cannot be begun with, or it was not asked for. */
  readonly log?: LogReport;
};

/** Where evidence is, and what the store says was published. */
export type EvidenceSources = {
  readonly dataFolder: string;
  readonly keys: Pick<Keys, 'history'>;
  readonly published: AsyncIterable<PublishedRebuild>;
};

const MOST_NAMED = 1000;

type Finding = { readonly faults: EvidenceFault[]; readonly history: readonly KeyLife[] };

/**
 * Looks at every statement (its signature, its bundle, and that the log has it), at what was published and is not there,
 * and at all of the log unless `quick`. Changes nothing, and may run while others write. Memory grows with the number of
 * statements, about 200 bytes each. Throws STORE_FAILED, and STORE_CORRUPT for what the store itself has.
 */
export async function checkEvidence(
  sources: EvidenceSources,
  { quick, signal }: { readonly quick: boolean; readonly signal?: AbortSignal },
): Promise<EvidenceReport> {
  const faults: EvidenceFault[] = [];
  const blame = (place: string, kind: EvidenceFault['kind'], error: unknown): void => {
    if (!isReproofError(error) || error.code === 'STORE_FAILED') throw error;
    faults.push({ place, kind, why: error.message });
  };
  const history = await sources.keys.history().catch((error: unknown) => {
    blame('keys/history', 'damaged', error);
    return [];
  });
  const files = openStatementFiles(join(sources.dataFolder, 'statements'));
  const kept = await lookAtStatements(files, { faults, history }, signal);
  for await (const { id, names } of sources.published) {
    signal?.throwIfAborted();
    await lookAtPublished({ id, names }, files, faults);
  }
  // After the statements: the log may have more than they say, and never less.
  const folder = join(sources.dataFolder, 'log');
  let log: DataLog | undefined;
  try {
    log = await readDataLog(folder);
    if (log === undefined && kept.places.length > 0)
      faults.push({ place: 'log', kind: 'missing', why: 'statements are said to be in the log, and there is none' });
  } catch (error) {
    blame('log', 'damaged', error);
  }
  if (log !== undefined) {
    faults.push(...foreignKey(log, history), ...(await notInLog(kept.places, log.tree, signal)));
  }
  const report = log === undefined || quick ? undefined : await readAll(folder, log, signal);
  if (report !== undefined)
    faults.push(...report.faults.map(({ file, why }) => ({ place: `log/${file}`, kind: 'damaged', why }) as const));
  return {
    ok: faults.length === 0,
    statements: kept.statements,
    unlogged: kept.unlogged,
    faults: faults.slice(0, MOST_NAMED),
    ...(report === undefined ? {} : { log: report }),
  };
}

type Kept = { readonly statements: number; readonly unlogged: number; readonly places: readonly LoggedPlace[] };

async function lookAtStatements(
  files: StatementFiles,
  { faults, history }: Finding,
  signal: AbortSignal | undefined,
): Promise<Kept> {
  let statements = 0;
  let unlogged = 0;
  const places: LoggedPlace[] = [];
  const find = (place: string, kind: EvidenceFault['kind'], why: string): void =>
    void faults.push({ place, kind, why });
  for (const owner of await files.owners()) {
    signal?.throwIfAborted();
    const there = (await files.read(owner)) ?? new Map<string, Uint8Array>();
    const place = (name: string, ending: string): string => `statements/${owner}/${name}${ending}`;
    const bundles = namesOf(there, BUNDLE_ENDING);
    for (const name of bundles)
      if (!there.has(`${name}${ENVELOPE_ENDING}`))
        find(place(name, ENVELOPE_ENDING), 'missing', 'its bundle is there, and it is not');
    for (const name of namesOf(there, ENVELOPE_ENDING)) {
      statements += 1;
      let file = place(name, ENVELOPE_ENDING);
      try {
        const [one] = readKept(new Map([...there].filter(([other]) => isOf(name, other))), history);
        const bytes = there.get(`${name}${BUNDLE_ENDING}`);
        file = place(name, BUNDLE_ENDING);
        if (bytes === undefined || one === undefined) unlogged += 1;
        else if (one.bundle === undefined) find(file, 'damaged', 'it is no bundle of this statement in the log');
        else places.push(placeInLog(file, { bytes, keyid: one.keyid }, history));
      } catch (error) {
        if (!isReproofError(error)) throw error;
        find(file, 'damaged', error.message);
      }
    }
  }
  return { statements, unlogged, places };
}

async function lookAtPublished(
  { id, names }: PublishedRebuild,
  files: StatementFiles,
  faults: EvidenceFault[],
): Promise<void> {
  if (names.length === 0) return;
  const there = await files.read(id);
  for (const name of names)
    for (const ending of [ENVELOPE_ENDING, BUNDLE_ENDING])
      if (there?.has(`${name}${ending}`) !== true)
        faults.push({ place: `statements/${id}/${name}${ending}`, kind: 'missing', why: 'it was published' });
}

function namesOf(files: ReadonlyMap<string, Uint8Array>, ending: string): readonly string[] {
  return [...files.keys()].filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length));
}

function isOf(name: string, file: string): boolean {
  return file === `${name}${ENVELOPE_ENDING}` || file === `${name}${BUNDLE_ENDING}`;
}

/** What lies beside a log may not say whose it is. */
function foreignKey({ key }: DataLog, history: readonly KeyLife[]): readonly EvidenceFault[] {
  const own = history.filter(({ use }) => use === 'log');
  if (own.some(({ publicKey }) => sameBytes(rawEd25519(publicKey), key.publicKey))) return [];
  return [{ place: 'log/log.vkey', kind: 'damaged', why: 'it is no key of this data folder' }];
}

async function readAll(folder: string, { key }: DataLog, signal: AbortSignal | undefined): Promise<LogReport> {
  return verifyLog(folderSource(folder), { key, ...(signal === undefined ? {} : { signal }) });
}
