import { type SqlBool, sql } from 'kysely';
import { equals, oneOf, type Term } from '../list-page.ts';
import type { PackageFilter } from './types.ts';

/** The character after every other: what begins with a text lies from it to it with this behind. */
const LAST = '\u{10ffff}';

/** What a filter asks of a binary package. `names` are those that hold what is searched, where they are few enough to list. */
export function binaryTerms(filter: PackageFilter, names?: readonly string[]): readonly Term[] {
  const { maintainer } = filter;
  return [
    ...originTerms('binary_package', filter),
    ...given(filter.architecture, (value) => equals('binary_package.architecture', value)),
    ...given(filter.source, (value) => equals('binary_package.source', value)),
    ...given(filter.sha256, (value) => equals('binary_package.sha256', value)),
    ...given(filter.status, (status) => hasStatus('binary_package', status)),
    ...nameTerms('binary_package.name', filter, names),
    ...given(
      maintainer,
      (value): Term =>
        (ref) =>
          sql<SqlBool>`${ref('binary_package.source_package_id')} in (select id from source_package where maintainer = ${value})`,
    ),
  ];
}

/** What a filter asks of a source package itself; what it asks of binaries is asked of any of those it has. */
export function sourceTerms(filter: PackageFilter, names?: readonly string[]): readonly Term[] {
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
    ...nameTerms('source_package.name', filter, names),
    ...given(filter.architecture, ofBinary('architecture')),
    ...given(filter.sha256, ofBinary('sha256')),
    ...given(filter.status, (status) => hasStatus('source_package', status)),
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

function nameTerms(column: string, filter: PackageFilter, names?: readonly string[]): readonly Term[] {
  const { nameStartsWith: start = '', search } = filter;
  const begins: Term = (ref) => sql<SqlBool>`(${ref(column)} >= ${start} and ${ref(column)} < ${start + LAST})`;
  const like = `%${search?.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
  const holds: Term =
    names === undefined ? (ref) => sql<SqlBool>`lower(${ref(column)}) like ${like} escape '\\'` : oneOf(column, names);
  return [...(start === '' ? [] : [begins]), ...(search === undefined ? [] : [holds])];
}
