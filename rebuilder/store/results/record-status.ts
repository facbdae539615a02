import type { Queries } from '../database.ts';
import type { Status } from '../page.ts';
import type { InputRow } from './input-row.ts';
import type { WrittenArtifact } from './record-rows.ts';
import type { Result, ResultEntry } from './types.ts';

/** Those that say whether the published bytes came out. */
function says(status: string | null): boolean {
  return status === 'GOOD' || status === 'BAD';
}

/**
 * Whether a result is what its input shows from now on. One that decides nothing shows only where none has decided, and
 * one that decided that nothing is known (environment drift) takes nothing back from one that knew. History from before
 * the deciding result shows nothing, and what a foreign worker says takes nothing back that this server saw itself:
 * docs/decisions/statuses-of-results.md.
 */
export async function settles(db: Queries, input: InputRow, entry: ResultEntry): Promise<boolean> {
  const decided = input.decided_at;
  if (decided === null) return true;
  if (!entry.decides || entry.builtAt < decided) return false;
  if (await contradictsWhatWasSeen(db, input, entry)) return false;
  return says(entry.status) || !says(input.status);
}

/** Whether somebody else says that other bytes came out where this server saw that the published ones did. */
async function contradictsWhatWasSeen(db: Queries, input: InputRow, entry: ResultEntry): Promise<boolean> {
  if (entry.origin === 'ours' || entry.status !== 'BAD' || input.status !== 'GOOD') return false;
  const seen = await db
    .selectFrom('result_artifact')
    .select('id')
    .where('result_id', '=', input.result_id)
    .where('checked_here', '=', 1)
    .limit(1)
    .executeTakeFirst();
  return seen !== undefined;
}

/** What lists show of an input. */
export function showOnInput(entry: ResultEntry, resultId: number) {
  return {
    status: entry.status,
    verdict: entry.verdict,
    reason: entry.reason ?? null,
    result_id: resultId,
    ...(entry.decides ? { decided_at: entry.builtAt } : {}),
  };
}

/** What a machine needs for it: the most that any of its builds did. */
export function learnedFrom(input: InputRow, entry: ResultEntry) {
  const most = (before: number | null, now: number | undefined): number | null =>
    now === undefined ? before : Math.max(before ?? 0, now);
  return {
    wall_seconds: most(input.wall_seconds, entry.wallSeconds),
    memory_bytes: most(input.memory_bytes, entry.memoryBytes),
    disk_bytes: most(input.disk_bytes, entry.diskBytes),
  };
}

/**
 * Against the deciding result before: of the same input, else of the version of the same source, distribution, release
 * and architecture that was decided last. Undefined where the result decides nothing, or is history.
 */
export async function changeFrom(db: Queries, input: InputRow, entry: ResultEntry): Promise<Result['change']> {
  if (!entry.decides || (input.decided_at !== null && entry.builtAt < input.decided_at)) return undefined;
  const before = input.decided_at === null ? await statusOfVersionBefore(db, input) : input.status;
  if (!says(before)) return says(entry.status) || before === null ? 'first' : 'same';
  if (before === 'GOOD' && entry.status === 'BAD') return 'regression';
  if (before === 'BAD' && entry.status === 'GOOD') return 'fixed';
  return 'same';
}

async function statusOfVersionBefore(db: Queries, input: InputRow): Promise<string | null> {
  const row = await db
    .selectFrom('build_input')
    .select('status')
    .where('source', '=', input.source)
    .where('distribution', '=', input.distribution)
    .where('release', '=', input.release)
    .where('architecture', '=', input.architecture)
    .where('id', '!=', input.id)
    .where('decided_at', 'is not', null)
    .where('status', 'in', ['GOOD', 'BAD'])
    .orderBy('decided_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.status ?? null;
}

/**
 * Brings the listed files of an input up to date: each with its artifact; where a build made none, which a good one
 * never does, each with what the result says of all.
 */
export async function showOnPackages(
  db: Queries,
  shown: {
    readonly inputId: number;
    readonly resultId: number;
    readonly status: Status;
    readonly artifacts: readonly WrittenArtifact[];
  },
): Promise<void> {
  const whole = shown.artifacts.length === 0 && shown.status !== 'GOOD' ? shown.status : null;
  const rows = await db
    .selectFrom('binary_package')
    .select(['id', 'name', 'version', 'architecture', 'file_name'])
    .where('build_input_id', '=', shown.inputId)
    .execute();
  const key = (...parts: readonly (string | null | undefined)[]): string => JSON.stringify(parts);
  const byName = new Map<string, WrittenArtifact>();
  const byFile = new Map<string, WrittenArtifact>();
  for (const artifact of shown.artifacts) {
    if (artifact.verdict === 'extra') continue;
    byName.set(key(artifact.name, artifact.version, artifact.architecture), artifact);
    byFile.set(artifact.fileName, artifact);
  }
  for (const row of rows) {
    const artifact = byName.get(key(row.name, row.version, row.architecture)) ?? byFile.get(row.file_name);
    await db
      .updateTable('binary_package')
      .set({ status: artifact?.status ?? whole, artifact_id: artifact?.id ?? null, result_id: shown.resultId })
      .where('id', '=', row.id)
      .execute();
  }
}
