import { STAGES, type StageName, type TargetRequest } from '../../model/index.ts';
import type { Queries } from './database.ts';
import type { RebuildRequest, RebuildSummary } from './types.ts';

/** A rebuild's row with what is known of its target and verdict beside it. */
export function summaryRows(db: Queries) {
  return db
    .selectFrom('rebuild')
    .leftJoin('target', 'target.rebuild_id', 'rebuild.id')
    .leftJoin('record', 'record.rebuild_id', 'rebuild.id')
    .select(['rebuild.id', 'rebuild.created_at', 'rebuild.request'])
    .select(['target.source', 'target.version', 'target.suite', 'target.architecture'])
    .select(['record.verdict', 'record.reason']);
}

export type SummaryRow = Awaited<ReturnType<ReturnType<typeof summaryRows>['execute']>>[number];

/** The summaries of rows, in their order, with the furthest stage of each looked up. */
export async function summarize(db: Queries, rows: readonly SummaryRow[]): Promise<readonly RebuildSummary[]> {
  const stages = await lastStages(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    request: JSON.parse(row.request) as RebuildRequest,
    state: row.verdict === null ? 'unfinished' : 'recorded',
    ...known('lastStage', stages.get(row.id)),
    ...known('source', row.source),
    ...known('version', row.version),
    ...known('suite', row.suite),
    ...known('architecture', row.architecture),
    ...known('verdict', row.verdict),
    ...known('reason', row.reason),
  }));
}

// Databases limit a statement's parameters; PostgreSQL's wire format to 65,535, SQLite by default to 32,766.
const IDS_AT_ONCE = 1000;

async function lastStages(db: Queries, ids: readonly string[]): Promise<ReadonlyMap<string, StageName>> {
  const last = new Map<string, StageName>();
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
    const some = ids.slice(start, start + IDS_AT_ONCE);
    const rows = await db.selectFrom('stage').select(['rebuild_id', 'stage']).where('rebuild_id', 'in', some).execute();
    for (const { rebuild_id, stage } of rows) {
      const known = last.get(rebuild_id);
      if (known === undefined || stageOrder(stage) > stageOrder(known)) last.set(rebuild_id, stage as StageName);
    }
  }
  return last;
}

/** A stage's place among STAGES. */
export function stageOrder(stage: string): number {
  return STAGES.indexOf(stage as StageName);
}

/** What a request itself says of its target: enough to find it by while nothing is known yet. */
export function askedFor(target: TargetRequest): {
  readonly asked_name: string | null;
  readonly asked_suite: string | null;
} {
  return { asked_name: target.kind === 'name' ? target.name : null, asked_suite: target.suite ?? null };
}

function known<K extends string, V>(key: K, value: V | null | undefined): { readonly [name in K]?: V } {
  return (value === null || value === undefined ? {} : { [key]: value }) as { readonly [name in K]?: V };
}
