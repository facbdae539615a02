import { type Expression, expressionBuilder, type SqlBool, sql } from 'kysely';
import type { OriginFilter } from '../page.ts';
import type { Tables } from '../tables.ts';
import { onInput, onJob } from './job-rows.ts';
import type { AskFilter, JobFilter } from './types.ts';

type Condition = Expression<SqlBool>;

/**
 * Whether a job is one of those a filter names. Its origin is its lane's and its input's: the release is where its environment comes from.
 * `in order`: for a page of SQLite's, which is found by walking the index of its order; what an index of their own finds would have to be sorted.
 */
export function jobMatches(filter: JobFilter, use: 'anyhow' | 'in order' = 'anyhow'): Condition {
  const eb = onJob();
  const { id, kind, state, workerId, name, version, component } = filter;
  const conditions: Condition[] = [...inLanes(filter, use)];
  if (id !== undefined) conditions.push(eb('job.id', '=', id));
  if (kind !== undefined) conditions.push(eb('job.kind', '=', kind));
  if (state !== undefined)
    conditions.push(eb(use === 'anyhow' ? 'job.state' : sql<string>`+${sql.ref('job.state')}`, '=', state));
  if (workerId !== undefined) conditions.push(eb('job.worker_id', '=', workerId));
  const ofInput = [
    ...named(name, version),
    ...(component === undefined ? [] : [onInput()('build_input.component', '=', component)]),
  ];
  if (ofInput.length > 0) {
    const inputs = eb.selectFrom('build_input').select('build_input.id').where(onInput().and(ofInput));
    conditions.push(eb(use === 'anyhow' ? 'job.build_input_id' : eb('job.build_input_id', '+', 0), 'in', inputs));
  }
  return eb.and(conditions);
}

function inLanes(
  { distribution, release, architecture }: OriginFilter,
  use: 'anyhow' | 'in order',
): readonly Condition[] {
  if (distribution === undefined && release === undefined && architecture === undefined) return [];
  const lane = expressionBuilder<Tables, 'queue_lane'>();
  const conditions: Condition[] = [];
  if (distribution !== undefined) conditions.push(lane('queue_lane.distribution', '=', distribution));
  if (release !== undefined) conditions.push(lane('queue_lane.release', '=', release ?? ''));
  if (architecture !== undefined) conditions.push(lane('queue_lane.architecture', '=', architecture));
  const eb = onJob();
  const lanes = eb.selectFrom('queue_lane').select('queue_lane.id').where(lane.and(conditions));
  // An expression is not what the index holds.
  return [use === 'anyhow' ? eb('job.lane_id', 'in', lanes) : eb(eb('job.lane_id', '+', 0), 'in', lanes)];
}

/** Whether an input is one of those that are asked for. */
export function inputMatches(filter: AskFilter): Condition {
  const eb = onInput();
  const { buildInputId, distribution, architecture, release, component, name, version, status, decidedBefore } = filter;
  const conditions: Condition[] = [...named(name, version)];
  if (buildInputId !== undefined) conditions.push(eb('build_input.id', '=', buildInputId));
  if (distribution !== undefined) conditions.push(eb('build_input.distribution', '=', distribution));
  if (architecture !== undefined) conditions.push(eb('build_input.architecture', '=', architecture));
  if (status !== undefined)
    conditions.push(status === 'none' ? eb('build_input.status', 'is', null) : eb('build_input.status', '=', status));
  if (decidedBefore !== undefined) conditions.push(eb('build_input.decided_at', '<', decidedBefore));
  const old = version !== undefined || buildInputId !== undefined;
  if (!old || release !== undefined || component !== undefined)
    conditions.push(listed({ ...(old ? {} : { seen: 1 }), release, component }));
  return eb.and(conditions);
}

/** By the source's name and version, or those of a binary of it. A union: of two names joined by `or` PostgreSQL looks at every row. */
function named(name: string | undefined, version: string | undefined): readonly Condition[] {
  const eb = onInput();
  if (name === undefined) return version === undefined ? [] : [eb('build_input.version', '=', version)];
  let sources = eb.selectFrom('build_input as named').select('named.id').where('named.source', '=', name);
  let binaries = eb
    .selectFrom('binary_package')
    .select('binary_package.build_input_id as id')
    .where('binary_package.name', '=', name);
  if (version !== undefined) {
    sources = sources.where('named.version', '=', version);
    binaries = binaries.where('binary_package.version', '=', version);
  }
  return [eb('build_input.id', 'in', sources.union(binaries))];
}

function listed(where: {
  readonly release?: string | null | undefined;
  readonly component?: string | undefined;
  readonly seen?: number;
}): Condition {
  const eb = onInput();
  let listing = eb
    .selectFrom('binary_package')
    .innerJoin('source_package', 'source_package.id', 'binary_package.source_package_id')
    .select('binary_package.id')
    .whereRef('binary_package.build_input_id', '=', 'build_input.id');
  if (where.seen !== undefined) listing = listing.where('binary_package.seen', '=', where.seen);
  if (where.release !== undefined) listing = listing.where('source_package.release', '=', where.release ?? '');
  if (where.component !== undefined) listing = listing.where('binary_package.component', '=', where.component);
  return eb.exists(listing);
}
