import { type SqlBool, sql } from 'kysely';
import { equals, type Term } from '../list-page.ts';
import type { PackageFilter } from './types.ts';

/** The character after every other: what begins with a text lies from it to it with this behind. */
const LAST = '\u{10ffff}';

/** Says of a column with names that it holds what is searched. */
export type NameTerm = (column: string) => Term;

/** What a filter asks of a binary package. `names`: those that hold what is searched, where they are few enough to list. */
export function binaryTerms(filter: PackageFilter, names?: NameTerm): readonly Term[] {
  const { maintainer } = filter;
  return [
    ...originTerms('binary_package', filter),
    ...given(filter.architecture, (value) => equals('binary_package.architecture', value)),
    ...given(filter.source, (value) => equals('binary_package.source', value)),
    ...given(filter.sha256, (value) => equals('binary_package.sha256', value)),
    ...given(filter.status, (status) => hasStatus('binary_package', status)),
    ...given(filter.cause, (cause) => hasCause('binary_package', cause)),
    ...nameTerms('binary_package.name', filter, names),
    ...given(
      maintainer,
      (value): Term =>
        (ref) =>
          sql<SqlBool>`${ref('binary_package.source_package_id')} in (select id from source_package where maintainer = ${value})`,
    ),
  ];
}

/**
 * What a filter asks of a source package itself; what it asks of binaries is asked of any of those it has. `found`: what
 * was looked up before for part of it, where it is few enough to list.
 */
export function sourceTerms(
  filter: PackageFilter,
  found: {
    readonly names?: NameTerm | undefined;
    readonly maintainers?: Term | undefined;
    readonly showing?: Term | undefined;
    readonly regressed?: Term | undefined;
  } = {},
): readonly Term[] {
  const ofBinary =
    (column: 'architecture' | 'sha256') =>
    (value: string): Term =>
    (ref) =>
      sql<SqlBool>`exists (select 1 from binary_package as its_binary
        where its_binary.source_package_id = ${ref('source_package.id')} and ${sql.ref(`its_binary.${column}`)} = ${value})`;
  return [
    ...originTerms('source_package', filter),
    ...given(filter.source, (value) => equals('source_package.name', value)),
    ...given(filter.maintainer, (value) => equals('source_package.maintainer', value)),
    ...given(filter.maintainerHolds, (part) => found.maintainers ?? holdsMaintainer(part)),
    ...(found.showing === undefined ? shownTerms(filter) : [found.showing]),
    ...nameTerms('source_package.name', filter, found.names),
    ...given(filter.architecture, ofBinary('architecture')),
    ...given(filter.sha256, ofBinary('sha256')),
    ...given(filter.status, (status) => hasStatus('source_package', status)),
    ...given(found.regressed, (term) => term),
  ];
}

/** By the expression that the index of statuses is made of. */
export function hasStatus(
  table: 'binary_package' | 'source_package',
  status: NonNullable<PackageFilter['status']>,
): Term {
  const values = status.map((one) => (one === 'none' ? '' : one));
  if (values.length === 0) return () => sql<SqlBool>`1 = 0`;
  return (ref) => sql<SqlBool>`coalesce(${ref(`${table}.status`)}, '') in (${sql.join(values)})`;
}

function holdsMaintainer(part: string): Term {
  return (ref) => sql<SqlBool>`lower(${ref('source_package.maintainer')}) like ${holding(part)} escape '\\'`;
}

/** What a filter asks of the shown result of a source package, beside its status. */
export function shownTerms({ verdict, reason, cause }: PackageFilter): readonly Term[] {
  return [
    ...given(verdict, (value) => shows('verdict', value)),
    ...given(reason, (value) => shows('reason', value)),
    ...given(cause, (value) => hasCause('source_package', value)),
  ];
}

function shows(column: 'verdict' | 'reason', value: string): Term {
  return (ref) => sql<SqlBool>`exists (select 1 from result as its_result
    where its_result.id = ${ref('source_package.result_id')} and ${sql.ref(`its_result.${column}`)} = ${value})`;
}

/** A pattern of `like` for texts that hold this one. */
function holding(part: string): string {
  return `%${part.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/** By what the shown result says of its differences. */
function hasCause(table: 'binary_package' | 'source_package', cause: string): Term {
  return (ref) =>
    sql<SqlBool>`${ref(`${table}.result_id`)} in (select result_id from result_cause where cause = ${cause})`;
}

function originTerms(table: 'binary_package' | 'source_package', filter: PackageFilter): readonly Term[] {
  const { distribution, release, component, name, version, seenOnly } = filter;
  return [
    ...given(distribution, (value) => equals(`${table}.distribution`, value)),
    ...given(release === null ? '' : release, (value) => equals(`${table}.release`, value)),
    ...given(component, (value) => equals(`${table}.component`, value)),
    ...given(name, (value) => equals(`${table}.name`, value)),
    ...given(version, (value) => equals(`${table}.version`, value)),
    ...(seenOnly === true ? [equals(`${table}.seen`, 1)] : []),
  ];
}

function given<Value>(value: Value | undefined, term: (value: Value) => Term): readonly Term[] {
  return value === undefined ? [] : [term(value)];
}

function nameTerms(column: string, filter: PackageFilter, names?: NameTerm): readonly Term[] {
  const { nameStartsWith: start = '', search } = filter;
  const begins: Term = (ref) => sql<SqlBool>`(${ref(column)} >= ${start} and ${ref(column)} < ${start + LAST})`;
  const like = holding(search ?? '');
  const holds: Term =
    names === undefined ? (ref) => sql<SqlBool>`lower(${ref(column)}) like ${like} escape '\\'` : names(column);
  return [...(start === '' ? [] : [begins]), ...(search === undefined ? [] : [holds])];
}
