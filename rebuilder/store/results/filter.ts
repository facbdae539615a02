import { type SqlBool, sql } from 'kysely';
import { equals, oneOf, type Term } from '../list-page.ts';
import type { ResultFilter } from './types.ts';

/** Conditions of a filter by the filter's key. */
export type ResultTerms = Partial<Readonly<Record<keyof ResultFilter, Term>>>;

/** What a filter asks of a result. */
export function resultTerms(filter: ResultFilter): ResultTerms {
  const { distribution, release, component, architecture, name, version, buildInputId, status, change, since } = filter;
  return {
    ...(distribution === undefined ? {} : { distribution: equals('result.distribution', distribution) }),
    ...(release === undefined ? {} : { release: equals('result.release', release ?? '') }),
    ...(architecture === undefined ? {} : { architecture: equals('result.architecture', architecture) }),
    ...(name === undefined ? {} : { name: equals('result.source', name) }),
    ...(version === undefined ? {} : { version: equals('result.version', version) }),
    ...(buildInputId === undefined ? {} : { buildInputId: equals('result.build_input_id', buildInputId) }),
    ...(filter.workerId === undefined ? {} : { workerId: equals('result.worker_id', filter.workerId) }),
    ...(status === undefined ? {} : { status: oneOf('result.status', status) }),
    ...(filter.verdict === undefined ? {} : { verdict: oneOf('result.verdict', filter.verdict) }),
    ...(change === undefined ? {} : { change: oneOf('result.change', change) }),
    ...(since === undefined ? {} : { since: (ref) => sql<SqlBool>`${ref('result.built_at')} >= ${since}` }),
    ...(component === undefined ? {} : { component: equals('result.component', component) }),
  };
}
