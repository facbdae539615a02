import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type ColumnRef, equals, oneOf, type Term } from '../list-page.ts';
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

/** Conditions of which one at most may choose the index: that of an input or a source, which have few results each. */
export function termsToFindBy(filter: ResultFilter, guard: ColumnRef): readonly RawBuilder<SqlBool>[] {
  const terms = resultTerms(filter);
  const least = (['buildInputId', 'name', 'change', 'workerId', 'release'] as const).find(
    (key) => terms[key] !== undefined,
  );
  return Object.entries(terms).map(([key, term]) => term(key === least ? sql.ref : guard));
}
