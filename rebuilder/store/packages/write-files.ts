import type { Queries } from '../database.ts';
import { changeRows } from './change-rows.ts';
import type { Changes, NewFile, NewSource } from './changes.ts';
import { rowInserter } from './insert-rows.ts';
import { pieces } from './pieces.ts';
import type { ListedFile } from './types.ts';
import type { WrittenInputs } from './write-inputs.ts';

const PIECE = 200;

/** The new sources, with their ids in the same order. */
export type WrittenSources = {
  readonly ids: Int32Array;
  readonly of: readonly NewSource[];
  readonly distribution: string;
};

/** `ids` of the binary packages, in no order; `newlyListed` are the inputs that nobody listed before. */
export type WrittenFiles = { readonly ids: readonly number[]; readonly newlyListed: readonly number[] };

type Status = {
  readonly status: string | null;
  readonly artifact_id: number | null;
  readonly result_id: number | null;
};
type Row = Status & {
  readonly source_package_id: number;
  readonly build_input_id: number;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
};

const NO_RESULT: Status = { status: null, artifact_id: null, result_id: null };

/** Puts binary packages in, or finds those that history has. One of an input that has a result begins with its status. */
export async function insertFiles(
  db: Queries,
  files: readonly NewFile[],
  { sources, inputs, now }: { readonly sources: WrittenSources; readonly inputs: WrittenInputs; readonly now: string },
): Promise<WrittenFiles> {
  const before = [...inputs.before];
  const statuses = await statusesOf(db, before);
  const listed = await listedInputs(db, before);
  const insert = rowInserter(db, 'binary_package', ['id']);
  const ids: number[] = [];
  for (const piece of pieces(files, PIECE)) {
    const rows = piece.map(({ source, input, file }) => {
      const own = {
        source_package_id: 'id' in source ? source.id : (sources.ids[source.added] as number),
        build_input_id: inputs.ids[input] as number,
        name: file.name,
        version: file.version,
        architecture: file.architecture,
      };
      return {
        ...own,
        ...described(file),
        sha256: file.sha256 ?? null,
        first_seen_at: now,
        last_seen_at: now,
        seen: 1,
        ...repeated('id' in source ? undefined : sources.of[source.added], sources.distribution),
        ...(statuses.get(artifactKey(own)) ?? NO_RESULT),
      };
    });
    const inserted = await insert(rows);
    if (inserted.length === rows.length) for (const { id } of inserted) ids.push(id);
    else ids.push(...(await seeFilesAgain(db, rows, now)));
  }
  const newlyListed = [...new Set(inputs.ids)].filter((id) => !listed.has(id));
  return { ids, newlyListed };
}

/** What a row repeats of its source; the database does it itself where it is empty. */
function repeated(source: NewSource | undefined, distribution: string) {
  return source === undefined
    ? { distribution: '', release: '', source: '' }
    : { distribution, release: source.release, source: source.name };
}

/** Finds the rows of a piece, some of which were there, and marks these as seen. */
async function seeFilesAgain(
  db: Queries,
  rows: readonly (Row & ReturnType<typeof described>)[],
  now: string,
): Promise<readonly number[]> {
  const wanted = new Map(rows.map((row) => [rowKey(row), row]));
  const there = await db
    .selectFrom('binary_package')
    .select(['id', 'source_package_id', 'build_input_id', 'name', 'version', 'architecture', 'seen'])
    .where('source_package_id', 'in', [...new Set(rows.map((row) => row.source_package_id))])
    .where('build_input_id', 'in', [...new Set(rows.map((row) => row.build_input_id))])
    .execute();
  const found = there.flatMap((row) => {
    const known = wanted.get(rowKey(row));
    return known === undefined ? [] : [{ row, known }];
  });
  const again = found
    .filter(({ row }) => row.seen === 0)
    .map(({ row: { id }, known: { url, file_name, component, size } }) => ({
      id,
      url,
      file_name,
      component,
      size,
      last_seen_at: now,
      seen: 1,
    }));
  await changeRows(db, { table: 'binary_package', numbers: ['size', 'seen'] }, again);
  return found.map(({ row }) => row.id);
}

/** What inputs' other listings say of their files, where they have a result. */
async function statusesOf(db: Queries, inputs: readonly number[]): Promise<ReadonlyMap<string, Status>> {
  const statuses = new Map<string, Status>();
  for (const piece of pieces(inputs, PIECE)) {
    const rows = await db
      .selectFrom('binary_package')
      .select(['build_input_id', 'name', 'version', 'architecture', 'status', 'artifact_id', 'result_id'])
      .where('build_input_id', 'in', piece)
      .where('result_id', 'is not', null)
      .execute();
    for (const row of rows) {
      const { status, artifact_id, result_id } = row;
      statuses.set(artifactKey(row), { status, artifact_id, result_id });
    }
  }
  return statuses;
}

/** Which of these inputs any profile lists. */
export async function listedInputs(db: Queries, inputs: readonly number[]): Promise<ReadonlySet<number>> {
  const listed = new Set<number>();
  for (const piece of pieces(inputs, PIECE)) {
    const rows = await db
      .selectFrom('binary_package')
      .select(['build_input_id', 'seen'])
      .distinct()
      .where('build_input_id', 'in', piece)
      .execute();
    for (const row of rows) if (row.seen === 1) listed.add(row.build_input_id);
  }
  return listed;
}

/** Brings the addresses and sizes of binary packages up to date, as when another mirror is read. */
export async function changeFiles(db: Queries, changes: Changes['fileChanges']): Promise<void> {
  await changeRows(
    db,
    { table: 'binary_package', numbers: ['size'] },
    changes.map(({ id, file }) => ({ id, ...described(file) })),
  );
}

function described(file: ListedFile) {
  return { url: file.url, file_name: file.fileName, component: file.component ?? null, size: file.size ?? null };
}

function artifactKey({ build_input_id, name, version, architecture }: Omit<Row, keyof Status | 'source_package_id'>) {
  return `${build_input_id}/${name}/${version}/${architecture}`;
}

function rowKey(row: Omit<Row, keyof Status>): string {
  return `${row.source_package_id}/${artifactKey(row)}`;
}
